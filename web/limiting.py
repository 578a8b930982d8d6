"""How often one may ask at all; the limits of persons stand with their reader."""

from flask import g, request

from spatial import limits

#: Blueprints whose answers a map fetches by the dozen.
BY_THE_DOZEN = ("tiles", "scene")


def admit() -> None:
    """Take one request of the caller; an unlimited token asks as often as it likes.

    It is committed at once, so that no other request of the same caller waits for the bucket.
    """
    if not g.caller.unlimited:
        name = "tile" if request.blueprint in BY_THE_DOZEN else "api"
        limits.spend(g.session, g.settings, g.caller.actor, name)
        g.session.commit()
    g.admitted = True


def admit_sign_in() -> None:
    """Take one attempt to sign in of this address."""
    limits.spend(g.session, g.settings, request.remote_addr or "?", "sign_in")
    g.session.commit()


def admit_public() -> None:
    """Take one question of an address that has not signed in."""
    limits.spend(g.session, g.settings, request.remote_addr or "?", "public")
    g.session.commit()


def admit_report() -> None:
    """Take one report of an address that has not signed in."""
    limits.spend(g.session, g.settings, request.remote_addr or "?", "public", "report")
    g.session.commit()
