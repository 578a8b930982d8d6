"""The map page in a real browser: the right door, words on the map; one page for all of it."""

import pytest

from tests.support.browsing import AT_REST, open_map

pytestmark = [
    pytest.mark.browser,
    # A browser that leaves a page drops its connections; the small server of the tests then
    # leaves the file that it was sending to the garbage collector.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]
NO_WEBGL = """HTMLCanvasElement.prototype.getContext = new Proxy(
  HTMLCanvasElement.prototype.getContext, { apply: (target, self, given) =>
    (given[0] === 'webgl2' ? null : Reflect.apply(target, self, given)) });"""
NAMELESS = """() => [...document.querySelectorAll('button, a, input, select')]
  .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim()
    || one.closest('label')?.textContent.trim())).map((one) => one.outerHTML)"""


def drawn(page, layer: str) -> list[dict]:
    """Return the properties of what a layer shows just now."""
    return page.evaluate("""(layer) => window.doorplate.map.queryRenderedFeatures(
        { layers: [layer] }).map(({ properties }) => properties)""", layer)


def spot_of(page, layer: str, identifier: str | None = None) -> tuple[float, float]:
    """Return a point of the screen where a layer's feature is what one clicks on."""
    return tuple(page.evaluate("""([layer, identifier]) => {
      const { map } = window.doorplate;
      const { clientWidth: width, clientHeight: height } = map.getCanvas();
      for (let y = 80; y < height - 60; y += 6) for (let x = 380; x < width - 160; x += 6) {
        const same = [[0, 0], [4, 0], [-4, 0], [0, 4], [0, -4]].every(([dx, dy]) => {
          const [first] = map.queryRenderedFeatures([x + dx, y + dy], { layers: [layer] });
          return first && (!identifier || first.properties.identifier === identifier);
        });
        if (same) return [x, y];
      }
      return null;
    }""", [layer, identifier]))


def find(page, text: str) -> None:
    """Find a place by its address, and wait until the camera is there."""
    page.fill("#q", text)
    page.press("#q", "Enter")
    page.wait_for_selector("#panel h1")
    page.evaluate(AT_REST)


def test_names_stand_on_the_map(page):
    page.evaluate(AT_REST)
    assert {one["name"] for one in drawn(page, "building-label")} == {"8号楼", "9号楼", "10号楼"}
    assert {one["identifier"][0] for one in drawn(page, "building")} == {"b"}


def test_a_click_opens_a_building_and_a_second_one_picks_the_unit_under_it(page):
    page.evaluate(AT_REST)
    page.mouse.click(*spot_of(page, "building"))
    page.wait_for_selector("#panel h1")
    page.wait_for_function("() => window.doorplate.open.now")
    page.evaluate(AT_REST)
    x, y = spot_of(page, "unit")
    wanted = page.evaluate("""([x, y]) => window.doorplate.map.queryRenderedFeatures([x, y],
        { layers: ['unit'] })[0].properties""", [x, y])
    page.mouse.click(x, y)
    page.wait_for_function("(it) => location.hash.includes('u=' + it)", arg=wanted["identifier"])
    assert page.evaluate("() => window.doorplate.open.picked") == wanted["identifier"]
    assert wanted["no"] in page.inner_text("#panel h1")


@pytest.mark.parametrize("key", ["/", "、"])
def test_search_flies_to_the_door_and_escape_goes_one_level_up(page, key):
    page.evaluate("""(key) => document.body.dispatchEvent(new KeyboardEvent('keydown',
        { key, bubbles: true, cancelable: true }))""", key)
    page.keyboard.insert_text("向阳小区8号楼2单元301")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.doorplate.open.picked")
    page.wait_for_selector("#panel h1")
    assert "301室" in page.inner_text("#panel h1")
    assert "2单元" in page.inner_text("#panel .chain")
    page.evaluate(AT_REST)
    picked = page.evaluate("() => window.doorplate.open.picked")
    x, y = spot_of(page, "unit", picked)
    assert 300 < x < 940
    assert 60 < y < 560
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !window.doorplate.open.picked && window.doorplate.open.now")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !window.doorplate.open.now")
    assert not page.is_visible("#panel")


def test_what_an_input_method_composes_never_flies(page):
    page.focus("#q")
    page.evaluate("""() => { const box = document.getElementById('q'); box.value = '向阳';
      for (const said of [{ isComposing: true }, { keyCode: 229 }]) {
        box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ...said }));
      } }""")
    # What comes afterwards is asked for; had the first flown, it would have been asked before.
    page.fill("#q", "向阳小区77号楼2单元301")
    page.press("#q", "Enter")
    page.wait_for_selector("#answer.wrong")
    asked = [url for url in page.seen if "/api/lookup/address" in url]
    assert len(asked) == 1
    # A building that does not exist is said in plain words.
    assert "77号楼" in page.inner_text("#answer")


def test_the_list_leads_to_the_same_places(page):
    page.click("#browse-button")
    for name in ("科尔沁区", "明仁街道", "向阳社区", "向阳小区", "8号楼"):
        page.locator("[role=treeitem]", has_text=name).last.locator(".line").first.click()
        page.wait_for_function(
            "(name) => document.querySelector('#panel h1')?.textContent.includes(name)", arg=name)
    assert page.evaluate("() => window.doorplate.open.now.units.features.length") == 12


def test_the_theme_and_the_flat_map_keep_what_is_open(page):
    find(page, "向阳小区8号楼2单元301")
    page.click("#theme")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.evaluate(AT_REST)
    assert len(drawn(page, "unit")) > 0
    page.click("#mode")
    page.evaluate(AT_REST)
    assert drawn(page, "building") == []
    assert page.evaluate("() => window.doorplate.open.picked")
    page.click("#theme")
    page.evaluate("async () => (await import('/static/map/app.mjs')).close()")
    page.wait_for_function("() => !window.doorplate.open.now")


def test_without_webgl_search_list_and_a_plain_map_still_serve_in_both_languages(browser, site):
    page = open_map(browser, site, "lang=en", scripts=[NO_WEBGL])
    assert page.evaluate(NAMELESS) == []
    page.click("#language")
    page.wait_for_function("() => document.documentElement.lang === 'zh-CN'")
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    assert page.evaluate(NAMELESS) == []
    find(page, "向阳小区8号楼2单元301")
    assert "301室" in page.inner_text("#panel h1")
    page.wait_for_selector(".plain-label")
    page.wait_for_function("() => document.querySelector('#map').innerText.includes('8号楼')")
    assert [url for url in page.seen if not url.startswith((site, "data:", "blob:"))] == []
    assert page.faults == []
    page.context.close()
