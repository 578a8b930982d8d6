-- Purpose: the audit is only ever added to, and each new line waits for the sealer.
-- Parameters: none; triggers on the tables of spatial/audit.py.
-- Index used: none; they only insert or refuse.
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit is only ever added to.' USING ERRCODE = 'insufficient_privilege';
END $$;

-- Whoever may write a line may so put it on the list, and do nothing else with the list.
CREATE OR REPLACE FUNCTION audit_awaits_seal() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO audit_pending (event_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER audit_event_awaits_seal AFTER INSERT ON audit_event
    FOR EACH ROW EXECUTE FUNCTION audit_awaits_seal();
CREATE OR REPLACE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE OR REPLACE TRIGGER audit_leaf_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON audit_leaf FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
CREATE OR REPLACE TRIGGER audit_head_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
