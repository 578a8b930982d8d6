"""The command `theme`: thematic maps as numbers and as files."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spatial.errors import InvalidInput
from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from layers.across.themes import ThemeMap
    from layers.caller import Caller

LEVELS = ("grid", "community", "subdistrict", "hexagon")
METHODS = ("quantiles", "natural", "equal", "box", "deviations", "head_tail", "fixed", "around")
FORMATS = ("geojson", "csv", "gpkg", "html", "png", "pdf")
LANGUAGE = click.option("--lang", type=click.Choice(["zh", "en"]), default="zh",
                        show_default=True, help="Language of words.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


def choices(command: Any) -> Any:
    """Give a command the options that narrow a theme."""
    for option in reversed((
            click.option("--level", type=click.Choice(LEVELS), help="Areas to show it by."),
            click.option("--division", metavar="CODE", help="Only inside this division."),
            click.option("--from", "since", metavar="DATE", help="First day of the period."),
            click.option("--to", "until", metavar="DATE", help="Day after the period."),
            click.option("--months", type=click.FloatRange(0, 120, min_open=True),
                         help="Length of the period, back from its end."),
            click.option("--service", "services", multiple=True, metavar="CODE",
                         help="Only incidents of this service; may be repeated."),
            click.option("--method", type=click.Choice(METHODS), help="How classes are made."),
            click.option("--classes", "k", type=click.IntRange(1, 7), help="How many classes."),
            click.option("--as", "role", metavar="ROLE", default="operator", show_default=True,
                         help="Whose figures: what this role may see."))):
        command = option(command)
    return command


@click.group()
def theme() -> None:
    """List, show and export thematic maps."""


@theme.command("list")
@LANGUAGE
@JSON
@pass_program
def list_themes(program: Program, lang: str, as_json: bool) -> None:
    """List the built-in themes: name, title, what it counts."""
    from layers.across.theme_spec import built_in, written

    if as_json:
        click.echo(json.dumps([{"name": one.name, **written(one)}
                               for one in built_in().values()], ensure_ascii=False))
        return
    for one in built_in().values():
        click.echo(f"{one.name}\t{one.title.in_language(lang)}\t{one.unit.in_language(lang)}")


@theme.command()
@click.argument("name")
@choices
@LANGUAGE
@JSON
@pass_program
def show(program: Program, /, name: str, lang: str, as_json: bool, **said: Any) -> None:
    """Show the theme NAME as a table with its legend."""
    from layers.across.theme_legend import legend, number
    from layers.across.theme_table import rows

    with _answered(program, name, said) as found:
        told, table = legend(found, language=lang, zone=_zone(program)), rows(found, lang)
    if as_json:
        click.echo(json.dumps({"legend": told, "items": table, "next": None},
                              ensure_ascii=False))
        return
    for line in _said(told):
        click.echo(line, err=True)
    table.sort(key=lambda row: -(row["value"] if row["value"] is not None else -1e300))
    for row in table:
        if row["value"] is not None or row["flag"] == "suppressed":
            click.echo("\t".join((row["identifier"], row["parent"], row["label"],
                                  number(row["value"]), str(row["count"]),
                                  row["class_label"] or "", row["flag"] or "")))


@theme.command()
@click.argument("name")
@click.option("--format", "form", type=click.Choice(FORMATS),
              help="By default what the suffix of -o says, else geojson.")
@click.option("-o", "output", metavar="FILE", default="-", show_default=True,
              help="Where to; - is stdout.")
@choices
@LANGUAGE
@pass_program
def export(program: Program, /, name: str, form: str | None, output: str, lang: str,
           **said: Any) -> None:
    """Export the theme NAME: areas as GeoJSON, GeoPackage or CSV, a page, a print."""
    from layers.across.export_files import whole
    from layers.across.theme_files import document

    suffix = Path(output).suffix.lower().lstrip(".")
    form = form or (suffix if suffix in FORMATS else "geojson")
    with _answered(program, name, said) as found:
        body = document(found, form, language=lang, zone=_zone(program),
                        home=program.settings.home)
    if output == "-":
        sys.stdout.buffer.write(body)
        return
    try:
        with whole(Path(output)) as path:
            path.write_bytes(body)
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written ({error.strerror}); name a file in a "
                           "folder that exists and has room.") from error
    click.echo(f"{name} exported as {form}, {len(body):,} bytes", err=True)


@theme.command()
@pass_program
def ages(program: Program) -> None:
    """Count residents by age and grid for the themes of ages; run it each night."""
    from sqlalchemy import func, select
    from sqlalchemy.orm import Session

    from layers.across.theme_ages import count_ages
    from spatial.sealing import vault

    with Session(program.engine()) as session:
        today = session.execute(select(func.current_date())).scalar_one()
        count = count_ages(session, vault(program.settings), today)
        session.commit()
    click.echo(f"{count:,} residents counted by age on {today}", err=True)


@contextmanager
def _answered(program: Program, name: str, said: dict[str, Any]) -> "Iterator[ThemeMap]":
    from sqlalchemy.orm import Session

    from layers.across.theme_spec import adapted
    from layers.across.theme_store import theme_named
    from layers.across.themes import theme_map
    from spatial.sealing import vault

    division, role = said.pop("division"), said.pop("role")
    given = {key: value for key, value in said.items() if value not in (None, ())}
    for key in ("since", "until"):
        if key in given:
            given[key] = _day(key, given[key], program)
    with Session(program.engine()) as session:
        wanted = adapted(theme_named(session, name), **given)
        yield theme_map(session, wanted, _caller(session, role), division=division,
                        vault=vault(program.settings))
        session.commit()


def _caller(session: "Session", role: str) -> "Caller":
    from layers.access import roles_named
    from layers.caller import LEAST, MOST, Caller

    (found,) = roles_named(role) or (None,)
    if found is None:
        raise InvalidInput("--as names a role, such as operator or analyst.")
    return Caller(name="command", role=found, low=LEAST, high=MOST)


def _day(key: str, text: str, program: Program) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"--{'from' if key == 'since' else 'to'} is {text[:40]!r}; a date "
                           "such as 2026-05-01 is wanted.") from None
    return found if found.tzinfo else found.replace(tzinfo=_zone(program))


def _zone(program: Program) -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(program.settings.zone)


def _said(told: dict[str, Any]) -> Iterator[str]:
    """Yield the legend as lines."""
    yield f"{told['title']} ({told['unit']})"
    yield from (text for text in (told["period"], told["denominator"], told["statistic"],
                                  told["method"]) if text)
    for one in (*told["classes"], *told["missing"]):
        if one["count"] or "from" in one:
            yield f"  {one['label']:<24}{one['count']:>7,}"
    yield from (*told["notes"], told["boundary"], told["data_time"])
