"""The columns of the rows' own table: what is said, what is sealed of it, what searches ask for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from importers.columns import each
from importers.shape import Shape
from spatial.sealing import Vault

Columns = Mapping[str, list[Any]]


def own_columns(shape: Shape, vault: Vault, names: Sequence[str], values: Columns,
                ) -> Iterator[Sequence[Any]]:
    """Yield the plain, sealed, blind and derived columns of rows with these identifiers."""
    yield from (values[key] for key in shape.plain)
    sealed = _sealed(shape, vault, names, values)
    nothing = [None] * len(names)
    yield from (sealed.get(key, nothing) for key in (*shape.sealed, *shape.keys))
    if shape.derived:
        yield from _derived(shape, values)


def _derived(shape: Shape, values: Columns) -> Iterator[list[Any]]:
    """Yield the search keys; what is made of the same is worked out once."""
    derive = shape.layer.derive
    assert derive is not None
    asked = sorted(shape.asked & set(shape.plain))

    def made(said: tuple[Any, ...]) -> dict[str, Any]:
        return derive(dict(zip(asked, said, strict=True)))

    found = each(made, list(zip(*(values[name] for name in asked), strict=True)))
    for key in shape.derived:
        yield [one.get(key) for one in found]


def _sealed(shape: Shape, vault: Vault, names: Sequence[str], values: Columns,
            ) -> dict[str, list[Any]]:
    """Seal what must never be readable in the database, with its blind index."""
    table, out = shape.layer.table, dict[str, list[Any]]()
    said = {key: values[key] for key in shape.sealed if key in values}
    if "id_number" in said and "birth_date" in table.c:
        days = said.get("birth_date") or [None] * len(names)
        said["birth_date"] = [day or _born(number)
                              for day, number in zip(days, said["id_number"], strict=True)]
    for key, column in said.items():
        out[key] = vault.seal_many(table.name, key, names, column)
        if f"{key}_key" in table.c:
            out[f"{key}_key"] = [text and vault.blind(key, text) for text in column]
    return out


def _born(number: str | None) -> str | None:
    """Return the day that the number of a resident tells; other papers tell none."""
    if number is None or len(number) != 18:
        return None
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
