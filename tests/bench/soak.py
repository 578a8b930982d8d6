"""`python -m tests.bench.soak [--minutes 60]`: an operator's hours on the map, and their memory.

Against the demonstration that `make demo` serves: finds doors, opens buildings, walks floors,
changes theme and mode, draws areas, looks at other days. Prints the first view's seconds and the
JavaScript heap each minute, collected first; ends with 3 when the heap is over its bound.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from tests.bench.visitor import browsing, show, signed_in
from tests.support.browsing import AT_REST

HEAP_MOST_MB = 150
ASKED = ("阳光花园3号楼2单元501", "恒泰名都A座1单元1201", "向阳小区3号楼4单元501", "和平路",
         "福满公寓1号楼1单元702", "明仁社区", "学府一号2号楼")
#: Another day and back; a circle counted and taken away again.
AWAY = """async () => {
  const { set } = await import('/static/map/day.mjs');
  await set('2015-05-01');
  await set(null);
  const { drawAround } = await import('/static/map/drawing.mjs');
  const { hideSide } = await import('/static/map/side.mjs');
  drawAround(window.doorplate.map.getCenter().toArray(), 200);
  hideSide();
}"""
STEPS = ("#mode", "#mode", "#theme", "#theme", "#browse-button", "#layers-button",
         "#incidents-button", "#home")


def main(arguments: list[str] | None = None) -> int:
    """Work on the map until the time is over."""
    said = _parser().parse_args(arguments)
    with browsing() as browser:
        page = signed_in(browser, said.url)
        began = time.monotonic()
        show(page, said.url)
        print(f"first view {time.monotonic() - began:.1f} s", flush=True)
        most = max(_work(page, said.minutes))
    print(f"most heap {most:.0f} MB of {HEAP_MOST_MB}")
    return 0 if most <= HEAP_MOST_MB else 3


def _work(page: Any, minutes: float) -> Iterator[float]:
    """Yield the heap in MB, once a minute and at the end."""
    until, told = time.monotonic() + minutes * 60, 0.0
    steps = cycle(STEPS)
    for text in cycle(ASKED):
        page.fill("#q", text)
        page.press("#q", "Enter")
        page.wait_for_selector("#panel h1")
        page.evaluate(AT_REST)
        for key in ("PageUp", "PageDown", "Escape", "Escape"):
            page.evaluate("() => document.activeElement.blur()")
            page.keyboard.press(key)
        page.click(next(steps))
        page.evaluate(AWAY)
        over = time.monotonic() > until
        if over or time.monotonic() - told > 60:
            told = time.monotonic()
            heap = _heap_mb(page)
            print(f"{max(until - told, 0) / 60:5.1f} min left, heap {heap:.0f} MB", flush=True)
            yield heap
        if over:
            return


def _heap_mb(page: Any) -> float:
    """Return the heap after a collection, by the browser's own protocol."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used) / 1024 / 1024


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--minutes", type=float, default=60)
    return parser


if __name__ == "__main__":
    sys.exit(main())
