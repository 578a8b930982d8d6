-- Purpose: the community of compounds that name none, and the scope of all compounds.
-- Parameters: none; run after the division tree is numbered.
-- Index used: idx_division_geometry.
WITH found AS (
    SELECT c.id, coalesce(c.community_id, (
        SELECT d.id FROM division d
        WHERE c.geometry IS NOT NULL AND d.valid_to IS NULL
          AND ST_Covers(d.geometry, ST_PointOnSurface(c.geometry))
        ORDER BY d.high - d.low LIMIT 1)) AS community_id
    FROM compound c
)
UPDATE compound c SET scope = d.low
FROM found f JOIN division d ON d.id = f.community_id
WHERE f.id = c.id AND c.scope <> d.low;
