"""The command `lookup calibrate`: how right the answers are, and their confidence fitted anew."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from spatial.addressing.trials import Judged, Score

ROOT = Path(__file__).resolve().parents[1]
TABLE, PAGE = ROOT / "data" / "lookup" / "confidence.json", ROOT / "docs" / "lookup.md"
#: Made texts are easier than real ones: no class is told surer than this.
MOST, MOST_ELSE = {"A": 0.999, "B": 0.99}, 0.97
#: The part of the page that this command writes.
BEGIN, END = "<!-- calibration -->\n", "<!-- /calibration -->"


@click.command()
@click.option("--cases", "number", type=click.IntRange(200, 100_000), default=6000,
              show_default=True, help="Cases to fit on; as many again judge the fit.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, other cases.")
@click.option("--write", is_flag=True,
              help="Keep the fit in data/lookup/confidence.json and tell of it in docs/lookup.md.")
@pass_program
def calibrate(program: Program, number: int, seed: int, write: bool) -> None:
    """Fit the confidence of lookups on cases made from the register, and judge it on others."""
    from sqlalchemy.orm import Session

    from layers.across.kept_register import KeptRegister
    from layers.across.register import register_of
    from spatial.addressing.trials import score

    with Session(program.engine()) as session:
        register = KeptRegister(register_of(session))
        fit = _fit(_run(register, number, seed))
        judged = _by(fit, _run(register, number, seed + 1))
    lines = _lines(score(judged), judged, fit)
    click.echo("\n".join(lines))
    if write:
        _keep(fit)
        _tell(lines)


def _run(register: Any, number: int, seed: int) -> "list[Judged]":
    from spatial.addressing import resolve
    from spatial.addressing.trials import cases, judge

    return [judge(case, resolve(case.text, register))
            for case in cases(register, number, seed=seed)]


def _fit(judged: "Sequence[Judged]") -> dict[str, list[tuple[float, float]]]:
    """Return the step function of each class; a class that no case shows keeps its own."""
    from spatial.addressing.grade import kind, penalty, table
    from spatial.addressing.trials import fitted, steps

    samples: dict[str, list[tuple[float, bool]]] = {}
    for one in judged:
        row = kind(one.answer.status, one.answer.match_class)
        samples.setdefault(row, []).append((penalty(one.answer.flags), one.right))
    own: dict[str, Any] = dict(table().steps)
    return {**own, **{row: steps(fitted(sample), most=MOST.get(row, MOST_ELSE))
                      for row, sample in sorted(samples.items())}}


def _by(fit: dict[str, Any], judged: "Sequence[Judged]") -> "list[Judged]":
    """Return the answers with the confidence that a fit gives them."""
    from spatial.addressing.grade import kind, penalty, told

    return [replace(one, answer=one.answer.with_confidence(told(
        fit, kind(one.answer.status, one.answer.match_class), penalty(one.answer.flags))))
            for one in judged]


def _keep(fit: dict[str, Any]) -> None:
    said = json.loads(TABLE.read_text(encoding="utf-8"))
    said["steps"] = fit
    TABLE.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _lines(figures: "Score", judged: "Sequence[Judged]", fit: dict[str, Any]) -> list[str]:
    from spatial.addressing.trials import reliability

    taken, of = figures.taken
    lines = [f"{figures.cases} cases, none of them used for the fit: "
             f"{figures.right / max(1, figures.cases):.2%} right, "
             f"{figures.false_doors} false doors that a bulk run would link, "
             f"{taken / max(1, of):.1%} of what has one answer is taken as A or B, "
             f"ECE {figures.ece:.4f}.", "",
             "| class | answers | right |", "|---|---:|---:|"]
    lines += [f"| {grade} | {n} | {right / max(1, n):.2%} |"
              for grade, (right, n) in figures.purity.items()]
    lines += ["", "| confidence told | share right | answers |", "|---:|---:|---:|"]
    lines += [f"| {told:.3f} | {true:.3f} | {n} |" for told, true, n in reliability(judged)]
    lines += ["", "| kind of case | right | cases |", "|---|---:|---:|"]
    lines += [f"| {kind} | {right / n:.1%} | {n} |"
              for kind, (right, n) in figures.by_kind.items()]
    lines += ["", "| class or status | from this weight on | confidence |", "|---|---:|---:|"]
    return lines + [f"| {row} | {start:g} | {share:g} |"
                    for row, steps in fit.items() for start, share in steps]


def _tell(lines: Sequence[str]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(head + BEGIN + "\n".join(lines) + "\n" + END + tail, encoding="utf-8")
