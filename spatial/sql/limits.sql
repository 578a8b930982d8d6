-- Purpose: take tokens from a bucket that fills evenly (spatial/limits.py); one row, one statement.
-- Parameters: the bucket; how many it holds; seconds in which an empty one fills; how many to
--   take; how many must be there for it; the moment.  Returns the seconds to wait, 0 when taken.
-- Index used: rate_bucket_pkey.
CREATE OR REPLACE FUNCTION take_tokens(bucket text, most float8, period float8, cost float8,
                                       need float8, moment timestamptz)
RETURNS float8 LANGUAGE sql AS $$
    INSERT INTO rate_bucket AS b (key, tokens, at, wait) VALUES (bucket, most - cost, moment, 0)
    ON CONFLICT (key) DO UPDATE SET (tokens, at, wait) = (
        SELECT CASE WHEN filled >= need THEN greatest(filled - cost, 0) ELSE filled END,
               greatest(b.at, moment),
               CASE WHEN filled >= need THEN 0 ELSE (need - filled) * period / most END
        FROM (SELECT least(most, b.tokens + most / period
                           * extract(epoch FROM greatest(moment - b.at, interval '0')))
              AS filled) AS now)
    RETURNING wait
$$;
