"""What a staged row is about: something new, something that is there, or nothing new at all."""

from importers.addressed import meet_by_address
from importers.adopting import adopt_changed, meet_by_parts
from importers.authority import Authority
from importers.filling import Filling
from importers.overlapping import meet_by_footprint
from importers.sameness import settle_same
from importers.staging import Stage


def recognise(stage: Stage, authority: Authority) -> None:
    """Say of each row, once its references are resolved, what is to happen with it."""
    meet_by_parts(stage)
    meet_by_footprint(stage)
    meet_by_address(stage)
    stage.classify()
    Filling(stage.shape, stage.source, authority).yield_to_others(stage)
    settle_same(stage)
    adopt_changed(stage)
