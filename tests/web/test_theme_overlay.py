"""Themes as people meet them: on the map with time and table, and as a page to carry away."""

import pytest

from tests.support.browsing import open_map

DRAWN = """() => window.doorplate.map.getSource('theme')
  && window.doorplate.map.isSourceLoaded('theme')
  && window.doorplate.map.querySourceFeatures('theme').length > 0"""
CHOSEN = "() => window.doorplate.map.getFilter('theme-chosen')[2]"


@pytest.fixture(scope="module")
def page(browser, site):
    page = open_map(browser, site, "theme=light&plain=1&lang=en#o=theme~~incidents...")
    page.wait_for_selector(".theme-dock tbody tr")
    yield page
    assert page.faults == []
    page.context.close()


def test_the_table_and_the_map_lead_to_each_other(page):
    page.wait_for_function(DRAWN)
    row = page.locator(".theme-dock tbody tr").first
    identifier = row.get_attribute("data-id")
    row.click(position={"x": 4, "y": 4})
    assert page.evaluate(CHOSEN) == identifier
    assert row.get_attribute("aria-current") == "true"
    head = page.locator(".theme-dock th button").first
    head.click()
    assert page.locator(".theme-dock th").first.get_attribute("aria-sort") == "descending"


def test_time_walks_by_day_week_and_month_and_the_running_step_is_told(page):
    told = page.locator(".theme-slider output")
    for unit, steps in (("day", 31), ("week", 26), ("month", 12)):
        page.select_option(".theme-unit", unit)
        page.wait_for_function("n => document.querySelectorAll('.theme-bars i').length === n",
                               arg=steps)
        assert "incomplete" in told.inner_text() and "Borders" in told.inner_text()
    page.locator(".theme-slider input").fill("3")
    page.wait_for_function(
        "() => !document.querySelector('.theme-slider output').textContent.includes('incomplete')")
    page.click(".theme-slider button")
    page.wait_for_function("() => document.querySelector('.theme-slider input').value !== '3'")
    page.click(".theme-slider button")


@pytest.mark.parametrize(("language", "words"), [("zh", "数据时间"), ("en", "Data of")])
def test_the_page_to_carry_away_asks_nobody(page, language, words):
    other = page.context.new_page()
    asked, faults = [], []
    other.on("request", lambda request: asked.append(request.url))
    other.on("pageerror", lambda error: faults.append(str(error)))
    address = page.seen[0].split("/sign-in")[0] + f"/api/themes/households.html?lang={language}"
    other.goto(address)
    other.wait_for_selector("path.leaflet-interactive")
    assert words in other.inner_text("section.theme")
    assert [url for url in asked if not url.startswith("data:")] == [address] and faults == []
    other.close()
