"""Rules that hold for every layer, present and future."""

import json

import pytest
from sqlalchemy import ARRAY, DateTime, LargeBinary

from importers.ledgers import targets
from layers import catalogue
from layers.access import PERSONAL, Audience, Role, Sight, sight
from layers.base import fields_of
from layers.codelists import FOLDER, codelist

LAYERS = list(catalogue().values())


@pytest.fixture(params=LAYERS, ids=lambda layer: layer.name)
def layer(request):
    return request.param


def test_a_layer_says_what_it_is_in_both_languages(layer):
    assert layer.model.__doc__
    assert all((layer.title.en, layer.title.zh, layer.about.en, layer.about.zh))


def test_its_symbol_needs_only_what_everybody_may_see(layer):
    fields = layer.fields()
    assert all(not fields[name].personal for name in layer.symbol.fields)


def test_its_shape_is_indexed_and_has_a_web_twin(layer):
    if layer.has_shape:
        assert layer.table.c.geometry.type.spatial_index
        assert layer.table.c.geom_3857.computed.persisted


def test_every_field_has_its_title_in_both_languages(layer):
    assert all(field.title.en and field.title.zh for field in layer.fields().values())


def test_every_code_list_it_names_is_there(layer):
    for field in layer.fields().values():
        if field.codelist:
            assert codelist(field.codelist).codes


def test_every_reference_names_a_table_of_ours(layer):
    tables = layer.model.metadata.tables
    assert all(field.refers in tables for field in layer.fields().values() if field.refers)


def test_sealed_fields_are_bytes_and_tell_of_a_person(layer):
    for key, field in layer.fields().items():
        if field.sealed:
            assert isinstance(layer.table.c[key].type, LargeBinary)
            assert field.audience in PERSONAL


def test_a_layer_with_persons_is_never_public(layer):
    personal = [key for key, field in layer.fields().items() if field.personal]
    assert not (layer.public and personal)


def test_two_headers_never_mean_two_columns(layer):
    """A header that two columns claim would be read as the one that stands first."""
    seen = {}
    for name, target in targets(layer.name).items():
        for header in target.headers:
            assert seen.setdefault(header, name) == name, header


def test_prefixes_tell_layers_apart():
    models = _models()
    prefixes = [model.prefix for model in models]
    assert len(set(prefixes)) == len(prefixes)


def _models():
    return [layer.model for layer in LAYERS] + list(
        {link.model for layer in LAYERS for link in layer.links})


def test_no_field_says_what_the_registry_must_never_hold():
    forbidden = ("religion", "ethnic", "politic", "health", "petition", "risk", "score", "grade",
                 "track", "face", "宗教", "民族", "政治", "健康", "信访", "重点", "评分", "轨迹",
                 "人脸", "minzu", "zongjiao", "xinfang", "zhongdian")
    for model in _models():
        for key, field in fields_of(model).items():
            said = f"{key} {field.title.en} {field.title.zh}".lower()
            assert not [word for word in forbidden if word in said], said


def test_every_role_has_a_say_on_every_audience():
    for role in Role:
        for audience in Audience:
            assert sight(role, audience) in Sight


def test_an_admin_sees_no_person():
    assert {sight(Role.ADMIN, audience) for audience in PERSONAL} == {Sight.HIDDEN}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_code_lists_read_back_in_code_and_both_languages(path):
    if "codes" not in json.loads(path.read_text("utf-8")):
        pytest.skip("not a list of coded words")
    known = codelist(path.stem)
    for code, words in known.codes.items():
        assert known.find(code) == code
        assert codelist(path.stem).label(code, "zh") == words.zh


def test_columns_have_types_that_ledgers_can_fill(layer):
    for key in layer.ledger_fields():
        kind = layer.table.c[key].type
        if not isinstance(kind, (ARRAY, DateTime, LargeBinary)):
            assert kind.python_type in (int, float, str, bool)
