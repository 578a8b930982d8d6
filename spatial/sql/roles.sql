-- Purpose: what each role of the database may do; all of it is granted anew each time.
--          spatial/sql/grants.txt repeats it, and a test compares that with the catalogue.
-- Parameters: none. Where roles are missing and this user may not make them, nothing happens: the
--          registry then works with the owner's role alone, which FORCE binds all the same.
-- Index used: none.
DO $$
DECLARE
    name text;
    mine constant text[] := ARRAY[
        'doorplate_app', 'doorplate_tiles', 'doorplate_import',
        'doorplate_audit_writer', 'doorplate_audit_sealer'];
    persons constant text[] := ARRAY[
        'resident', 'resident_history', 'residency', 'residency_history',
        'household', 'household_history', 'tenancy', 'tenancy_history', 'review_item',
        'source_pair'];
    -- What a supervisor writes when a visit's findings are accepted; nothing is ever deleted.
    settled constant text[] := ARRAY['resident', 'residency'];
    -- What maps, tiles and exports of places are drawn from.
    places constant text[] := ARRAY[
        'division', 'grid', 'street', 'compound', 'building', 'entrance', 'storey', 'unit',
        'plate', 'facility', 'ground', 'organization', 'premises',
        'agency', 'service', 'site_check', 'patrol', 'calendar_day'];
    kept constant text[] := ARRAY[
        'scene_ao', 'scene_band', 'scene_road', 'scene_section', 'scene_shadow',
        'registry_state'];
    -- Of an incident the map shows what and at which building, never its text or the dwelling.
    told constant text[] := ARRAY['description', 'address'];
    home constant text[] := ARRAY['unit_id', 'source', 'source_id', 'reason', 'recorded_by',
                                  'external_number', 'entrance_id', 'storey_id', 'height'];
    accounts constant text := '^(app_user|api_token|assignment|web_session|sign_in_failure|'
                              'oidc_request|second_factor|recovery_code|saved_view)$';
BEGIN
    IF (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        FOREACH name IN ARRAY mine LOOP
            IF to_regrole(name) IS NULL THEN
                EXECUTE format('CREATE ROLE %I', name);
            END IF;
            EXECUTE format('GRANT %I TO %I', name, current_user);
        END LOOP;
        GRANT doorplate_tiles, doorplate_audit_writer TO doorplate_app;
        GRANT doorplate_audit_writer TO doorplate_import;
    END IF;
    IF EXISTS (SELECT FROM unnest(mine) one WHERE to_regrole(one) IS NULL) THEN
        RETURN;
    END IF;

    REVOKE ALL ON ALL TABLES IN SCHEMA public FROM doorplate_app, doorplate_tiles,
        doorplate_import, doorplate_audit_writer, doorplate_audit_sealer;
    -- Staging tables are made by the importer; everything else is made by the owner.
    GRANT CREATE ON SCHEMA public TO doorplate_import;
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                AND relkind IN ('r', 'p') AND relowner = current_user::regrole
                AND relname !~ '^(stage_|wall_key|alembic_version)' ORDER BY 1 LOOP
        IF name IN ('audit_event', 'audit_leaf', 'audit_head', 'audit_pending') THEN
            EXECUTE format('GRANT SELECT ON %I TO doorplate_audit_writer, '
                           'doorplate_audit_sealer', name);
            IF name = 'audit_event' THEN
                EXECUTE format('GRANT INSERT ON %I TO doorplate_audit_writer', name);
            ELSE
                EXECUTE format('GRANT INSERT, DELETE ON %I TO doorplate_audit_sealer', name);
            END IF;
        ELSIF name ~ accounts THEN
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO doorplate_app', name);
        ELSIF name = ANY (persons) THEN
            EXECUTE format('GRANT %s ON %I TO doorplate_app', CASE
                WHEN name = ANY (settled) THEN 'SELECT, INSERT, UPDATE'
                WHEN regexp_replace(name, '_history$', '') = ANY (settled) THEN 'SELECT, INSERT'
                ELSE 'SELECT' END, name);
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO doorplate_import', name);
            IF name = 'review_item' THEN
                GRANT UPDATE (choice, decided, decided_by) ON review_item TO doorplate_app;
            ELSIF name = 'source_pair' THEN
                GRANT UPDATE (same, decided, decided_by) ON source_pair TO doorplate_app;
            END IF;
        ELSE
            -- What once was is added to; the scene is drawn by the importer.
            EXECUTE format('GRANT %s ON %I TO doorplate_app', CASE
                WHEN name LIKE '%\_history' THEN 'SELECT, INSERT'
                WHEN name LIKE 'scene\_%' THEN 'SELECT'
                -- The log of orders is only ever added to.
                WHEN name IN ('incident_event', 'incident_note') THEN 'SELECT, INSERT'
                ELSE 'SELECT, INSERT, UPDATE, DELETE' END, name);
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO doorplate_import', name);
        END IF;
        IF name = ANY (kept) OR regexp_replace(name, '_history$', '') = ANY (places) THEN
            EXECUTE format('GRANT SELECT ON %I TO doorplate_tiles', name);
        END IF;
        IF name IN ('incident', 'incident_history') THEN
            EXECUTE format('REVOKE SELECT ON %I FROM doorplate_app', name);
            EXECUTE (SELECT format('GRANT SELECT (%s) ON %I TO doorplate_app; ',
                                   string_agg(quote_ident(attname), ', '), name)
                            || format('GRANT SELECT (%s) ON %I TO doorplate_tiles',
                                      string_agg(quote_ident(attname), ', ')
                                      FILTER (WHERE attname <> ALL (home)), name)
                     FROM pg_attribute WHERE attrelid = name::regclass AND attnum > 0
                     AND NOT attisdropped AND attname <> ALL (told));
        END IF;
    END LOOP;
    EXECUTE 'GRANT SELECT ON alembic_version TO doorplate_app';
END $$;
