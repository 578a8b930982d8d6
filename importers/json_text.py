"""JSON texts read object by object: what is held is the text and one object, never the tree.

Takes an object with a `features` array (GeoJSON), an array of objects, one object, or objects
one after another (JSON lines, and JSON text sequences with their record separators).
"""

import json
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from importers.base import shown, unreadable

_SPACE = re.compile(r"[\s\x1e\ufeff]*")
_COMMA = re.compile(r"\s*,\s*")
_NOT_IN_JSON = {"NaN": None, "Infinity": None, "-Infinity": None}


class JsonText:
    """A JSON text and, once `objects` has run, the `members` of its outermost object."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._path = path
        self._text = path.read_text(encoding)
        self._decoder = json.JSONDecoder(parse_constant=_NOT_IN_JSON.get)
        self.members: dict[str, Any] = {}

    def has_escapes(self) -> bool:
        """Tell whether strings may hold zero bytes or halves of characters."""
        return re.search(r"\\u(?:0000|[dD][89a-fA-F])", self._text) is not None

    def objects(self) -> Iterator[Any]:
        """Yield the objects in order; raises UnreadableSource at the first fault."""
        try:
            yield from self._outermost()
        except json.JSONDecodeError as error:
            cut = " (is it cut off?)" if error.pos >= len(self._text.rstrip()) - 1 else ""
            wrong = f"line {error.lineno:,}, column {error.colno:,}: {shown(error.msg)}{cut}"
            raise unreadable(self._path, wrong, "Export it again.") from None
        except RecursionError:
            wrong = "it is nested too deep"
            raise unreadable(self._path, wrong, "Flatten it: a feature has one level.") from None
        except ValueError as error:
            wrong = f"it holds a number that is none ({shown(str(error))})"
            raise unreadable(self._path, wrong, "Write long numbers as text.") from None

    def _outermost(self) -> Iterator[Any]:
        at = self._skip(0)
        while at < len(self._text):
            if self._text[at] == "{":
                at = yield from self._object(at + 1)
            elif self._text[at] == "[":
                at = yield from self._array(at + 1)
            else:
                raise json.JSONDecodeError("Expecting an object", self._text, at)
            at = self._skip(at)

    def _object(self, at: int) -> Generator[Any, None, int]:
        """Read an outermost object; it is yielded itself if it has no features."""
        members: dict[str, Any] = {}
        streamed = False
        at = self._skip(at)
        while not self._is(at, "}"):
            key, at = self._key(at)
            if key == "features" and self._is(at, "["):
                at = yield from self._array(at + 1)
                streamed = True
            else:
                members[key], at = self._value(at)
            at = self._next(at, "}")
        if streamed:
            self.members = members
        else:
            self.members = self.members or members
            yield members
        return at + 1

    def _array(self, at: int) -> Generator[Any, None, int]:
        at = self._skip(at)
        while not self._is(at, "]"):
            value, at = self._value(at)
            yield value
            at = self._next(at, "]")
        return at + 1

    def _key(self, at: int) -> tuple[str, int]:
        if not self._is(at, '"'):
            raise json.JSONDecodeError("Expecting a name in quotes", self._text, at)
        key, at = self._value(at)
        at = self._skip(at)
        if not self._is(at, ":"):
            raise json.JSONDecodeError("Expecting ':'", self._text, at)
        return key, self._skip(at + 1)

    def _value(self, at: int) -> tuple[Any, int]:
        return self._decoder.raw_decode(self._text, at)

    def _next(self, at: int, end: str) -> int:
        """Step over a comma to the next value, or to the end."""
        comma = _COMMA.match(self._text, at)
        at = comma.end() if comma else self._skip(at)
        if bool(comma) == self._is(at, end):
            raise json.JSONDecodeError(f"Expecting ',' or '{end}'", self._text, at)
        return at

    def _is(self, at: int, sign: str) -> bool:
        return self._text.startswith(sign, at)

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at
