-- Purpose: what the sun in the south-west leaves dark: each footprint swept to the north-east,
--          unioned so that shadows never add up, less the footprints themselves.
-- Parameters: :reach length of a shadow per metre of height; :tallest metres that still count.
-- Index used: that of scene_solid, for the footprints of a piece.
INSERT INTO scene_shadow (geom_3857)
WITH swept AS (
    SELECT ST_Union(ARRAY[shape, ST_Translate(shape, d, d)] || ARRAY(
               SELECT ST_ConvexHull(ST_Collect(edge.geom, ST_Translate(edge.geom, d, d)))
               FROM ST_DumpSegments(shape) edge)) AS geom
    FROM (SELECT ST_SimplifyPreserveTopology(shape, 0.3) AS shape,
                 least(height, :tallest) * :reach AS d
          FROM scene_solid) one
    WHERE ST_NPoints(shape) < 2000
), pieces AS (
    SELECT ST_Subdivide(ST_Union(geom), 200) AS geom FROM swept
)
SELECT ST_Transform(part.geom, 3857)
FROM pieces p
CROSS JOIN LATERAL (
    SELECT ST_Union(s.shape) AS held FROM scene_solid s WHERE s.shape && p.geom
) under
CROSS JOIN LATERAL ST_Dump(coalesce(ST_Difference(p.geom, under.held), p.geom)) part
WHERE ST_Dimension(part.geom) = 2;
