"""Sign-ins that are away at an OIDC provider, and whom its answer means here.

An answer signs in whom an admin has said it means, by subject or by a verified e-mail address; it
makes no user and grants no role.
"""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from layers.across.callers import first_assignment
from layers.passwords import draw_token, token_hash
from layers.users import AppUser, Assignment, OidcRequest

AWAY_FOR = timedelta(minutes=10)


def begin(session: Session, next: str) -> tuple[str, OidcRequest]:
    """Note a sign-in that leaves for the provider; return the secret that the browser keeps."""
    session.execute(delete(OidcRequest).where(OidcRequest.at < func.now() - AWAY_FOR))
    kept = draw_token()
    one = OidcRequest(state_hash=token_hash(state_of(kept)), nonce=draw_token(),
                      verifier=draw_token() + draw_token(), next=next)
    session.add(one)
    session.flush()
    return kept, one


def state_of(kept: str) -> str:
    """Return the state for the secret a browser keeps: who sees the one has not the other."""
    return hashlib.sha256(b"state|" + kept.encode("utf-8", "surrogatepass")).hexdigest()


def finish(session: Session, kept: str, state: str) -> OidcRequest | None:
    """Take back a sign-in by this browser and no other, once."""
    if not kept or state_of(kept) != state:
        return None
    return session.scalar(
        delete(OidcRequest).where(OidcRequest.state_hash == token_hash(state),
                                  OidcRequest.at > func.now() - AWAY_FOR).returning(OidcRequest))


def whom(session: Session, claims: Mapping[str, Any]) -> tuple[AppUser, Assignment] | None:
    """Return the user whom the claims mean, with a role in force."""
    user = session.scalar(select(AppUser).where(AppUser.subject == str(claims["sub"])))
    email = claims.get("email")
    if user is None and claims.get("email_verified") is True and isinstance(email, str):
        user = session.scalar(select(AppUser).where(
            AppUser.email == email.strip().casefold(), AppUser.subject.is_(None)))
    return first_assignment(session, user.name) if user else None
