"""The error tree of the house.

An error has a class of its own when some caller must tell it apart. Errors know nothing of
HTTP or exit codes: web/errors.py and app.py translate them. The message says what was wrong
with the value and the remedy.
"""

from collections.abc import Sequence


class RegistryError(Exception):
    """Base of every error the registry raises on purpose."""

    title = "The registry could not do this."


class InvalidInput(RegistryError):
    """The caller gave a value the registry cannot accept."""

    title = "A value is not acceptable."


class InvalidGeometry(InvalidInput):
    """A geometry is empty, not finite, out of bounds or beyond repair."""

    title = "A geometry is not acceptable."


class UnknownCRS(InvalidInput):
    """A coordinate reference system is unknown, or not exact enough to transform."""

    title = "The coordinate reference system is not usable."


class UnreadableSource(InvalidInput):
    """A file cannot be read as what it claims to be."""

    title = "The file cannot be read."


class AddressNotUnderstood(InvalidInput):
    """A text is empty, too long or no address at all."""

    title = "The address cannot be understood."


class NotFound(RegistryError):
    """No such layer or feature, or none the caller may know of."""

    title = "There is no such thing here."


class NotSignedIn(RegistryError):
    """Nobody says who is asking, or no longer validly."""

    title = "Sign in first."


class Forbidden(RegistryError):
    """The caller is known, and may not do this."""

    title = "You may not do this."


class Conflict(RegistryError):
    """The registry's present state rules this change out."""

    title = "The registry already says otherwise."


class RuleViolated(Conflict):
    """A change breaks rules of the registry; carries every violation found."""

    title = "The change breaks a rule."

    def __init__(self, message: str, violations: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.violations = tuple(violations)


class StaleVersion(Conflict):
    """Someone else changed the feature since it was read."""

    title = "This has changed since you read it."


class TooManyRequests(RegistryError):
    """A limit is used up for now; `retry_after` is in seconds."""

    title = "Too many requests."

    def __init__(self, message: str, *, retry_after: int = 60) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(RegistryError):
    """Something the registry needs is not there now; trying again may help."""

    title = "The registry is not available."
