-- Purpose: buildings as the scene draws them, in metres: footprint, height, tops of storeys.
-- Parameters: :srid the metric CRS; :area EWKT (4326) to narrow to, or NULL for everything.
-- Index used: building_geometry_idx when :area is given; storey_building_id_index_idx.
CREATE TEMP TABLE scene_solid ON COMMIT DROP AS
SELECT b.id AS building_id,
       ST_Transform(b.geometry, :srid) AS shape,
       b.drawn AS height,
       coalesce(s.tops, ARRAY(
           SELECT (b.drawn * n / b.storeys)::real FROM generate_series(1, b.storeys) n)) AS tops
FROM (
    SELECT id, geometry, drawn, least(greatest(
               coalesce(storeys_above_ground, round(drawn / 3)::int), 1), 200) AS storeys
    FROM (
        -- 3 m a storey, and one storey, where nothing better is known.
        SELECT *, coalesce(height, 3.0 * greatest(storeys_above_ground, 1), 3.0) AS drawn
        FROM building
        WHERE ST_Dimension(geometry) = 2
          AND (valid_from IS NULL OR valid_from <= now())
          AND (valid_to IS NULL OR valid_to > now())
          AND (cast(:area AS text) IS NULL OR geometry && ST_GeomFromEWKT(:area))
    ) known
) b
LEFT JOIN LATERAL (
    SELECT array_agg(top_m::real ORDER BY top_m) AS tops
    FROM storey
    WHERE building_id = b.id AND index >= 1 AND top_m > 0 AND top_m <= b.drawn + 0.1
      AND (valid_to IS NULL OR valid_to > now())
) s ON true;
CREATE INDEX ON scene_solid USING gist (shape);
ANALYZE scene_solid;
