"""Passwords and tokens: how they are made, kept and compared.

argon2id with t=3, m=64 MiB, p=4. An unknown user costs as much time as a known one.
"""

import hashlib
import secrets
import threading
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from spatial.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST, MOST, DISTINCT_LEAST = 15, 200, 6
#: What a guess costs (RFC 9106, second recommended option, with one pass more): 64 MiB, 3 passes.
TIME_COST, MEMORY_KIB, LANES = 3, 64 * 1024, 4
#: Each verification takes 64 MiB: two at a time, the others wait, but not for long.
_GATE, GATE_WAIT_S = threading.BoundedSemaphore(2), 5
#: Without 0/O and 1/l/I: people read these off a screen.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(name: str, password: str) -> str:
    """Return the hash to be kept; refuse what is too short or too easily guessed."""
    password = _canonical(password)
    if not LEAST <= len(password) <= MOST:
        raise InvalidInput(f"The password has {len(password)} characters; {LEAST} to {MOST} are "
                           "wanted. Several words make a good one.")
    folded = password.casefold()
    if len(set(folded)) < DISTINCT_LEAST or name.casefold() in folded or "doorplate" in folded:
        raise InvalidInput("The password is too easily guessed; it must not hold the user's or "
                           f"the program's name, and needs {DISTINCT_LEAST} different characters.")
    return _hasher().hash(password)


def hash_drawn(password: str) -> str:
    """Return the hash of a password that was drawn here."""
    return _hasher().hash(_canonical(password))


def matches(kept: str | None, password: str) -> bool:
    """Compare; None (no such user) takes the same time and never matches."""
    from argon2.exceptions import VerificationError

    if len(password) > MOST:
        password = password[:MOST]
        kept = None
    if not _GATE.acquire(timeout=GATE_WAIT_S):
        raise Unavailable("Too many people sign in at once; try again in a moment.")
    try:
        return _hasher().verify(kept or _nobody(), _canonical(password)) and kept is not None
    except VerificationError:
        return False
    finally:
        _GATE.release()


def draw_password() -> str:
    """Draw a password of four groups, about 99 bits, that can be typed."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def draw_token() -> str:
    """Draw the secret of a session or a token: 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return what is kept of a secret that is random enough to need no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def name_key(name: str) -> str:
    """Return the form in which user names are compared."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _canonical(password: str) -> str:
    return unicodedata.normalize("NFC", password)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(16))
