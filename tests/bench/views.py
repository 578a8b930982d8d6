"""`python -m tests.bench.views`: how soon the map is useful, and a view with 17,000 units.

Against the demonstration that `make demo` serves: a browser that holds nothing yet, 960 by 600
pixels, software WebGL without smoothed edges, the server warm; the median of seven. `--requests`
shows what was fetched when, the slowest first.
"""

import argparse
import sys
import time
from statistics import median
from typing import Any

from tests.bench.visitor import browsing, show, signed_in

FIRST_MOST_S, UNITS_MOST_S = 3.0, 6.0
#: The whole district from above its middle, every unit of every building.
UNITS = "c=122.219892,43.600481,15.6,0.0,0.0&o=units"
COUNT = """() => { const { map } = window.doorplate; return new Set(map.querySourceFeatures('units',
  { sourceLayer: 'unit' }).map(({ properties }) => properties.identifier)).size; }"""
FETCHED = """() => performance.getEntriesByType('resource').map((one) => [Math.round(one.startTime),
  Math.round(one.responseEnd), one.transferSize, one.name])"""
SHOWN = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def main(arguments: list[str] | None = None) -> int:
    """Measure both views and say whether they keep to their bounds."""
    said = _parser().parse_args(arguments)
    with browsing() as browser:
        _once(browser, said.url, "")            # the server's own caches are warm now
        first = [_once(browser, said.url, "")[0] for _ in range(said.runs)]
        _once(browser, said.url, UNITS)
        units = [_once(browser, said.url, UNITS) for _ in range(said.runs)]
        if said.requests:
            _tell(browser, said.url)
    print(f"first useful view: {_told(first)}, bound {FIRST_MOST_S} s")
    print(f"{units[0][1]:,} units: {_told([seconds for seconds, _ in units])}, "
          f"bound {UNITS_MOST_S} s")
    kept = median(first) <= FIRST_MOST_S and median(one for one, _ in units) <= UNITS_MOST_S
    return 0 if kept else 3


def _once(browser: Any, url: str, link: str) -> tuple[float, int]:
    """Return the seconds from the address to everything drawn, and how many units are there."""
    page = signed_in(browser, url)
    began = time.monotonic()
    show(page, url, link)
    seconds = time.monotonic() - began
    count = page.evaluate(COUNT) if "units" in link else 0
    page.context.close()
    return seconds, count


def _tell(browser: Any, url: str) -> None:
    page = signed_in(browser, url)
    show(page, url)
    fetched = page.evaluate(FETCHED)
    print(f"{len(fetched)} requests, {sum(one[2] for one in fetched):,} bytes; first paint after "
          f"{page.evaluate(SHOWN) or 0:.0f} ms")
    for begun, ended, size, name in sorted(fetched, key=lambda one: one[0] - one[1])[:30]:
        print(f"{begun:6} .. {ended:6} ms {size:9,} {name.removeprefix(url)}")
    page.context.close()


def _told(times: list[float]) -> str:
    return f"{median(times):.2f} s ({min(times):.2f}–{max(times):.2f})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.views", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--requests", action="store_true")
    return parser


if __name__ == "__main__":
    sys.exit(main())
