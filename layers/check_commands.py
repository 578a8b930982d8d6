"""The command `check`: what must hold of the whole registry, and what does not."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from layers.across.checks import Balance, Finding, Rule

#: Exit code of a check that found something.
FOUND = 3
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.group(invoke_without_command=True)
@click.pass_context
def check(context: click.Context) -> None:
    """Check what must hold: totals balance, shapes fit. Exit 3 where something does not.

    Without a subcommand everything is checked.
    """
    if context.invoked_subcommand is None:
        program = context.ensure_object(Program)
        bad = [_check_totals(program, as_json=False), _check_topology(program, as_json=False)]
        sys.exit(FOUND if any(bad) else 0)


@check.command()
@JSON
@pass_program
def totals(program: Program, as_json: bool) -> None:
    """Check that residents, households and units balance at every level."""
    sys.exit(FOUND if _check_totals(program, as_json=as_json) else 0)


@check.command()
@JSON
@pass_program
def topology(program: Program, as_json: bool) -> None:
    """Check that buildings, units and grids neither overlap nor leave their place."""
    sys.exit(FOUND if _check_topology(program, as_json=as_json) else 0)


def _check_totals(program: Program, *, as_json: bool) -> bool:
    from sqlalchemy.orm import Session

    from layers.across import checks

    with Session(program.engine()) as session:
        lines = list(checks.balances(session))
        found = list(checks.findings(session, checks.TOTALS))
    if as_json:
        click.echo(json.dumps({"totals": [asdict(line) | {"holds": line.holds} for line in lines],
                               "findings": [asdict(one) for one in found]}, ensure_ascii=False))
    else:
        _print_balances(lines)
        _print_findings(found, checks.TOTALS)
    return bool(found) or not all(line.holds for line in lines)


def _check_topology(program: Program, *, as_json: bool) -> bool:
    from sqlalchemy.orm import Session

    from layers.across import checks

    with Session(program.engine()) as session:
        found = list(checks.findings(session, checks.TOPOLOGY))
    if as_json:
        click.echo(json.dumps({"findings": [asdict(one) for one in found]}, ensure_ascii=False))
    else:
        _print_findings(found, checks.TOPOLOGY)
    return bool(found)


def _print_balances(lines: "Sequence[Balance]") -> None:
    click.echo(f"{'metric':<22}{'level':<13}{'areas':>8}{'in areas':>11}{'residual':>10}"
               f"{'total':>11}")
    for line in lines:
        click.echo(f"{line.metric:<22}{line.level:<13}{line.areas:>8,}{line.rows:>11,}"
                   f"{line.residual:>10,}{line.total:>11,}"
                   + ("" if line.holds else "  DOES NOT BALANCE"))


def _print_findings(found: "Sequence[Finding]", rules: "Sequence[Rule]") -> None:
    from layers.across.checks import TOLD

    for rule in rules:
        ours = [one for one in found if one.rule == rule.name]
        click.echo(f"{rule.name}: {f'{len(ours):,} found' if ours else 'none'} ({rule.about})")
        for one in ours[:TOLD]:
            click.echo(f"  {one.identifier} {one.other or ''} {one.measure:g}: {one.remedy}")
        if len(ours) > TOLD:
            click.echo(f"  … and {len(ours) - TOLD:,} more")
