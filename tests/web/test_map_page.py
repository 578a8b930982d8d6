"""The map page in a real browser: nothing from elsewhere, the right door, words on the map."""

import pytest

from tests.support.browsing import AT_REST, open_map

pytestmark = [
    pytest.mark.browser,
    # A browser that leaves a page drops its connections; the small server of the tests then
    # leaves the file that it was sending to the garbage collector.
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def page(browser, site):
    """The map, signed in and at rest."""
    page = open_map(browser, site)
    yield page
    page.context.close()


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


def test_the_page_asks_nobody_else_and_has_no_faults(page, site):
    assert page.seen
    assert [url for url in page.seen if not url.startswith((site, "data:", "blob:"))] == []
    assert page.faults == []


def test_names_stand_on_the_map(page):
    assert {one["name"] for one in drawn(page, "building-label")} == {"8号楼", "9号楼"}
    assert {one["identifier"][0] for one in drawn(page, "building")} == {"b"}


def test_a_click_opens_a_building_and_a_second_one_picks_the_unit_under_it(page):
    page.mouse.click(*spot_of(page, "building"))
    page.wait_for_selector("#panel h1")
    page.wait_for_function("() => window.doorplate.open.now")
    page.evaluate("() => window.doorplate.map.stop()")
    opened = page.evaluate("() => window.doorplate.open.now.identifier")
    eight = page.evaluate("""async () => (await (await fetch(
        '/api/lookup/address?q=' + encodeURIComponent('向阳小区8号楼'))).json()).ref""")
    if opened != eight:
        page.evaluate("(it) => import('/static/map/app.mjs').then(({ go }) => go(it))", eight)
    page.evaluate(AT_REST)
    x, y = spot_of(page, "unit")
    wanted = page.evaluate("""([x, y]) => window.doorplate.map.queryRenderedFeatures([x, y],
        { layers: ['unit'] })[0].properties""", [x, y])
    page.mouse.click(x, y)
    page.wait_for_function("(it) => location.hash.includes('u=' + it)", arg=wanted["identifier"])
    assert page.evaluate("() => window.doorplate.open.picked") == wanted["identifier"]
    assert wanted["no"] in page.inner_text("#panel h1")


def test_search_flies_to_the_door(page):
    page.keyboard.press("/")
    page.keyboard.type("向阳小区8号楼2单元301")
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


def test_what_an_input_method_composes_never_flies(page):
    page.focus("#q")
    page.evaluate("""() => { const box = document.getElementById('q'); box.value = '向阳';
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true })); }""")
    page.wait_for_timeout(400)
    assert not [url for url in page.seen if "/api/lookup/address" in url]


def test_a_building_that_does_not_exist_is_said_in_plain_words(page):
    page.fill("#q", "向阳小区77号楼2单元301")
    page.press("#q", "Enter")
    page.wait_for_function(
        "() => document.getElementById('answer').classList.contains('wrong')")
    assert "77号楼" in page.inner_text("#answer")


def test_escape_goes_one_level_up(page):
    test_search_flies_to_the_door(page)
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !window.doorplate.open.picked && window.doorplate.open.now")
    page.keyboard.press("Escape")
    page.wait_for_function("() => !window.doorplate.open.now")
    assert not page.is_visible("#panel")


def test_the_list_leads_to_the_same_places(page):
    page.click("#browse-button")
    for name in ("科尔沁区", "明仁街道", "向阳社区", "向阳小区", "8号楼"):
        page.locator("[role=treeitem]", has_text=name).last.locator(".line").first.click()
        page.wait_for_function(
            "(name) => document.querySelector('#panel h1')?.textContent.includes(name)", arg=name)
    assert page.evaluate("() => window.doorplate.open.now.units.features.length") == 12


def test_the_theme_and_the_flat_map_keep_what_is_open(page):
    test_search_flies_to_the_door(page)
    page.click("#theme")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.evaluate(AT_REST)
    assert len(drawn(page, "unit")) > 0
    page.click("#mode")
    page.evaluate(AT_REST)
    assert drawn(page, "building") == []
    assert page.evaluate("() => window.doorplate.open.picked")


def test_both_languages_label_every_control(page, site):
    for language in ("zh", "en"):
        page.goto(f"{site}/map?lang={language}")
        page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
        nameless = page.evaluate("""() => [...document.querySelectorAll('button, a, input, select')]
          .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim()
            || one.closest('label')?.textContent.trim())).map((one) => one.outerHTML)""")
        assert nameless == []


def test_without_webgl_search_and_list_still_serve(browser, page, site):
    page.add_init_script("""HTMLCanvasElement.prototype.getContext = new Proxy(
      HTMLCanvasElement.prototype.getContext, { apply: (target, self, given) =>
        (given[0] === 'webgl2' ? null : Reflect.apply(target, self, given)) });""")
    page.goto(f"{site}/map?lang=en")
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'")
    assert "WebGL2" in page.inner_text("body")
    page.fill("#q", "向阳小区8号楼2单元301")
    page.press("#q", "Enter")
    page.wait_for_selector("#panel h1")
    assert "301室" in page.inner_text("#panel h1")
