"""Every page leads to the others that one may open, and to no other."""

import pytest

from layers.access import Role
from web.rooms import ROOMS


@pytest.mark.parametrize("role", list(Role))
def test_whoever_is_led_to_a_page_may_open_it_and_others_may_not(signed_in, tree, role):
    client = signed_in(role)
    offered = {one["path"] for one in client.get("/api/me").get_json()["rooms"]}
    for room in ROOMS:
        refused = client.get(room.path).status_code == 403
        # A wall may be shown themes, and is not sent there.
        assert refused != (room.path in offered or room.path == "/themes"), room.path


def test_pages_lead_on_in_both_languages(signed_in, tree):
    client = signed_in(Role.OFFICER)
    assert "走访核对" in client.get("/desk/review?lang=zh").text
    assert 'href="/desk/orders"' in client.get("/desk/visits?lang=en").text
    assert 'href="/desk/orders"' in client.get("/themes?lang=en").text
