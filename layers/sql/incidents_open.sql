-- Purpose: open incidents as points of the map, without a word of their text. What concerns a
--          dwelling is told as a count of its building only (the case's handler knows more).
-- Parameters: none.
-- Index used: building_pkey, compound_pkey; open incidents are few.
WITH known AS (
    SELECT i.identifier, i.service_code, i.status, i.geometry, i.requested_at,
           i.unit_id IS NOT NULL AS inside, b.identifier AS building,
           b.geometry AS footprint, concat(c.name, coalesce(b.label, b.name)) AS place,
           c.geometry AS ground,
           coalesce(o.finish_due < now() AND o.done_at IS NULL, false) AS overdue,
           coalesce(b.height, 3.0 * greatest(b.storeys_above_ground, 1)) AS height
    FROM incident i
    LEFT JOIN incident_order o ON o.incident_id = i.id
    LEFT JOIN unit u ON u.id = i.unit_id
    LEFT JOIN building b ON b.id = coalesce(i.building_id, u.building_id)
    LEFT JOIN compound c ON c.id = coalesce(i.compound_id, b.compound_id)
    WHERE coalesce(i.status, 'open') NOT IN ('closed', 'rejected')
      AND (i.valid_to IS NULL OR i.valid_to > now())
), placed AS (
    SELECT *, CASE WHEN inside OR geometry IS NULL
                   THEN ST_PointOnSurface(coalesce(footprint, ground))
                   ELSE ST_PointOnSurface(geometry) END AS spot
    FROM known
)
SELECT identifier, service_code, status, building, place, 1 AS number, coalesce(height, 0) AS height,
       overdue, requested_at, ST_X(spot) AS lon, ST_Y(spot) AS lat
FROM placed
WHERE spot IS NOT NULL AND NOT inside
UNION ALL
SELECT building, NULL, NULL, building, max(place), count(*), max(coalesce(height, 0)),
       bool_or(overdue), NULL,
       ST_X(min(spot::text)::geometry), ST_Y(min(spot::text)::geometry)
FROM placed
WHERE spot IS NOT NULL AND inside AND building IS NOT NULL
GROUP BY building
ORDER BY requested_at DESC NULLS LAST
LIMIT 5000
