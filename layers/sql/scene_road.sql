-- Purpose: streets as areas as wide as their class, so that widths hold in a tilted view.
-- Parameters: :srid the metric CRS; :widths JSON, metres by class; :usual metres else;
--             :area EWKT (4326) or NULL.
-- Index used: street_geometry_idx when :area is given.
INSERT INTO scene_road (class, geom_3857)
WITH line AS (
    SELECT ST_Transform(geometry, :srid) AS geom, street_class = 'main' AS major,
           coalesce((cast(:widths AS jsonb) ->> street_class)::float, :usual) / 2 AS half
    FROM street
    WHERE ST_Dimension(geometry) = 1
      AND (valid_from IS NULL OR valid_from <= now())
      AND (valid_to IS NULL OR valid_to > now())
      AND (cast(:area AS text) IS NULL OR geometry && ST_GeomFromEWKT(:area))
)
SELECT class, ST_Transform(ST_Subdivide(geom, 200), 3857)
FROM (
    SELECT 'casing' AS class, ST_Union(ST_Buffer(geom, half + 0.8, 'quad_segs=4')) AS geom
    FROM line
    UNION ALL
    SELECT 'road', ST_Union(ST_Buffer(geom, half, 'quad_segs=4')) FROM line
    UNION ALL
    SELECT 'major', ST_Union(ST_Buffer(geom, half, 'quad_segs=4')) FROM line WHERE major
) area
WHERE geom IS NOT NULL;
