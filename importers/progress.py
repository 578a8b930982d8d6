"""Progress bars on stderr, where a person looks, for what takes longer than two seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

QUIET_S = 2.0


@contextmanager
def bars() -> Iterator[Callable[[str, int, int | None], None]]:
    """Give a function that reports (step, done, of how many); one bar a step."""
    current: dict[str, Any] = {}

    def report(step: str, done: int, of: int | None) -> None:
        if step not in current or done < current[step].n:
            close()
            current[step] = tqdm(desc=step, total=of, unit="", delay=QUIET_S, leave=False,
                                 disable=None)
        current[step].update(done - current[step].n)

    def close() -> None:
        while current:
            current.popitem()[1].close()

    try:
        yield report
    finally:
        close()
