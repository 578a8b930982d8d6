-- Purpose: communities whose grids leave more than :tolerance m² uncovered, doubled or outside.
-- Parameters: tolerance, srid (the metric CRS).
-- Index used: grid_community_id_idx.
WITH part AS (
    SELECT c.id, c.identifier, ST_Transform(c.geometry, CAST(:srid AS integer)) AS whole,
           ST_Union(ST_Transform(g.geometry, CAST(:srid AS integer))) AS grids,
           sum(ST_Area(ST_Transform(g.geometry, CAST(:srid AS integer)))) AS areas
    FROM division c JOIN grid g ON g.community_id = c.id
    WHERE c.valid_to IS NULL AND g.valid_to IS NULL
      AND ST_Dimension(c.geometry) = 2 AND ST_Dimension(g.geometry) = 2
    GROUP BY c.id
), fault AS (
    SELECT id, identifier, ST_Area(ST_SymDifference(whole, grids)) + areas - ST_Area(grids) AS area
    FROM part
)
SELECT identifier, NULL::text AS other, round(area::numeric, 1)::float AS measure
FROM fault WHERE area > :tolerance
ORDER BY area DESC, id
