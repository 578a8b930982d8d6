"""The command that imports."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importers.sessions import clerk_name
from spatial.program import Program, pass_program
from spatial.wording import in_both

if TYPE_CHECKING:
    from importers.intake import Intake
    from importers.results import Result

#: Exit codes: nothing was stored; something was refused although the rest was stored.
NOTHING, PARTLY = 1, 3
#: Issues told on the terminal; all of them stand in the file of refused rows.
SHOWN = 10


@click.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--into", "layer", metavar="LAYER", help="The layer, where the file does not tell.")
@click.option("--source", help="Who the data is from; default: the folder's or the file's name.")
@click.option("--crs", help="EPSG:4490, GCJ-02, BD-09, swapped:EPSG:4326 …, "
              "where the file does not tell.")
@click.option("--encoding", help="The text encoding, where it is not found right.")
@click.option("--sheet", help="The sheet of a workbook.")
@click.option("--layer", "part", help="The layer of a file that has several.")
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="A mapping file (YAML).")
@click.option("--mode", type=click.Choice(["merge", "snapshot"]), default="merge",
              show_default=True, help="Keep or end what the file does not name.")
@click.option("--confirm-ending", type=int, metavar="N",
              help="Yes, this snapshot may end N features.")
@click.option("--bad-share", type=click.FloatRange(0, 1), default=0.2, show_default=True,
              help="Above this share of bad rows nothing is applied.")
@click.option("--rejects", type=click.Path(path_type=Path, file_okay=False),
              help="Folder for the rows that were refused; default: here.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write what came of every row to FILE (CSV): linked, queued, refused …")
@click.option("--apply", is_flag=True, help="Do it; without this it is a dry run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_program
def import_(program: Program, /, path: Path, **said: Any) -> None:
    """Import the ledger PATH, or every ledger of the folder PATH."""
    from importers.intake import take_in
    from importers.progress import bars
    from layers.across.erasure import replay_in
    from spatial.errors import RegistryError
    from spatial.sealing import vault

    with bars() as progress:
        intake = _intake(path, progress, said, program)
        try:
            take_in(program.engine(), vault(program.settings), path, intake)
            if said["apply"]:
                # A file that still names an erased person does not bring that person back.
                replay_in(program.engine(), program.settings)
        except RegistryError as error:
            if intake.results:
                _tell(intake, is_folder=path.is_dir(), **said)
            if not any(map(_stored, intake.results)):
                raise
            click.echo(f"{error.title} {error} The ledgers before it are "
                       f"{'stored' if said['apply'] else 'fit'}.", err=True)
            sys.exit(PARTLY)
    _tell(intake, is_folder=path.is_dir(), **said)
    if any(result.rejected for result in intake.results):
        sys.exit(PARTLY if any(map(_stored, intake.results)) else NOTHING)


def _stored(result: "Result") -> bool:
    """Tell whether something of a table is in the registry, now or since before."""
    return result.refused is None and bool(
        result.new or result.changed or result.ended or result.unchanged)


def _intake(path: Path, progress: Any, said: dict[str, Any], program: Program) -> Any:
    from importers.authority import authority
    from importers.base import Options
    from importers.intake import Intake, source_of
    from importers.loading import Order
    from importers.mapping_file import read_map

    order = Order(source=said["source"] or source_of(path), mode=said["mode"], crs=said["crs"],
                  zone=program.settings.zone, by=clerk_name(),
                  confirm_ending=said["confirm_ending"], bad_share=said["bad_share"],
                  progress=progress, authority=authority(program.settings.authority))
    options = Options(encoding=said["encoding"], sheet=said["sheet"], layer=said["part"])
    decided = read_map(said["map_file"]) if said["map_file"] else {}
    return Intake(order=order, options=options, layer=said["layer"], decided=decided,
                  named=said["source"] is not None, apply=said["apply"], rejects=said["rejects"],
                  report=said["report"])


def _tell(intake: "Intake", *, is_folder: bool, as_json: bool, apply: bool, **_: Any) -> None:
    results = intake.results
    for note in intake.notes:
        click.echo(f"  {note}", err=True)
    if as_json:
        bodies = [result.as_json() for result in results]
        click.echo(json.dumps(bodies if is_folder or len(bodies) != 1 else bodies[0],
                              ensure_ascii=False))
    else:
        click.echo("layer            read      new  changed    ended unchanged rejected   queued")
    for one in results:
        if not as_json:
            click.echo(f"{one.layer:<13}{one.read:>8,}{one.new:>9,}{one.changed:>9,}"
                       f"{one.ended:>9,}{one.unchanged:>10,}{one.rejected:>9,}{one.queued:>9,}")
        _remark(one)
    if not apply:
        click.echo("This was a dry run: nothing was stored. Add --apply to do it.", err=True)


def _remark(one: "Result") -> None:
    """Say on stderr what a clerk should know of one table."""
    for remark in one.remarks:
        click.echo(f"  {one.layer}: {remark}", err=True)
    for issue in one.issues[:SHOWN]:
        where = f"row {issue.line}" if issue.line else f"{issue.value}"
        click.echo(f"  {one.layer} {where}, {issue.column or 'row'}: {issue.rule}: "
                   f"{in_both(issue.remedy)}" + (f" (found: {issue.value})" if issue.value else ""),
                   err=True)
    if len(one.issues) > SHOWN:
        click.echo(f"  {one.layer}: and {len(one.issues) - SHOWN:,} more", err=True)
    if one.rejected_file:
        click.echo(f"  refused rows: {one.rejected_file}", err=True)
