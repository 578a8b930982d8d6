-- Purpose: keep every version of a row that an UPDATE or DELETE would lose (spatial/history.py).
-- Parameters: none; a row trigger on any table that has a `<table>_history` beside it.
-- Index used: none; it only inserts.
CREATE OR REPLACE FUNCTION keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    past text := quote_ident(TG_TABLE_NAME || '_history');
    moment timestamptz := greatest(transaction_timestamp(), OLD.creation_date);
BEGIN
    IF TG_OP = 'DELETE' THEN
        OLD.termination_date := moment;
        EXECUTE format('INSERT INTO %s SELECT ($1).*', past) USING OLD;
        RETURN OLD;
    END IF;
    -- What one transaction writes twice was never known in between: no version of its own.
    IF OLD.creation_date < moment THEN
        OLD.termination_date := moment;
        EXECUTE format('INSERT INTO %s SELECT ($1).*', past) USING OLD;
    END IF;
    -- The world moved on at NEW.valid_from: the state before it stays known, and ended there.
    IF NEW.valid_from IS DISTINCT FROM OLD.valid_from AND NEW.valid_from IS NOT NULL
       AND (OLD.valid_from IS NULL OR OLD.valid_from < NEW.valid_from)
       AND (OLD.valid_to IS NULL OR OLD.valid_to > NEW.valid_from) THEN
        OLD.valid_to := NEW.valid_from;
        OLD.valid_to_precision := NEW.valid_from_precision;
        OLD.creation_date := moment;
        OLD.termination_date := NULL;
        EXECUTE format('INSERT INTO %s SELECT ($1).*', past) USING OLD;
    END IF;
    IF NEW.creation_date = OLD.creation_date OR NEW.creation_date < moment THEN
        NEW.creation_date := moment;
    END IF;
    NEW.loaded_at := clock_timestamp();
    NEW.termination_date := NULL;
    RETURN NEW;
END $$;
