import json
import re
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from layers.across.export import layer_to_export
from layers.across.export_files import write_geojson
from layers.across.folium_map import ASSETS, inlined, page
from spatial.errors import InvalidInput, Unavailable
from spatial.markup import escape
from tests.support.factories import make_building, make_facility, make_grid, make_street


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A folder of libraries that hold only their own names."""
    for name, path in ASSETS.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(f"/* {name} </script> */")
    return tmp_path


def drawn(session: Session, name: str, assets: Path) -> str:
    session.flush()
    out = BytesIO()
    write_geojson(session, layer_to_export(name), out)
    return page(layer_to_export(name), out.getvalue(), assets=assets)


def test_a_page_loads_nothing_from_anywhere(session: Session, assets: Path) -> None:
    make_building(session)
    make_facility(session)
    for name in ("buildings", "facilities"):
        html = drawn(session, name, assets)
        assert all(f"/* {asset}" in html for asset in ASSETS)
        assert not re.findall(r"""(?:src|href)=["'][^"']+""", html)
        assert "http://" not in html and "https://" not in html


def test_names_cannot_write_html(session: Session, assets: Path) -> None:
    make_building(session, name="</script><script>alert(1)</script>",
                  aliases=["<img onerror=x>"])
    html = drawn(session, "buildings", assets)
    assert "<script>alert" not in html
    assert "<img onerror" not in html


@pytest.mark.parametrize("name", [
    "{{ 7 * 191 }}", "{% for one in (1, 2) %}1337{% endfor %}", "{# gone #}", "{{", "{%", "}}",
    "{{ cycler.__init__.__globals__.os.getpid() }}", "{{constructor.constructor('1337')()}}"])
def test_a_name_is_no_template_that_the_server_runs(session: Session, assets: Path,
                                                    name: str) -> None:
    make_building(session, name=name, aliases=[name])
    html = drawn(session, "buildings", assets)
    assert escape(name).replace("&", "\\u0026") in html   # as it stands in a script


def test_colours_go_by_code_and_words_are_told(session: Session, assets: Path) -> None:
    make_facility(session, kind="hydrant")
    html = drawn(session, "facilities", assets)
    assert "消火栓" in html or "\\u6d88\\u706b\\u6813" in html
    assert "#E5484D" in html


def test_a_link_to_anywhere_else_is_refused(assets: Path) -> None:
    with pytest.raises(Unavailable, match="elsewhere"):
        inlined('<script src="https://example.org/x.js"></script>', assets)
    with pytest.raises(Unavailable, match="make setup"):
        inlined('<script src="leaflet.js"></script>', assets / "nowhere")


def test_what_has_no_shape_makes_no_page(session: Session, assets: Path) -> None:
    make_grid(session)
    make_street(session)
    for name in ("grids", "streets", "organizations"):
        with pytest.raises(InvalidInput, match="shape"):
            drawn(session, name, assets)


def test_too_much_for_one_page_is_refused(assets: Path) -> None:
    one = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 0]},
           "properties": {}, "id": "p1"}
    document = json.dumps({"features": [one] * 20_001}).encode()
    with pytest.raises(InvalidInput, match="--bbox"):
        page(layer_to_export("plates"), document, assets=assets)
