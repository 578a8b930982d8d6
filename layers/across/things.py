"""Which incidents are of things and places only: their counts are exact for every role.

All others may tell of persons, and are rounded for roles that see aggregates only.
"""

import json
from functools import cache
from pathlib import Path

from layers.codelists import codelist

FIGURES = Path(__file__).parents[2] / "data" / "incident_figures.json"


@cache
def things() -> frozenset[str]:
    """Return the services that are of things and places only."""
    return frozenset(json.loads(FIGURES.read_text(encoding="utf-8"))["exact"])


def parted(services: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return those of some services (none means all) that are of things, and the others."""
    wanted = services or tuple(codelist("service_code").codes)
    return (tuple(code for code in wanted if code in things()),
            tuple(code for code in wanted if code not in things()))
