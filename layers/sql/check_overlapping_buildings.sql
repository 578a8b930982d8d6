-- Purpose: pairs of present buildings whose footprints overlap by more than :tolerance m².
-- Parameters: tolerance, srid (the metric CRS).
-- Index used: building_geometry_idx, from each building to its neighbours.
SELECT a.identifier, b.identifier AS other,
       round(o.area::numeric, 1)::float AS measure
FROM building a
JOIN building b ON b.id > a.id AND b.geometry && a.geometry
CROSS JOIN LATERAL (
    SELECT ST_Area(ST_Transform(ST_CollectionExtract(
        ST_Intersection(a.geometry, b.geometry), 3), CAST(:srid AS integer))) AS area
) o
WHERE ST_Dimension(a.geometry) = 2 AND ST_Dimension(b.geometry) = 2
  AND a.valid_to IS NULL AND b.valid_to IS NULL
  AND ST_Intersects(a.geometry, b.geometry) AND o.area > :tolerance
ORDER BY o.area DESC, a.id, b.id
