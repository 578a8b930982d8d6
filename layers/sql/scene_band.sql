-- Purpose: the outline from which bands are raised at the top of every storey.
-- Parameters: :proud metres by which a band stands out of the wall.
-- Index used: none, every solid is read once.
INSERT INTO scene_band (building_id, tops, geom_3857)
SELECT building_id, tops, ST_Transform(ST_Buffer(shape, :proud, 'join=mitre'), 3857)
FROM scene_solid
WHERE ST_NPoints(shape) < 500;
