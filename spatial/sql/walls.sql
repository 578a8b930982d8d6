-- Purpose: the second wall (docs/decisions/two-walls.md): rows of persons are there for those
--          only whose transaction carries a scope that the application has signed.
-- Parameters: doorplate.scope, local to the transaction: numbers.expires.who.hmac
-- Index used: residency_resident_id_idx, and those of the query itself.

-- The key by which signatures are checked; only the owner of the function below reads it.
CREATE TABLE IF NOT EXISTS wall_key (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    key bytea NOT NULL
);
REVOKE ALL ON wall_key FROM PUBLIC;

-- Return the numbers that this transaction may see; NULL without a good signature. One value, so
-- that a policy asks once a query: each check of a signature costs more than many rows.
CREATE OR REPLACE FUNCTION doorplate_reach() RETURNS int8multirange
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    -- After SET LOCAL a setting becomes '' and not NULL.
    said text := nullif(current_setting('doorplate.scope', true), '');
    payload text := left(said, -65);  -- 64 digits and the point before them
    found text;
BEGIN
    IF said IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT encode(hmac(convert_to(payload, 'UTF8'), key, 'sha256'), 'hex') INTO found FROM wall_key;
    -- Only what the application has signed is read any further.
    IF found IS DISTINCT FROM right(said, 64)
       OR to_timestamp(split_part(payload, '.', 2)::float8) < clock_timestamp() THEN
        RETURN NULL;
    END IF;
    RETURN split_part(payload, '.', 1)::int8multirange;
END $$;

-- Enter a transaction: take the signed scope, and the role where the database has it.
CREATE OR REPLACE FUNCTION doorplate_enter(wanted text, said text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('doorplate.scope', said, true);
    IF wanted = 'none' THEN
        PERFORM set_config('role', 'none', true);
    ELSIF to_regrole(wanted) IS NOT NULL
          AND pg_has_role(session_user, to_regrole(wanted), 'MEMBER') THEN
        PERFORM set_config('role', wanted, true);
    END IF;
END $$;

-- Return the agency that this transaction acts for, which the signed scope of a handler names.
CREATE OR REPLACE FUNCTION doorplate_agency() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
-- A backup reads with an empty search path, and through the policies.
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN doorplate_reach() IS NOT NULL THEN nullif(split_part(split_part(
        current_setting('doorplate.scope', true), '.', 3), ':', 3), '') END
$$;

-- Return the words of incidents: those of the signed area, and of the signed agency's own orders.
-- No role may read these columns by itself.
CREATE OR REPLACE FUNCTION incident_words(wanted bigint[])
RETURNS TABLE (id bigint, description text, address text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT i.id, i.description, i.address FROM incident i
    LEFT JOIN incident_order o ON o.incident_id = i.id
    WHERE i.id = ANY (wanted) AND (
        i.scope <@ (SELECT doorplate_reach())
        OR (SELECT doorplate_agency()) = ANY (array_prepend(o.owner, o.helpers)))
$$;

-- The numbers of an area, or of each single grid. A query's own filter on the bigint is leakproof,
-- so that indexes go on serving.
DO $$
DECLARE
    reach constant text := 'scope <@ (SELECT doorplate_reach())';
    -- A person also belongs where one of their residencies is, of which the wall shows its own.
    tied constant text := ' OR EXISTS (SELECT FROM residency y WHERE y.resident_id = %I.id)';
    everywhere constant text := '(SELECT doorplate_reach()) = ''{(,)}''::int8multirange';
    -- The words of an order are also its own agency's.
    ours constant text := ' OR EXISTS (SELECT FROM incident_order o WHERE o.incident_id = '
                          '%I.incident_id AND (SELECT doorplate_agency()) '
                          '= ANY (array_prepend(o.owner, o.helpers)))';
    name text;
    seen text;
BEGIN
    FOREACH name IN ARRAY ARRAY['incident_note', 'incident_caller', 'incident_photo'] LOOP
        CONTINUE WHEN to_regclass(name) IS NULL;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS wall ON %I', name);
        EXECUTE format('CREATE POLICY wall ON %I USING (%s) WITH CHECK (%s)', name,
                       reach || format(ours, name), reach || format(ours, name));
    END LOOP;
    FOREACH name IN ARRAY ARRAY['residency', 'residency_history', 'household',
                                'household_history', 'resident', 'resident_history',
                                'tenancy', 'tenancy_history', 'help_contact', 'visit', 'visit_photo',
                                'review_item', 'source_pair'] LOOP
        CONTINUE WHEN to_regclass(name) IS NULL;
        -- A question whose answers lie in no one division is for those of everywhere.
        seen := CASE WHEN name IN ('review_item', 'source_pair')
                     THEN everywhere || ' OR ' || reach ELSE reach END;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS wall ON %I', name);
        EXECUTE format('CREATE POLICY wall ON %I USING (%s) WITH CHECK (%s)', name,
                       seen || CASE WHEN name LIKE 'resident%' THEN format(tied, name) ELSE '' END,
                       seen);
    END LOOP;
END $$;

-- What checked signatures before; no policy asks it any more.
DROP FUNCTION IF EXISTS doorplate_scope();
