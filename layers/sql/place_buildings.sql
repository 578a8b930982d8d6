-- Purpose: the grid and the scope of buildings: the grid given by order, else the grid that
--          covers the building's inner point, else the scope of its community or compound.
-- Parameters: none; run after compounds are placed.
-- Index used: idx_grid_geometry, idx_division_geometry.
WITH inner_point AS (
    SELECT id, given_grid_id, community_id, compound_id,
           ST_PointOnSurface(geometry) AS point FROM building
), found AS (
    SELECT b.id, coalesce(b.given_grid_id, g.id) AS grid_id,
           coalesce(own.scope, g.scope, d.low, c.scope, s.low, 0) AS scope
    FROM inner_point b
    LEFT JOIN grid own ON own.id = b.given_grid_id
    LEFT JOIN LATERAL (
        SELECT id, scope FROM grid
        WHERE b.given_grid_id IS NULL AND valid_to IS NULL AND ST_Covers(geometry, b.point)
        ORDER BY kind = 'exclusive' DESC, id LIMIT 1) g ON true
    LEFT JOIN division d ON d.id = b.community_id
    LEFT JOIN compound c ON c.id = b.compound_id AND c.scope <> 0
    LEFT JOIN LATERAL (
        SELECT low FROM division
        WHERE d.id IS NULL AND c.id IS NULL AND g.id IS NULL AND own.id IS NULL
          AND valid_to IS NULL AND ST_Covers(geometry, b.point)
        ORDER BY high - low LIMIT 1) s ON true
)
UPDATE building b SET grid_id = f.grid_id, scope = f.scope
FROM found f
WHERE f.id = b.id AND (b.grid_id IS DISTINCT FROM f.grid_id OR b.scope <> f.scope);
