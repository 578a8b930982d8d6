"""What an operator does on the map all day, in a real browser: one page for all of it."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support.browsing import AT_REST, open_map

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]
#: Finds a place and waits for it; a server too busy to answer (503) is asked again.
FIND = """async (text) => {
  const { find } = await import('/static/map/search.mjs');
  const { app } = await import('/static/map/app.mjs');
  for (let asked = 0; asked < 5 && !app.place; asked += 1) {
    if (asked) await new Promise((done) => { setTimeout(done, 500); });
    await find(text);
  }
}"""
AXE = Path(__file__).parents[1] / ".vendor" / "axe.min.js"
#: Draws nothing but units, each in a colour of its own, and compares pixels with what is picked.
PICKS = """async () => {
  const { map, open } = window.doorplate;
  const kept = map.getStyle().layers.map(({ id }) => [id, map.getLayoutProperty(id, 'visibility')]);
  for (const [id] of kept) if (id !== 'unit') map.setLayoutProperty(id, 'visibility', 'none');
  const ids = open.now.units.features.map(({ properties }) => properties.identifier);
  const colours = ids.map((_, i) => [60 + 60 * (i % 4), 60 + 60 * (Math.floor(i / 4) % 4), 90]);
  const first = map.getPaintProperty('unit', 'fill-extrusion-color');
  map.setPaintProperty('unit', 'fill-extrusion-color', ['match', ['get', 'identifier'],
    ...ids.flatMap((id, i) => [id, `rgb(${colours[i]})`]), '#000']);
  const light = map.getLight();
  map.setLight({ anchor: 'map', position: [1.3, 225, 38], color: '#FFF', intensity: 0 });
  await new Promise((done) => { map.once('idle', done); map.triggerRepaint(); });
  const gl = map.painter.context.gl;
  const [w, h] = [gl.drawingBufferWidth, gl.drawingBufferHeight];
  const pixels = new Uint8Array(w * h * 4);
  map.redraw();
  gl.readPixels(0, 0, w, h, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  const at = (x, y) => {
    const i = ((h - 1 - y) * w + x) * 4;
    const near = colours.map((one) => Math.max(
      ...one.map((v, k) => Math.abs(v + 7 - pixels[i + k]))));
    const least = Math.min(...near);
    return least < 14 ? ids[near.indexOf(least)] : null;
  };
  const told = { inside: 0, right: 0, ground: 0, wrongly: 0 };
  for (let y = 6; y < h - 6; y += 7) for (let x = 6; x < w - 6; x += 7) {
    const id = at(x, y);
    const same = [[2, 0], [-2, 0], [0, 2], [0, -2]].every(([dx, dy]) => at(x + dx, y + dy) === id);
    if (!same) continue;
    const [hit] = map.queryRenderedFeatures([x + .5, y + .5], { layers: ['unit'] });
    if (id) { told.inside += 1; told.right += hit?.properties.identifier === id ? 1 : 0; }
    else { told.ground += 1; told.wrongly += hit ? 1 : 0; }
  }
  for (const [id, seen] of kept) map.setLayoutProperty(id, 'visibility', seen ?? 'visible');
  map.setPaintProperty('unit', 'fill-extrusion-color', first);
  map.setLight(light);
  return told;
}"""


def test_what_is_picked_is_what_is_seen(page):
    page.fill("#q", "向阳小区8号楼2单元301")
    page.press("#q", "Enter")
    page.wait_for_function("() => window.doorplate.open.picked")
    page.evaluate(AT_REST)
    told = page.evaluate(PICKS)
    assert told["inside"] > 100
    assert told["ground"] > 100
    assert told["right"] >= 0.99 * told["inside"]
    assert told["wrongly"] == 0


def test_every_door_that_is_asked_for_is_the_one_chosen(page):
    wrong = page.evaluate("""async () => {
      const { find } = await import('/static/map/search.mjs');
      const { open } = window.doorplate;
      const wrong = [];
      let asked = 0;
      for (const [house, floors] of [[8, 3], [9, 7]]) for (const door of ['1', '2']) {
        for (let floor = 1; floor <= floors; floor += 1) for (const room of ['01', '02']) {
          asked += 1;
          await find(`向阳小区${house}号楼${door}单元${floor}${room}`);
          const { ent, no } = open.now.units.features
            .find(({ properties: p }) => p.identifier === open.picked).properties;
          if (ent !== door || no !== `${floor}${room}`) wrong.push([house, door, floor, room]);
        }
      }
      return { asked, wrong };
    }""")
    assert wrong == {"asked": 40, "wrong": []}


def test_an_id_number_typed_into_the_search_goes_into_no_address(page):
    page.seen.clear()
    page.fill("#q", "110101199001011237")
    page.wait_for_timeout(250)
    page.press("#q", "Enter")
    page.wait_for_selector("#people form")
    assert page.input_value("#people input[name=value]") == "110101199001011237"
    page.click("#people button[type=submit]")
    page.wait_for_selector(".people-answer p")
    assert not [url for url in page.seen if "11010119" in url]
    assert "11010119" not in page.url
    page.click("#people .icon")


def test_a_pasted_list_becomes_a_table_and_pins(page):
    lines = "向阳小区8号楼2单元301\n向阳小区9号楼\n向阳小区77号楼\n=1+1"
    page.evaluate("""(text) => { const data = new DataTransfer(); data.setData('text', text);
      document.getElementById('q').dispatchEvent(new ClipboardEvent('paste',
        { clipboardData: data, bubbles: true, cancelable: true })); }""", lines)
    page.wait_for_selector("#sheet tbody tr")
    classes = page.locator("#sheet tbody td:nth-child(3)").all_inner_texts()
    assert classes[0] == "A"
    assert len(classes) == 4
    assert "77号楼" in page.locator("#sheet tbody tr").nth(2).inner_text()
    page.evaluate(AT_REST)
    with page.expect_download() as saved:
        page.click("#pasted-save")
    text = Path(saved.value.path()).read_text("utf-8-sig")
    assert text.splitlines()[4].startswith("'=1+1")
    page.click("#sheet .icon")


def test_what_is_here_names_every_level_and_the_height(page):
    page.mouse.click(500, 320, button="right")
    page.wait_for_selector(".popup .actions")
    text = page.inner_text(".popup")
    assert "向阳社区" in text
    assert "明仁街道" in text
    page.evaluate("() => document.querySelector('.maplibregl-popup-close-button').click()")


def test_a_circle_counts_what_is_inside_and_stands_in_the_link(page):
    page.evaluate("""async () => (await import('/static/map/drawing.mjs'))
        .drawAround([122.2201, 43.6001], 400)""")
    page.wait_for_selector("#side dl.facts")
    assert "楼栋" in page.inner_text("#side dl.facts")
    assert "o=area" in page.url
    page.click("#side .actions button:has-text('清除')")
    assert "o=area" not in page.url


def test_a_view_is_kept_and_shown_again_with_its_layers(page):
    page.click("#layers-button")
    page.locator(".layer", has_text="门牌").locator("input[type=checkbox]").uncheck()
    page.fill(".keep input", "我的视图")
    page.press(".keep input", "Enter")
    page.wait_for_selector(".views .row")
    page.locator(".layer", has_text="门牌").locator("input[type=checkbox]").check()
    assert "l=" not in page.url
    page.click(".views .row")
    page.wait_for_function("() => location.hash.includes('plates')")
    page.locator(".layer", has_text="门牌").locator("input[type=checkbox]").check()


def test_another_day_is_told_and_left_again(page):
    page.evaluate("async () => (await import('/static/map/day.mjs')).set('2010-05-01')")
    page.wait_for_selector("#day-banner button")
    assert "2010-05-01" in page.inner_text("#day-banner")
    assert "d=2010-05-01" in page.url
    page.click("#day-banner button")
    assert not page.is_visible("#day-banner")
    assert "d=" not in page.url


def test_a_link_shows_all_of_it_again_in_a_fresh_browser(page, browser, site):
    page.evaluate(FIND, "向阳小区8号楼2单元301")
    page.evaluate("async () => (await import('/static/map/day.mjs')).set('2024-05-01')")
    page.click("#layers-button")
    plates, grounds, buildings = (
        page.locator(f".layer:has(.switch span:text-is('{name}'))")
        for name in ("门牌", "绿地水系", "楼栋"))
    plates.locator("input[type=checkbox]").uncheck()
    grounds.locator("summary").click()
    grounds.locator("button:has-text('↓')").click()
    buildings.locator("summary").click()
    buildings.locator(".opacity input").evaluate(
        "(one) => { one.value = 0.5; one.dispatchEvent(new Event('change')); }")
    page.evaluate(AT_REST)
    link = page.evaluate("async () => (await import('/static/map/link.mjs')).linkToView("
                         "window.doorplate.map)").partition("#")[2]
    for part in ("u=", "c=", "d=2024-05-01", "-plates", "buildings~0.5", "z="):
        assert part in unquote(link)
    other = open_map(browser, site, f"theme=light&plain=1#{link}")
    assert other.evaluate("() => location.hash.slice(1)") == link
    assert other.evaluate("() => window.doorplate.open.picked")
    assert "301室" in other.inner_text("#panel h1")
    assert other.inner_text("#day-button") == "2024-05-01"
    other.context.close()
    plates.locator("input[type=checkbox]").check()
    grounds.locator("button:has-text('↑')").click()
    buildings.locator(".opacity input").evaluate(
        "(one) => { one.value = 1; one.dispatchEvent(new Event('change')); }")


def test_a_picture_and_a_page_name_who_took_them_when_and_why(page):
    page.evaluate(FIND, "向阳小区8号楼")
    page.evaluate("""() => {
      const { prototype } = CanvasRenderingContext2D;
      const draw = prototype.fillText;
      window.written = [];
      prototype.fillText = function fillText(text, ...rest) {
        window.written.push(text);
        return draw.call(this, text, ...rest);
      };
    }""")
    for kind, start in (("图片", b"\x89PNG"), ("PDF", b"%PDF-1.4")):
        page.click("#share")
        page.select_option(".dialog select", "应急处置")
        page.fill(".dialog input", "夜间巡查")
        with page.expect_download() as saved:
            page.click(f".dialog button:has-text('{kind}')")
        assert Path(saved.value.path()).read_bytes().startswith(start)
        said = " ".join(page.evaluate("() => window.written"))
        assert "wang" in said and "应急处置" in said and "夜间巡查" in said
        page.evaluate("() => document.querySelector('.dialog')?.close?.()")


def test_what_was_asked_for_shows_at_once_that_it_was(page):
    page.evaluate(FIND, "向阳小区8号楼")
    after_ms, left = page.evaluate("""async () => {
      const { app, go } = await import('/static/map/app.mjs');
      const { dataset } = document.documentElement;
      const began = performance.now();
      const going = go(app.place.chain[0].identifier);
      const after = dataset.busy === 'yes' ? performance.now() - began : null;
      await going;
      return [after, dataset.busy ?? null];
    }""")
    assert after_ms is not None
    assert after_ms < 100
    assert left is None


LOCK = "async () => (await import('/static/map/idle.mjs')).lock()"


def ask_for_person(page):
    page.click("#people-button")
    page.fill("#people input[name=value]", "张三")
    page.fill("#people input[name=call]", "C-1")
    page.click("#people button[type=submit]")


def test_a_page_left_alone_puts_persons_away_and_keeps_what_is_half_typed(page):
    with page.expect_response("**/api/lookup/person*"):
        ask_for_person(page)
    page.wait_for_function(
        "() => !document.querySelector('.people-answer').innerText.includes('正在')"
    )
    page.evaluate(LOCK)
    assert "收起" in page.inner_text(".people-answer")
    assert page.input_value("#people input[name=value]") == "张三"
    page.click("#people .icon")


def test_an_answer_that_comes_after_the_lock_is_not_shown(page):
    waiting = []

    def hold(route):
        waiting.append(route)

    page.route("**/api/lookup/person*", hold)
    ask_for_person(page)
    page.wait_for_selector(".people-answer > *")
    page.evaluate(LOCK)
    with page.expect_response("**/api/lookup/person*"):
        waiting.pop().continue_()
    page.unroute("**/api/lookup/person*")
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    assert "收起" in page.inner_text(".people-answer")
    page.click("#people .icon")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core comes with make setup-dev")
def test_axe_finds_nothing_serious(page):
    page.fill("#q", "向阳小区8号楼2单元301")
    page.press("#q", "Enter")
    page.wait_for_selector("#panel h1")
    for button in ("#layers-button", "#people-button"):
        page.click(button)
    session = page.context.new_cdp_session(page)   # a script that the page's own policy lets in
    session.send("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    session.detach()
    for theme in ("dark", "light"):
        page.evaluate("(name) => { document.documentElement.dataset.theme = name; }", theme)
        found = page.evaluate("""async () => (await window.axe.run(document,
          { resultTypes: ['violations'] })).violations
          .filter(({ impact }) => ['serious', 'critical'].includes(impact))
          .map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 160))])""")
        assert (theme, found) == (theme, [])


@pytest.mark.parametrize("size", [(960, 600), (1366, 768), (390, 844)])
def test_no_control_lies_under_another(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    hidden = page.evaluate("""() => [...document.querySelectorAll('.bar > button, .bar > a, '
        + '#day-button, .bar summary, #people-button, #q')].filter((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      const top = document.elementFromPoint(x + width / 2, y + height / 2);
      return !(top && (one.contains(top) || top.contains(one)));
    }).map(({ id, textContent }) => id || textContent)""")
    page.set_viewport_size({"width": 960, "height": 600})
    assert hidden == []
