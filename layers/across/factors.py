"""The second factor: codes of an authenticator (RFC 6238) and recovery codes, each good once.

The secret lies sealed in the database, the recovery codes as keyed hashes: who has the database
alone can compute no code.
"""

import hmac
import secrets
import time
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from layers.faults import Fault, refuse
from layers.passwords import ALPHABET
from layers.users import AppUser, RecoveryCode, SecondFactor
from spatial.errors import Conflict

if TYPE_CHECKING:
    from spatial.sealing import Vault

ISSUER, STEP_S = "Doorplate", 30
#: Clocks differ: the codes of the neighbouring steps count too.
STEPS = (-1, 0, 1)
RECOVERY_CODES, HALF = 10, 5


def has_factor(session: Session, user_id: int) -> bool:
    """Tell whether the user's sign-in asks for a code."""
    return session.scalar(select(SecondFactor.user_id).where(
        SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None))) is not None


def begin(session: Session, vault: "Vault", user: AppUser) -> str:
    """Return the secret to be enrolled, drawn on first call; raise Conflict if there is one."""
    import pyotp

    secret = pyotp.random_base32()
    session.execute(insert(SecondFactor).values(user_id=user.id, secret=_seal(vault, user, secret))
                    .on_conflict_do_nothing())
    kept = session.get_one(SecondFactor, user.id, populate_existing=True)
    if kept.confirmed_at is not None:
        raise Conflict("There is a second factor already; remove it first.")
    return _open(vault, kept)


def confirm(session: Session, vault: "Vault", user: AppUser, code: str) -> list[str]:
    """Put the second factor in force if the code is right; return new recovery codes."""
    kept = session.get(SecondFactor, user.id, populate_existing=True)
    if kept is None or kept.confirmed_at is not None or not _take(session, vault, kept, code):
        refuse([Fault("code", "code")])
    session.execute(update(SecondFactor).where(SecondFactor.user_id == user.id)
                    .values(confirmed_at=func.now()))
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [_draw() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user.id, code_hash=_blind(vault, user.id, one))
                    for one in codes)
    session.flush()
    return codes


def check(session: Session, vault: "Vault", user: AppUser, code: str) -> bool:
    """Take a code of the authenticator or a recovery code; no code is taken twice."""
    kept = session.get(SecondFactor, user.id, populate_existing=True)
    if kept is None or kept.confirmed_at is None:
        return False
    return _take(session, vault, kept, code) or _recover(session, vault, user, code)


def remove(session: Session, vault: "Vault", user: AppUser, code: str) -> None:
    """Take the second factor away; a code of it must be shown."""
    if not check(session, vault, user, code):
        refuse([Fault("code", "code")])
    for model in (SecondFactor, RecoveryCode):
        session.execute(delete(model).where(model.user_id == user.id))


def recovery_left(session: Session, user_id: int) -> int:
    """Count the recovery codes that are still good."""
    return session.scalar(select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))) or 0


def uri(secret: str, name: str) -> str:
    """Return what an authenticator reads from the QR code."""
    import pyotp

    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=name, issuer_name=ISSUER)


def picture(text: str) -> str:
    """Return a QR code as inline SVG, without scripts, styles or anything from elsewhere."""
    import segno

    return segno.make(text, error="m").svg_inline(border=2, omitsize=True, svgclass="qr",
                                                  lineclass=None, dark="#000")


def _take(session: Session, vault: "Vault", kept: SecondFactor, code: str) -> bool:
    """Compare with the steps around now, and note the step so that it is good only once."""
    import pyotp

    said = "".join(code.split())
    if not (said.isascii() and said.isdigit() and len(said) == 6):
        return False
    made = pyotp.TOTP(_open(vault, kept), interval=STEP_S)
    now = int(time.time()) // STEP_S
    step = next((now + away for away in STEPS
                 if hmac.compare_digest(made.generate_otp(now + away), said)), None)
    return step is not None and session.execute(
        update(SecondFactor).where(SecondFactor.user_id == kept.user_id,
                                   SecondFactor.last_step < step)
        .values(last_step=step).returning(SecondFactor.user_id)).first() is not None


def _recover(session: Session, vault: "Vault", user: AppUser, code: str) -> bool:
    return session.execute(
        update(RecoveryCode).where(
            RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None),
            RecoveryCode.code_hash == _blind(vault, user.id, code))
        .values(used_at=func.now()).returning(RecoveryCode.user_id)).first() is not None


def _draw() -> str:
    word = "".join(secrets.choice(ALPHABET) for _ in range(2 * HALF))
    return f"{word[:HALF]}-{word[HALF:]}"


def _blind(vault: "Vault", user_id: int, code: str) -> bytes:
    said = "".join(one for one in code.casefold() if one.isalnum())
    return vault.blind("recovery_code", f"{user_id}:{said[:40]}")


def _seal(vault: "Vault", user: AppUser, secret: str) -> bytes:
    return vault.seal("second_factor", "secret", str(user.id), secret)


def _open(vault: "Vault", kept: SecondFactor) -> str:
    return vault.unseal("second_factor", "secret", str(kept.user_id), kept.secret)
