"""Whom a row is about: a feature its source named before, one that another source brought, or new.

Persons are met by ID number (its blind index), organizations by credit code. Sealed values are
bound to the public identifier of their row, so this is settled before anything is sealed.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg2 import sql
from sqlalchemy.orm import Session

from importers.remembering import Remembered
from layers.base import Layer, draw_identifier
from spatial.sealing import Vault
from spatial.statements import names, run, table


@dataclass(frozen=True, slots=True)
class Face:
    """A feature as a row meets it: its key if it is stored, and what was said of it before."""

    identifier: str
    id: int | None = None
    said: bytes | None = None        # hash of what this source said last
    met: bool = False                # another row or another source brought it


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces of a batch, column by column."""

    ids: Sequence[int | None]
    met: Sequence[bool]
    names: Sequence[str]
    said: Sequence[bytes | None]


@dataclass
class Meeting:
    """Finds the features that the rows of one file are about."""

    layer: Layer
    source: str
    vault: Vault
    session: Session
    brought: Remembered = field(default_factory=Remembered)    # by natural key, in this very file
    versions: bool = False                                     # rows are versions of features
    ready: Callable[[], None] = lambda: None                   # called before the session is used
    drawn: dict[str, str] = field(default_factory=dict)        # by id, where they are

    def faces(self, ids: Sequence[str], values: dict[str, list[Any]],
              identifiers: Sequence[str | None] = ()) -> Faces:
        """Return whom each row is about; draws an identifier for who is not known yet.

        `identifiers` are ours, as an export has them: by them what no source brought is known.
        """
        if not (self.layer.natural or self.versions or any(identifiers) or self._known()):
            nothing = [None] * len(ids)
            return Faces(nothing, [False] * len(ids), self._draw(len(ids)), nothing)
        found = list(self._met(ids, values, identifiers))
        return Faces([one.id for one in found], [one.met for one in found],
                     [one.identifier for one in found], [one.said for one in found])

    def _known(self) -> bool:
        """Tell whether the source has brought anything of this layer yet."""
        return bool(self._ask(_ANYTHING, {})[0][0])

    def _draw(self, many: int) -> list[str]:
        """Draw identifiers at one go: a call of the system for each costs more than all else."""
        drawn, prefix = secrets.token_hex(8 * many), self.layer.model.prefix
        return [prefix + drawn[at:at + 16] for at in range(0, 16 * many, 16)]

    def _met(self, ids: Sequence[str], values: dict[str, list[Any]],
             identifiers: Sequence[str | None]) -> Iterator[Face]:
        own, (linked, apart) = (
            (self._own(ids), self._linked(ids)) if self._known() else ({}, ({}, {})))
        made = self._made_here([one for one in identifiers if one])
        ours = [made.get(one or "") for one in identifiers] or [None] * len(ids)
        naturals = self._naturals(len(ids), values)
        told = [one for one in naturals if one is not None]
        others, before = self._others(told), self.brought.find(told)
        prefix = self.layer.model.prefix
        brought = {one: _named(prefix, number) for one, number in before.items()}
        fresh = self._draw(0 if self.versions else len(ids))
        for row, (one, natural, mine) in enumerate(zip(ids, naturals, ours, strict=True)):
            other = others.get(natural) or (
                Face(brought[natural], met=True) if natural in brought else None)
            if other and apart.get(one) == other.identifier:
                other = None                         # people said that it is another
            face = own.get(one) or linked.get(one) or mine or other
            if face is None:
                face = Face(self._fresh(one) if self.versions else fresh[row])
            if natural is not None:
                brought.setdefault(natural, face.identifier)
            yield face
        new = {one: number for one, name in brought.items()
               if one not in before and (number := _number(prefix, name)) is not None}
        self.brought.add(list(new), list(new.values()))

    def _fresh(self, one: str) -> str:
        """Draw an identifier that the versions of one feature share."""
        return self.drawn.setdefault(one, draw_identifier(self.layer.model.prefix))

    def _naturals(self, rows: int, values: dict[str, list[Any]]) -> list[Any]:
        """Return what tells each row's feature from all others, as its index has it.

        What several columns tell together can only be met when their references are resolved
        (adopting.py).
        """
        if len(self.layer.natural) > 1:
            return [None] * rows
        for name in self.layer.natural:
            plain = name.removesuffix("_key")
            if plain in values and name == plain:
                return values[plain]
            if plain in values:
                return [one and self.vault.blind(plain, one) for one in values[plain]]
        return [None] * rows

    def _own(self, ids: Sequence[str]) -> dict[str, Face]:
        rows = self._ask(_OWN, {"ids": list(ids)})
        return {one: Face(identifier, key, _plain(said)) for one, identifier, key, said in rows}

    def _linked(self, ids: Sequence[str]) -> tuple[dict[str, Face], dict[str, str]]:
        """Return what these ids name of other sources, and what they do not mean, by id."""
        meets = self.layer.natural or self.layer.meets or self.layer.addresses
        rows = self._ask(_LINKED, {"ids": list(ids)}) if meets else []
        return ({one: Face(identifier, key, _plain(said), met=True)
                 for one, identifier, key, said, apart in rows if not apart},
                {one: identifier for one, identifier, *_, apart in rows if apart})

    def _made_here(self, identifiers: Sequence[str]) -> dict[str, Face]:
        rows = self._ask(_MADE_HERE, {"identifiers": list(identifiers)}) if identifiers else []
        return {identifier: Face(identifier, key) for identifier, key in rows}

    def _others(self, naturals: Sequence[Any]) -> dict[Any, Face]:
        if not naturals:
            return {}
        rows = self._ask(_OTHERS, {"naturals": list(naturals)})
        return {_plain(one): Face(identifier, key, met=True) for one, identifier, key in rows}

    def _ask(self, statement: sql.SQL, values: dict[str, Any]) -> list[Any]:
        """Ask the driver itself: to it thousands of values are one array, not an expression."""
        layer = self.layer
        self.ready()
        found = run(self.session, statement.format(
            table=table(layer.table.name), natural=names(layer.natural[:1])),
            {**values, "source": self.source, "layer": layer.table.name})
        return found.fetchall()


_OWN = sql.SQL("SELECT source_id, identifier, id, content_hash FROM {table} "
               "WHERE source = %(source)s AND source_id = ANY(%(ids)s)")
_ANYTHING = sql.SQL(
    "SELECT EXISTS (SELECT FROM {table} WHERE source = %(source)s) OR EXISTS (SELECT FROM "
    "source_link WHERE layer = %(layer)s AND source = %(source)s)")
_LINKED = sql.SQL(
    "SELECT l.source_id, t.identifier, t.id, l.content_hash, l.apart FROM source_link l "
    "JOIN {table} t ON t.id = l.feature_id WHERE l.layer = %(layer)s "
    "AND l.source = %(source)s AND l.source_id = ANY(%(ids)s)")
_MADE_HERE = sql.SQL("SELECT identifier, id FROM {table} WHERE source IS NULL "
                     "AND identifier = ANY(%(identifiers)s)")
_OTHERS = sql.SQL("SELECT {natural}, identifier, id FROM {table} "
                  "WHERE {natural} = ANY(%(naturals)s) ORDER BY id DESC")


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _number(prefix: str, identifier: str) -> int | None:
    """Return the 64 bits of an identifier; None for one that was not drawn so."""
    try:
        number = int(identifier[len(prefix):], 16)
    except ValueError:
        return None
    return number if _named(prefix, number) == identifier else None


def _named(prefix: str, number: int) -> str:
    return f"{prefix}{number:016x}"
