"""The scope of a row while it is still staged: that of the place it names."""

from collections.abc import Sequence

from psycopg2 import sql

from importers.shape import Shape
from layers.across.placement import SCOPED_BY
from spatial.statements import Composable, table


def scope_of(shape: Shape) -> tuple[Composable, Composable]:
    """Return the scope of a staged row by what it names, and the joins that this needs."""
    parents = SCOPED_BY.get(shape.layer.table.name)
    if parents is None:                 # who is tied to a place belongs where that is
        tied = next((one.reference for one in shape.links if one.reference), None)
        parents = tuple((field.refers or "", column)
                        for column, field in (tied.targets if tied else ()))
    return scoped(parents, {name for name, _ in shape.resolved()})


def scoped(parents: Sequence[tuple[str, str]], columns: set[str], prefix: str = "",
           ) -> tuple[Composable, Composable]:
    """Return an expression for the scope that the first of `parents` gives, and its joins."""
    there = [(parent, prefix + column) for parent, column in parents if prefix + column in columns]
    joins = sql.SQL("").join(
        sql.SQL(" LEFT JOIN {0} {1} ON {1}.id = s.{2}").format(
            table(parent), sql.Identifier(f"p{number}"), sql.Identifier(column))
        for number, (parent, column) in enumerate(there))
    found = [sql.SQL("{}.scope").format(sql.Identifier(f"p{number}"))
             for number in range(len(there))]
    return sql.SQL("coalesce({})").format(sql.SQL(", ").join([*found, sql.SQL("0")])), joins
