"""What the log of a database that is not ours would repeat: values that a statement carried.

The private cluster is started with settings that let no value into its log. Those of a database
of one's own are its administrator's: a start looks at them and names each one that talks.
"""

from collections.abc import Mapping

from sqlalchemy import Engine, text

from spatial.cluster.settings import CONFIDENTIAL

#: Errors rank below all of these, so that none of an error's texts is logged.
_ABOVE_ERRORS = frozenset({"log", "fatal", "panic"})
_ALLOWED = {"log_min_messages": _ABOVE_ERRORS, "log_min_error_statement": _ABOVE_ERRORS}


def talkative(engine: Engine) -> list[str]:
    """Return in words which settings let values of persons into the server's log; none is well."""
    with engine.connect() as connection:
        said = {row.name: row.setting for row in connection.execute(
            text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"),
            {"names": list(CONFIDENTIAL)})}
        database = connection.execute(text("SELECT quote_ident(current_database())")).scalar_one()
    wrong = talking(said)
    if not wrong:
        return []
    remedy = "; ".join(f"ALTER DATABASE {database} SET {name} = '{CONFIDENTIAL[name]}'"
                       for name in wrong)
    return ["The database's log may repeat ID numbers and names that a statement carried: "
            f"{', '.join(f'{name} is {said[name]}' for name in wrong)}. Its administrator mends "
            f"that with: {remedy}"]


def talking(said: Mapping[str, str]) -> list[str]:
    """Return the names of the settings that are not confidential."""
    return [name for name, value in said.items()
            if value not in _ALLOWED.get(name, {CONFIDENTIAL[name]})]
