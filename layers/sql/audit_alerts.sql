-- Purpose: what an auditor is to look at: harvesting, probing, single stalkers, nights, kin, samples.
-- Parameters: since, zone, harvest (persons an hour), probes (misses an hour), thrice (openings).
-- Index used: audit_event_at_idx; resident_identifier_key; resident_name_fold_idx.
WITH opened AS (
    SELECT id, at, actor, role, action, "case", subjects, mac,
           "case" IS NULL OR line LIKE '%"note":"no case"%' AS loose
    FROM audit_event
    WHERE at >= :since AND role <> 'machine'
      AND action IN ('person-by-id', 'person-by-phone', 'person-by-name', 'occupants', 'reveal')
      AND line NOT LIKE '%"note":"refused"%'
), one AS (
    SELECT o.id, o.at, o.actor, o.role, o.loose, s.subject
    FROM opened o CROSS JOIN LATERAL unnest(o.subjects) AS s (subject)
), many AS (
    SELECT actor FROM one WHERE loose GROUP BY actor HAVING count(DISTINCT subject) >= :harvest
), homes AS (
    SELECT p.identifier, p.name, p.household_id, coalesce(y.building_id, u.building_id) AS building
    FROM resident p
    LEFT JOIN residency y ON y.resident_id = p.id AND y.valid_to IS NULL
    LEFT JOIN unit u ON u.id = y.unit_id
    WHERE p.id IN (SELECT id FROM resident WHERE identifier IN (SELECT subject FROM one)
                   UNION ALL
                   SELECT id FROM resident WHERE name_fold IN (SELECT actor FROM opened))
), kin AS (
    SELECT one.id, one.at, one.actor, one.role, one.subject,
           bool_or(own.household_id = seen.household_id OR own.identifier = seen.identifier)
               AS household,
           bool_or(own.building = seen.building) AS building,
           bool_or(seen.name IN (SELECT name FROM app_user)) AS colleague
    FROM one
    JOIN homes seen ON seen.identifier = one.subject
    LEFT JOIN homes own ON own.name = one.actor
    GROUP BY 1, 2, 3, 4, 5
)
SELECT 'harvesting' AS kind, actor, max(role) AS role, max(id) AS event_id, max(at) AS at,
       max(persons) AS count, NULL AS subject
FROM (SELECT o.id, o.at, o.actor, o.role, (
          SELECT count(DISTINCT b.subject) FROM one b
          WHERE b.actor = o.actor AND b.loose AND b.at BETWEEN o.at - interval '1 hour' AND o.at
      ) AS persons
      FROM opened o WHERE o.loose AND o.actor IN (SELECT actor FROM many)) AS hours
WHERE persons >= :harvest GROUP BY actor
UNION ALL
SELECT 'probing', actor, max(role), max(id), max(at), max(misses), NULL
FROM (SELECT id, at, actor, role, count(*) OVER (
          PARTITION BY actor ORDER BY at RANGE interval '1 hour' PRECEDING) AS misses
      FROM opened WHERE action = 'person-by-id' AND cardinality(subjects) = 0) AS hours
WHERE misses >= :probes GROUP BY actor
UNION ALL
SELECT 'thrice', actor, max(role), max(id), max(at), count(DISTINCT id), subject
FROM one WHERE loose GROUP BY actor, subject HAVING count(DISTINCT id) >= :thrice
UNION ALL
SELECT 'night', actor, role, id, at, cardinality(subjects), NULL
FROM opened
WHERE loose AND cardinality(subjects) > 0
  AND (extract(hour FROM at AT TIME ZONE :zone) >= 22
       OR extract(hour FROM at AT TIME ZONE :zone) < 6)
UNION ALL
SELECT CASE WHEN household THEN 'household' WHEN building THEN 'building' ELSE 'colleague' END,
       actor, role, id, at, 1, subject
FROM kin WHERE household OR building OR colleague
UNION ALL
-- Two in a hundred: the keyed hash decides, so that nobody can tell beforehand which.
SELECT 'sample', actor, role, id, at, cardinality(subjects), NULL
FROM opened
WHERE cardinality(subjects) > 0 AND get_byte(mac, 0) * 256 + get_byte(mac, 1) < 1311
UNION ALL
SELECT 'break_glass', actor, role, id, at, cardinality(subjects), NULL
FROM audit_event WHERE at >= :since AND action LIKE 'break-glass%'
