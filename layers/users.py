"""Users, what they may act as, where they are signed in, and the tokens of programs.

Of passwords, sessions and tokens only hashes are kept. An assignment is a role over a subtree
of divisions for a period; a session acts in exactly one.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    String,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spatial.database import Base

EVERYWHERE = "*"


class AppUser(Base):
    """One person who can sign in."""

    __tablename__ = "app_user"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    #: Until when a password that somebody else knows may open the door once; then NULL.
    password_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: By what an OIDC provider's answer is recognised; an admin writes it, never the provider.
    subject: Mapped[str | None] = mapped_column(String(255), unique=True)
    email: Mapped[str | None] = mapped_column(String(200), unique=True)
    demonstration: Mapped[bool] = mapped_column(Boolean, server_default="false")
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now())
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Assignment(Base):
    """A role that a user may act in, over a subtree of divisions or some grids, for a time.

    The separation of duties stands here, where no program can forget it: nobody grants to or
    approves for themselves, one who grants does not approve, and at any one time a user is an
    admin, or an auditor, or works with data.
    """

    __tablename__ = "assignment"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    # Usage: a sign-in looks for what the user may act as.
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    duty: Mapped[str] = mapped_column(String(8), Computed(
        "CASE WHEN role IN ('admin', 'auditor') THEN role ELSE 'data' END", persisted=True))
    area: Mapped[str] = mapped_column(String(20))
    #: Identifiers of grids within the area; none means the whole area.
    grids: Mapped[list[str]] = mapped_column(ARRAY(String(20)), server_default=text("'{}'"))
    valid_from: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now())
    valid_to: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    granted_by: Mapped[str] = mapped_column(String(80))
    granted_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="SET NULL"))
    granted_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now())
    approval_needed: Mapped[bool] = mapped_column(Boolean, server_default="false")
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("app_user.id", ondelete="SET NULL"))
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_by: Mapped[str | None] = mapped_column(String(80))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        CheckConstraint("valid_to > valid_from", name="period"),
        CheckConstraint("granted_by_id <> user_id", name="not_for_oneself"),
        CheckConstraint("approved_by_id <> user_id", name="not_approved_by_oneself"),
        CheckConstraint("approved_by <> granted_by AND approved_by_id <> granted_by_id",
                        name="two_persons"),
        CheckConstraint("(approved_by IS NULL) = (approved_at IS NULL)", name="approval_whole"),
        ExcludeConstraint(
            ("user_id", "="), ("duty", "<>"), (text("tstzrange(valid_from, valid_to)"), "&&"),
            where=text("revoked_at IS NULL"), using="gist", name="assignment_duties_apart_excl"))


class WebSession(Base):
    """One sign-in, kept here so that it can be ended at once."""

    __tablename__ = "web_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    #: What an admin calls it by, who is to know no secret.
    number: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    # Usage: two sessions at once, the oldest ends.
    user_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    #: What is wanted before the door opens: a code, a new password, a second factor; then NULL.
    stage: Mapped[str | None] = mapped_column(String(8))
    started_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ApiToken(Base):
    """What a program signs in with: a role, an area and an end."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    area: Mapped[str] = mapped_column(String(20))
    unlimited: Mapped[bool] = mapped_column(Boolean, server_default="false")
    created_by: Mapped[str] = mapped_column(String(80), server_default="")
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_use: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SecondFactor(Base):
    """The secret of a user's authenticator (RFC 6238), sealed."""

    __tablename__ = "second_factor"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    #: NULL until the first right code shows that the authenticator has the secret.
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: The time step of the last code taken: no code is good twice.
    last_step: Mapped[int] = mapped_column(BigInteger, server_default="0")


class RecoveryCode(Base):
    """A code for the day the authenticator is lost; each is good once."""

    __tablename__ = "recovery_code"

    # Usage: found by user and hash together.
    user_id: Mapped[int] = mapped_column(
        ForeignKey("app_user.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class OidcRequest(Base):
    """One sign-in that is away at the OIDC provider; it comes back once, or never."""

    __tablename__ = "oidc_request"

    state_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(80))
    verifier: Mapped[str] = mapped_column(String(128))
    next: Mapped[str] = mapped_column(String(2000))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class SignInFailure(Base):
    """One failed sign-in; the name is a hash, for people type passwords into that field."""

    __tablename__ = "sign_in_failure"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    # Usage: counting the failures of the last minutes.
    __table_args__ = (Index(None, "name_hash", "at"),)
