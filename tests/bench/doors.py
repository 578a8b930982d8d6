"""`python -m tests.bench.doors [--doors 1000]`: is the door asked for the one that is chosen?

Against the demonstration that `make demo` serves: doors drawn by chance are found by their address
as an operator would, in the search box's own way, and compared with what the map then holds.
"""

import argparse
import sys
from random import Random
from typing import Any

from tests.bench.visitor import browsing, show, signed_in

UNITS = "async () => (await (await fetch('/api/layers/units.geojson')).json()).features.map(" \
        "({ properties: { identifier } }) => identifier)"
ADDRESSES = """async (ids) => Promise.all(ids.map(async (id) => {
  const { full_label } = await (await fetch(`/api/places/${id}`)).json();
  return [id, full_label]; }))"""
ASK = """async (asked) => {
  const { find } = await import('/static/map/search.mjs');
  const wrong = [];
  for (const [id, address] of asked) {
    await find(address);
    const { picked } = window.doorplate.open;
    if (picked !== id) wrong.push([address, id, picked]);
  }
  return wrong;
}"""
AT_ONCE = 20


def main(arguments: list[str] | None = None) -> int:
    """Ask for so many doors; end with 3 when one was not the one chosen."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.doors", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--doors", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=5)
    said = parser.parse_args(arguments)
    with browsing() as browser:
        page = signed_in(browser, said.url)
        elsewhere: list[str] = []
        page.on("request", lambda one: None if one.url.startswith((said.url, "data:", "blob:"))
                else elsewhere.append(one.url))
        show(page, said.url)
        chosen = Random(said.seed).sample(sorted(page.evaluate(UNITS)), said.doors)
        wrong = [one for at in range(0, len(chosen), AT_ONCE)
                 for one in _asked(page, chosen[at:at + AT_ONCE])]
    for address, wanted, found in wrong[:20]:
        print(f"{address}: {wanted} asked for, {found} chosen")
    print(f"{len(chosen) - len(wrong):,} of {len(chosen):,} doors are the ones asked for; "
          f"{len(elsewhere)} requests elsewhere")
    return 3 if wrong or elsewhere else 0


def _asked(page: Any, identifiers: list[str]) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = page.evaluate(ASK, page.evaluate(ADDRESSES, identifiers))
    return found


if __name__ == "__main__":
    sys.exit(main())
