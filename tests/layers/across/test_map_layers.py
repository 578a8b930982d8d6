"""What the layers panel of the map tells of each layer."""

import pytest

from layers import catalogue
from layers.access import PERSONAL
from layers.across.map_layers import LISTED, map_layers
from layers.across.tiles import SETS
from layers.base import fields_of

CARRIED = {one.name for contents in SETS.values() for one in contents}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_layer_of_places_that_is_in_a_tile_is_listed(language):
    drawn = {layer.name for layer in catalogue().values() if layer.table.name in CARRIED}
    assert {one["name"] for one in map_layers(language)} == drawn == set(LISTED)


def test_the_legend_is_the_declared_one():
    by_name = {one["name"]: one for one in map_layers("zh")}
    declared = catalogue()["units"].symbol.colour
    said = {one["value"]: one["colour"] for one in by_name["units"]["legend"] if "value" in one}
    assert said == dict(declared.colours)
    assert by_name["units"]["legend"][-1] == {"colour": declared.other, "label": "其他"}


def test_only_what_a_tile_carries_can_be_filtered_and_nothing_of_a_person():
    for one in map_layers("en"):
        fields = fields_of(catalogue()[one["name"]].model)
        for rule in one["filters"]:
            assert any(rule["field"] in columns for columns in one["carried"].values())
            assert fields.get(rule["field"]) is None or (
                fields[rule["field"]].audience not in PERSONAL)
            assert len({"codes", "number", "text"} & set(rule)) == 1
