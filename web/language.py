"""Which language an answer is in: the URL says, else the cookie, else the browser, else Chinese."""

from werkzeug.datastructures import LanguageAccept
from werkzeug.wrappers import Response

from layers.text import LANGUAGES

DEFAULT = "zh"
KEPT_S = 365 * 24 * 3600


def choose(asked: str | None, kept: str | None, accepted: LanguageAccept) -> str:
    """Return `zh` or `en`; what is no language of ours is passed over."""
    for wish in (asked, kept):
        if wish in LANGUAGES:
            return wish
    return accepted.best_match(("zh", "en"), default=DEFAULT) or DEFAULT


def keep(response: Response, asked: str | None) -> None:
    """Let the browser remember the language that a page was asked in."""
    if asked in LANGUAGES:
        response.set_cookie("lang", asked, max_age=KEPT_S, samesite="Lax", path="/")
