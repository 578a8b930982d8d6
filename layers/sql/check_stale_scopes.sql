-- Purpose: rows whose number in the tree is not that of the place they name.
-- Parameters: none.
-- Index used: building_pkey, unit_pkey, grid_pkey.
SELECT x.identifier, x.layer AS other, x.scope::float AS measure
FROM (
    SELECT u.identifier, 'unit' AS layer, u.scope, b.scope AS place
    FROM unit u JOIN building b ON b.id = u.building_id
    UNION ALL
    SELECT h.identifier, 'household', h.scope, coalesce(u.scope, b.scope)
    FROM household h LEFT JOIN unit u ON u.id = h.unit_id LEFT JOIN building b ON b.id = h.building_id
    UNION ALL
    SELECT y.identifier, 'residency', y.scope, coalesce(u.scope, b.scope)
    FROM residency y LEFT JOIN unit u ON u.id = y.unit_id LEFT JOIN building b ON b.id = y.building_id
    UNION ALL
    SELECT b.identifier, 'building', b.scope, g.scope
    FROM building b JOIN grid g ON g.id = b.grid_id
) x
WHERE x.place IS NOT NULL AND x.scope <> x.place
ORDER BY x.layer, x.identifier
