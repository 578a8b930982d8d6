"""What a page tells the browser ahead: each module that it imports, and no other."""

import re

from layers.access import Role
from web.modules import STATIC, modules


def test_the_map_tells_every_module_that_its_own_import():
    found = modules("/static/map/main.mjs")
    assert len(found) == len(set(found)) > 40
    assert "/static/vendor/maplibre-gl/maplibre-gl.mjs" in found
    assert "/static/map/overlays/themes.mjs" in found
    assert all((STATIC / one.removeprefix("/static/")).is_file() for one in found)


def test_the_page_names_them_in_its_head(client_as):
    page = client_as(Role.OPERATOR).get("/map?theme=dark&lang=en").text
    named = re.findall(r'rel="modulepreload" href="([^"]+)"', page)
    assert tuple(named) == modules("/static/map/main.mjs")
    assert 'href="/styles/dark.json?lang=en"' in page
