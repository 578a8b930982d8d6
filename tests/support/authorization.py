"""The authorization matrix of data/access/endpoints.txt, and what of the application it lacks."""

from dataclasses import dataclass
from pathlib import Path

from layers.access import PERSONAL, Role
from web import create_app
from web.endpoint import contract_of

FILE = Path(__file__).parents[2] / "data" / "access" / "endpoints.txt"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REVEALED = "revealed"
FIELDS = {str(one) for one in PERSONAL} | {REVEALED}


@dataclass(frozen=True)
class Line:
    """Who may call one endpoint, where, and what of persons its answer may hold."""

    method: str
    route: str
    who: str
    where: str
    fields: frozenset[str]

    @property
    def roles(self):
        """Return the roles that may."""
        return frozenset(Role) if self.who in ("open", "signed-in") else frozenset(
            Role(one.strip()) for one in self.who.split(","))

    @property
    def key(self):
        """Return the order of the file: by route, then by method."""
        return self.route, METHODS.index(self.method)

    def __str__(self):
        """Return method and route, as they begin the line."""
        return f"{self.method} {self.route}"


def read():
    """Return the lines of the matrix, in their order; ValueError names what is no line."""
    return [_line(text) for text in FILE.read_text("utf-8").splitlines()
            if text.strip() and not text.startswith("#")]


def lacking():
    """Return the lines that the application asks for and the matrix has not, ready to be added."""
    known = {str(line) for line in read()}
    return [f"{one} | {'open' if is_open else 'ROLES or signed-in'} | all or area | - or FIELDS"
            for one, is_open in _endpoints() if one not in known]


def superfluous():
    """Return the lines about endpoints that there are no more."""
    known = {one for one, _ in _endpoints()}
    return [str(line) for line in read() if str(line) not in known]


def _line(text):
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != 4:
        raise ValueError(f"four parts are wanted, separated by |: {text!r}")
    method, _, route = parts[0].partition(" ")
    fields = frozenset(one.strip() for one in parts[3].split(",")) - {"-"}
    line = Line(method, route, parts[1], parts[2], fields)
    if line.where not in ("all", "area") or not fields <= FIELDS or not line.roles:
        raise ValueError(f"not a line of the matrix: {text!r}")
    return line


def _endpoints():
    """Yield every method and route of the application, and whether it is open."""
    app = create_app(None, None, None)
    with app.app_context():
        for rule in app.url_map.iter_rules():
            for method in METHODS:
                if method in rule.methods:
                    yield (f"{method} {rule.rule}",
                           contract_of(rule.endpoint).open or rule.endpoint == "static")
