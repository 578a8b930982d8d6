"""`python -m tests.reports.pictures`: every level of the map, in both themes and languages.

Taken of the demonstration that `make demo` serves, into docs/pictures; look at each of them.
"""

import argparse
import sys
from typing import Any

from tests.bench.visitor import browsing, ready, signed_in
from tests.reports.writing import DOCS
from tests.support.browsing import AT_REST

SIZE = {"width": 1440, "height": 860}
QUALITY = 82
DOOR = "阳光花园3号楼2单元501"
LOOK = """async (floor) => {
  const { open, showFloor } = await import('/static/map/building.mjs');
  const { app, flyTo } = await import('/static/map/app.mjs');
  if (floor) showFloor(window.doorplate.map, open.now.units.features.find(
    ({ properties }) => properties.identifier === open.picked).properties.floor);
  flyTo(app.place);
}"""
CLOSE = "async () => (await import('/static/map/app.mjs')).close()"


def main(arguments: list[str] | None = None) -> int:
    """Take them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.reports.pictures", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    said = parser.parse_args(arguments)
    with browsing() as browser:
        page = signed_in(browser, said.url)
        page.set_viewport_size(SIZE)
        for theme in ("light", "dark"):
            for language in ("zh", "en"):
                page.goto(f"{said.url}/map?theme={theme}&lang={language}")
                ready(page)
                page.evaluate("() => document.getElementById('hint')?.remove()")
                _levels(page, theme + ("" if language == "zh" else "-en"))
    return 0


def _levels(page: Any, suffix: str) -> None:
    def take(level: str) -> None:
        page.evaluate(AT_REST)
        page.wait_for_function("() => window.doorplate.map.loaded()")
        page.evaluate(AT_REST)
        page.wait_for_timeout(1_000)     # words fade in, and software draws late
        page.screenshot(path=DOCS / "pictures" / f"map-{level}-{suffix}.jpg", type="jpeg",
                        quality=QUALITY)

    take("district")
    page.click("#mode")
    take("2d")
    page.click("#mode")
    _find(page, "阳光花园")
    take("compound")
    _find(page, DOOR)
    take("unit")
    page.evaluate(LOOK, True)
    take("floor")
    page.evaluate(CLOSE)
    page.click("#home")
    page.click("#layers-button")
    name = "Buildings" if "-en" in suffix else "楼栋"
    page.locator(f".layer:has(.switch span:text-is('{name}')) summary").click()
    take("layers")
    page.click("#layers-button")
    page.fill("#q", "")
    page.type("#q", "yghy3")
    page.wait_for_selector("#suggestions li")
    page.press("#q", "ArrowDown")
    take("suggest")
    page.fill("#q", "")


def _find(page: Any, text: str) -> None:
    page.fill("#q", text)
    page.press("#q", "Enter")
    page.wait_for_function("() => !document.getElementById('panel').hidden")
    page.evaluate(AT_REST)
    page.evaluate("() => document.activeElement.blur()")


if __name__ == "__main__":
    sys.exit(main())
