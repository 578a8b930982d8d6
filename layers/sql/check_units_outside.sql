-- Purpose: present units of which more than :tolerance m² lie out of their building's footprint.
-- Parameters: tolerance, srid (the metric CRS).
-- Index used: building_pkey.
SELECT u.identifier, b.identifier AS other, round(o.area::numeric, 1)::float AS measure
FROM unit u
JOIN building b ON b.id = u.building_id AND ST_Dimension(b.geometry) = 2
CROSS JOIN LATERAL (
    SELECT ST_Area(ST_Transform(ST_CollectionExtract(
        ST_Difference(u.geometry, b.geometry), 3), CAST(:srid AS integer))) AS area
) o
WHERE u.valid_to IS NULL AND u.geometry IS NOT NULL
  AND NOT ST_CoveredBy(u.geometry, b.geometry) AND o.area > :tolerance
ORDER BY o.area DESC, u.id
