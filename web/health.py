"""Is the registry ready? The one question that needs no sign-in."""

from typing import Any

from flask import Blueprint, Response, g, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from spatial.migrations import current, head
from spatial.version import VERSION
from web.endpoint import endpoint

bp = Blueprint("health", __name__)
#: A primary is never behind; a standby is by the age of what it replayed last.
LAG = text("SELECT CASE WHEN pg_is_in_recovery() THEN "
           "coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0) ELSE 0 END")


@bp.get("/health")
@endpoint(open=True, personal=True,
          example={"status": "ok", "version": VERSION, "schema": "0001", "lag_s": 0.0})
def health() -> Response:
    """Tell whether the registry is ready, its versions, and how far it lags behind.

    503 when the database is away or its schema is not the program's.
    """
    schema, lag = _database()
    ready = lag is not None and schema == head()
    answer = jsonify(status="ok" if ready else "unavailable", version=VERSION, schema=schema,
                     lag_s=lag)
    answer.status_code = 200 if ready else 503
    if not ready:
        answer.headers["Retry-After"] = "3"
    return answer


def _database() -> tuple[Any, float | None]:
    try:
        lag = float(g.session.execute(LAG).scalar_one())
        return current(g.session.connection()), round(lag, 3)
    except SQLAlchemyError:
        g.session.rollback()
        return None, None
