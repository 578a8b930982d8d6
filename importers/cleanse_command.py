"""The command `cleanse`: a file of addresses in, the same with answers and a report out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from importers.cleansing import Outcome

SHOWN = 12


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", required=True, metavar="NAME", help="The column with the addresses.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path),
              metavar="FILE", help="Where to write: CSV, or XLSX by its suffix.")
@click.option("--encoding", help="Of a text file, where it is not found out right.")
@click.option("--sheet", help="Of a spreadsheet, where several have the column.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write the whole report as JSON: classes, questions, what the register lacks.")
@click.option("--json", "as_json", is_flag=True, help="The whole report as JSON on stdout.")
@pass_program
def cleanse(program: Program, file: Path, column: str, output: Path, encoding: str | None,
            sheet: str | None, report: Path | None, as_json: bool) -> None:
    """Add to each row of FILE the place that its address means, with class and differences.

    A run that was broken off is taken up where it stopped. Exit 3 where rows could not be read.
    """
    from sqlalchemy.orm import Session

    from importers.base import Options
    from importers.cleansing import cleanse_file
    from importers.progress import bars

    with Session(program.engine()) as session, bars() as tell:
        outcome = cleanse_file(session, file, column, output,
                               progress=lambda done, of: tell("addresses", done, of),
                               options=Options(encoding=encoding, sheet=sheet))
    if report is not None:
        report.write_text(_document(outcome), encoding="utf-8")
    if as_json:
        click.echo(_document(outcome))
    else:
        _tell(outcome)
    if outcome.unreadable:
        raise SystemExit(3)


def _document(outcome: "Outcome") -> str:
    said = {**outcome.tally.as_json(), "resumed": outcome.resumed,
            "unreadable": outcome.unreadable}
    return json.dumps(said, ensure_ascii=False, indent=1)


def _tell(outcome: "Outcome") -> None:
    """Tell the report in lines: classes, then what to ask first, then what the register lacks."""
    said: dict[str, Any] = outcome.tally.as_json(SHOWN)
    click.echo("\t".join([f"{said['rows']} rows", *(
        f"{grade} {number}" for grade, number in said["classes"].items())]))
    for one in said["by_community"]:
        click.echo(f"{one['match_class']}\t{one['community']}\t{one['rows']}")
    for one in said["questions"]:
        click.echo(f"C\t{one['text']}\t{one['asks']}\t×{one['rows']}")
    for one in said["lacking"]:
        click.echo(f"D\t{one['lacks']}\t×{one['rows']}")
    if outcome.resumed:
        click.echo(f"{outcome.resumed:,} rows were done by a run before", err=True)
    if outcome.unreadable:
        click.echo(f"{outcome.unreadable:,} rows could not be read and are not in the output",
                   err=True)
