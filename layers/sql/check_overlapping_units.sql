-- Purpose: pairs of units of one building that share more than :tolerance m² at one height.
-- Parameters: tolerance, srid (the metric CRS).
-- Index used: unit_building_id_idx, by building.
SELECT a.identifier, b.identifier AS other, round(o.area::numeric, 1)::float AS measure
FROM unit a
JOIN unit b ON b.building_id = a.building_id AND b.id > a.id
           AND b.base_m < a.top_m AND a.base_m < b.top_m AND b.geometry && a.geometry
CROSS JOIN LATERAL (
    SELECT ST_Area(ST_Transform(ST_CollectionExtract(
        ST_Intersection(a.geometry, b.geometry), 3), CAST(:srid AS integer))) AS area
) o
WHERE a.valid_to IS NULL AND b.valid_to IS NULL
  AND ST_Intersects(a.geometry, b.geometry) AND o.area > :tolerance
ORDER BY o.area DESC, a.id, b.id
