"""Cells of tables that people open in a spreadsheet: text is never taken for a formula.

A leading apostrophe marks text, as spreadsheets themselves do; reading takes it off again.
"""

FORMULA = ("=", "+", "-", "@", "＝", "\t", "\r")


def guarded(value: str) -> str:
    """Return the text so that no spreadsheet computes it; numbers stay as they are."""
    if not value.startswith(FORMULA) or _is_number(value):
        return value
    return f"'{value}"


def unguarded(value: str) -> str:
    """Return the text as it was before `guarded`."""
    return value[1:] if value.startswith("'") and value[1:].startswith(FORMULA) else value


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
