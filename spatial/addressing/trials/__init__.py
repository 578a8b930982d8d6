"""Labelled cases made from any register, and how an answer to them is judged and calibrated."""

from spatial.addressing.trials.cases import Case, cases
from spatial.addressing.trials.isotonic import fitted, steps
from spatial.addressing.trials.scores import Judged, Score, judge, reliability, score

__all__ = ["Case", "Judged", "Score", "cases", "fitted", "judge", "reliability", "score", "steps"]
