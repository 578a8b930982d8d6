"""The command `coverage`: what cameras see, stations reach and patrols pass, by grid."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from spatial.errors import InvalidInput
from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from layers.across.coverage import Coverage
    from layers.caller import Caller

TASKS = ("detect", "observe", "recognise", "identify")
STATIONS = ("police_station", "service_station", "fire_station", "aed", "hydrant", "clinic",
            "shelter")
MODES = ("walk", "older", "ebike", "car")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


def questions(command: Any) -> Any:
    """Give a command the options that say what is asked."""
    for option in reversed((
            click.option("--task", type=click.Choice(TASKS), default="observe",
                         show_default=True, help="What cameras must be good enough for."),
            click.option("--stations", "kinds", type=click.Choice(STATIONS), multiple=True,
                         help="Kinds of station; may be repeated. By default police."),
            click.option("--minutes", type=click.FloatRange(0.5, 120), default=15.0,
                         show_default=True, help="Minutes along the streets to a door."),
            click.option("--mode", type=click.Choice(MODES), help="How stations' people come."),
            click.option("--hour", type=click.FloatRange(0, 24),
                         help="Hour of the day: gates that are shut then are closed."),
            click.option("--as", "role", metavar="ROLE", default="operator", show_default=True,
                         help="Whose figures: what this role may see."))):
        command = option(command)
    return command


@click.group()
def coverage() -> None:
    """Tell what cameras see, stations reach in time and patrols pass."""


@coverage.command()
@questions
@click.option("--by-grid", is_flag=True, help="A row a grid instead of the whole.")
@JSON
@pass_program
def show(program: Program, /, by_grid: bool, as_json: bool, **said: Any) -> None:
    """Show shares of households, buildings, ground and streets, numerator and denominator."""
    from layers.across import coverage as answers

    with _answered(program, said) as (_, found, caller):
        if by_grid:
            rows = answers.by_grid(found, caller)
        else:
            whole = answers.total(found, caller)
    if by_grid:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False) if as_json else "\t".join((
                row["identifier"], row["parent"], row["label"],
                *(_share(row[name]) for name in ("households_camera", "households_station",
                                                 "households_patrol", "ground_m2")))))
    elif as_json:
        click.echo(json.dumps(whole, ensure_ascii=False))
    else:
        _print(whole)


@coverage.command()
@questions
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True,
              help="How many gaps at most.")
@pass_program
def gaps(program: Program, /, most: int, **said: Any) -> None:
    """Write the gaps that no camera sees as GeoJSON, the most pressing first."""
    from layers.across import coverage as answers
    from layers.across.coverage_files import gap_features, incident_points

    with _answered(program, said) as (session, found, caller):
        points = incident_points(session, found.town.areas.srid)
        rows = answers.gaps(found, caller, incidents=points, most=most)
    click.echo(json.dumps(gap_features(rows), ensure_ascii=False))


@coverage.command("what-if")
@questions
@click.option("--camera", "cameras", multiple=True, metavar="LON,LAT[,AZIMUTH[,HFOV[,HEIGHT]]]",
              help="A camera to add; may be repeated.")
@click.option("--station", "stations_at", multiple=True, metavar="LON,LAT",
              help="A station to add; may be repeated.")
@click.option("--without", "drop", multiple=True, metavar="ID",
              help="A camera or station to take away; may be repeated.")
@JSON
@pass_program
def what_if(program: Program, /, cameras: tuple[str, ...], stations_at: tuple[str, ...],
            drop: tuple[str, ...], as_json: bool, **said: Any) -> None:
    """Show what changes once cameras or stations are added, moved or taken away."""
    from layers.across import coverage as answers
    from layers.across.coverage_files import changes, imagined_camera, imagined_station

    with _answered(program, said) as (session, found, caller):
        srid = found.town.areas.srid
        after = answers.what_if(
            session, found, drop=drop,
            add=[imagined_camera(_numbers(text, 2, 5), srid, n)
                 for n, text in enumerate(cameras)],
            new_stations=[imagined_station(_numbers(text, 2, 2), srid, n)
                          for n, text in enumerate(stations_at)])
        told = changes(answers.total(found, caller), answers.total(after, caller))
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, one in told.items():
        click.echo(f"{name}\t{_share(one['before'])}\t{_share(one['after'])}\t"
                   f"{one['change']:+g}")


@coverage.command()
@click.option("--seal", type=click.FloatRange(1, 240), default=15.0, show_default=True,
              help="Minutes in which every gate must be reached.")
@click.option("--post", type=click.FloatRange(1, 240), default=30.0, show_default=True,
              help="Minutes in which every patrol point must be reached.")
@click.option("--mode", type=click.Choice(MODES), default="ebike", show_default=True,
              help="How the police come.")
@JSON
@pass_program
def claim(program: Program, seal: float, post: float, mode: str, as_json: bool) -> None:
    """Check a claim such as "15 minutes to seal, 30 minutes to post"; exit 3 if it fails."""
    import sys

    from sqlalchemy.orm import Session

    from layers.across.coverage_reach import claims
    from layers.across.coverage_town import town

    with Session(program.engine()) as session:
        found = claims(session, town(session), seal=seal, post=post, mode=mode)
    if as_json:
        click.echo(json.dumps(found))
    for one in () if as_json else found:
        said = (f"p90 {one['p90_minutes']} min\tworst {one['worst_minutes']} min\t"
                f"{'holds' if one['holds'] else 'DOES NOT HOLD'}" if one["of"] else
                "there is nothing to reach: load gates or patrols first")
        click.echo(f"{one['claim']}\t{one['reached']}/{one['of']} in {one['minutes']:g} min\t"
                   f"{said}")
    sys.exit(0 if all(one["holds"] for one in found) else 3)


@contextmanager
def _answered(program: Program, said: dict[str, Any]
              ) -> "Iterator[tuple[Session, Coverage, Caller]]":
    from sqlalchemy.orm import Session

    from layers.access import roles_named
    from layers.across import coverage as answers
    from layers.caller import LEAST, MOST, Caller

    roles = roles_named(said.pop("role"))
    if len(roles) != 1:
        raise InvalidInput("--as names one role, such as operator or analyst.")
    caller = Caller(name="command", role=next(iter(roles)), low=LEAST, high=MOST)
    kinds = said.pop("kinds") or ("police_station",)
    with Session(program.engine()) as session:
        yield session, answers.coverage(session, answers.Asked(kinds=kinds, **said)), caller


def _numbers(text: str, least: int, most: int) -> tuple[float, ...]:
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not least <= len(found) <= most:
        raise InvalidInput(f"{text[:40]!r} is no place; LON,LAT in degrees is wanted first.")
    return found


def _share(said: dict[str, Any]) -> str:
    value = "-" if said["share"] is None else f"{said['share']:.1f}%"
    return f"{value} ({said['covered']:,g}/{said['of']:,g})"


def _print(whole: dict[str, Any]) -> None:
    for name, said in whole.items():
        if not isinstance(said, dict):
            click.echo(f"{name}\t{said}")
        elif "share" in said:
            click.echo(f"{name}\t{_share(said)}")
        else:
            click.echo(f"{name}\t" + "  ".join(f"{m} min {_share(one)}"
                                               for m, one in said.items()))
