"""The web: a Flask application made by create_app, and nothing at import."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from spatial.config import Settings
    from spatial.sealing import Vault

#: The modules whose `bp` makes up the site; one line a module.
BLUEPRINTS = (
    "web.health",
    "web.auth",
    "web.me",
    "web.admin",
    "web.admin_programs",
    "web.steps",
    "web.account",
    "web.oidc",
    "web.docs",
    "web.persons",
    "web.reveals",
    "web.audit",
    "web.places",
    "web.lookup",
    "web.batch",
    "web.review",
    "web.pairs",
    "web.occupants",
    "web.emergencies",
    "web.field",
    "web.exports",
    "web.tiles",
    "web.scene",
    "web.incidents",
    "web.live",
    "web.open311",
    "web.here",
    "web.figures",
    "web.desk",
    "web.map",
    "web.themes",
    "web.coverage",
    "web.theme_pages",
    "web.views",
    "web.around",
    "web.underlay",
)


def create_app(new_session: "Callable[[], Session]", vault: "Vault",
               settings: "Settings") -> "Flask":
    """Return the application; each request gets one session, hence one connection.

    `vault` holds the keys of sealed fields. Nothing is opened before the first request.
    """
    from flask import Flask

    from web import errors, frame

    app = Flask("web")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["doorplate"] = frame.House(new_session, vault, settings)
    errors.init_app(app)
    frame.init_app(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(name).bp)
    return app
