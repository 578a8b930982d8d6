-- Purpose: ambient occlusion: three rings of shade on the ground round every wall.
-- Parameters: :rings distances in metres.
-- Index used: that of scene_solid, for the footprints of a piece.
INSERT INTO scene_ao (ring, geom_3857)
WITH pieces AS (
    SELECT r, ST_Subdivide(ST_Union(ST_Buffer(ST_Simplify(shape, 0.15, true), r,
                                              'quad_segs=3')), 200) AS geom
    FROM scene_solid, unnest(cast(:rings AS float[])) r
    GROUP BY r
)
SELECT p.r, ST_Transform(part.geom, 3857)
FROM pieces p
CROSS JOIN LATERAL (
    SELECT ST_Union(s.shape) AS held FROM scene_solid s WHERE s.shape && p.geom
) under
CROSS JOIN LATERAL ST_Dump(coalesce(ST_Difference(p.geom, under.held), p.geom)) part
WHERE ST_Dimension(part.geom) = 2;
