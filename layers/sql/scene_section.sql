-- Purpose: where the label of an entrance stands on the roof: amid the units it leads to,
--          else at the door.
-- Parameters: none.
-- Index used: unit_entrance_id_idx where few buildings are drawn anew.
INSERT INTO scene_section (entrance_id, building_id, height, geom_3857)
SELECT e.id, e.building_id, b.height, ST_Transform(coalesce(u.middle, e.geometry), 3857)
FROM entrance e
JOIN scene_solid b USING (building_id)
LEFT JOIN (
    SELECT entrance_id, ST_Centroid(ST_Collect(ST_Centroid(geometry))) AS middle
    FROM unit
    WHERE geometry IS NOT NULL AND base_m >= 0 AND building_id IN (
        SELECT building_id FROM scene_solid)
    GROUP BY entrance_id
) u ON u.entrance_id = e.id
WHERE coalesce(u.middle, e.geometry) IS NOT NULL
  AND (e.valid_to IS NULL OR e.valid_to > now());
