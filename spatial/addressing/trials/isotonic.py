"""Isotonic regression by pooling adjacent violators: the less there is amiss, the surer."""

from collections.abc import Iterable, Sequence

Step = tuple[float, float]
#: No sample shows that an answer is never, or always, right.
LEAST, MOST = 0.01, 0.999


def fitted(sample: Iterable[tuple[float, bool]]) -> list[tuple[float, float, int]]:
    """Return blocks (least penalty, share right, size) with falling shares.

    `sample` are pairs of a penalty and whether the answer was right.
    """
    blocks: list[list[float]] = []
    for penalty, right in sorted(sample, key=lambda pair: pair[0]):
        if blocks and blocks[-1][3] == penalty:
            blocks[-1][1] += right
            blocks[-1][2] += 1
        else:
            blocks.append([penalty, float(right), 1.0, penalty])
    pooled: list[list[float]] = []
    for block in blocks:
        pooled.append(block)
        while len(pooled) > 1 and _share(pooled[-2]) <= _share(pooled[-1]):
            last = pooled.pop()
            pooled[-1][1] += last[1]
            pooled[-1][2] += last[2]
    return [(block[0], _share(block), int(block[2])) for block in pooled]


def _share(block: Sequence[float]) -> float:
    """Return the share of right answers, drawn a little from the extremes where few were seen."""
    return min(MOST, max(LEAST, (block[1] + 0.5) / (block[2] + 1.0))) if block[2] else 0.5


def steps(blocks: Iterable[tuple[float, float, int]], *, most: float = MOST) -> list[Step]:
    """Return the step function of the blocks: from each penalty on, this probability.

    `most` bounds it: made texts are easier than those that people write.
    """
    out: list[Step] = []
    for penalty, share, _ in blocks:
        value = round(min(most, share), 4)
        if not out or out[-1][1] != value:
            out.append((round(penalty, 3), value))
    return out
