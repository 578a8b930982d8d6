-- Purpose: residents with two residencies of one kind, neither reported nor disputed, at a time.
-- Parameters: none.
-- Index used: residency_resident_id_idx.
SELECT r.identifier, a.kind AS other, count(*)::float AS measure
FROM residency a
JOIN residency b ON b.resident_id = a.resident_id AND b.kind = a.kind AND b.id > a.id
JOIN resident r ON r.id = a.resident_id
WHERE coalesce(a.state, 'confirmed') = 'confirmed' AND coalesce(b.state, 'confirmed') = 'confirmed'
  AND coalesce(a.valid_to, 'infinity') > coalesce(b.valid_from, '-infinity')
  AND coalesce(b.valid_to, 'infinity') > coalesce(a.valid_from, '-infinity')
GROUP BY r.identifier, a.kind
ORDER BY r.identifier
