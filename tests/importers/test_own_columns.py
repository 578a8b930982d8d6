"""Columns of a row's own table that are made of others."""

import pytest

from importers.columns import each
from importers.own_columns import own_columns
from importers.shape import Shape
from layers import catalogue
from spatial.sealing import Vault

DERIVING = [name for name, layer in catalogue().items() if layer.derive]


class Asking(dict):
    """A row that remembers what it was asked for."""

    def __init__(self, row):
        super().__init__(row)
        self.names = set()

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)


@pytest.mark.parametrize("name", DERIVING)
def test_search_keys_ask_a_full_row_for_nothing_that_an_empty_one_was_not_asked_for(name):
    layer = catalogue()[name]
    for value in ("3号楼", None):
        row = Asking({key: value or "张三" if key == "name" else value for key in layer.fields()})
        layer.derive(row)
        assert row.names <= Shape(layer, frozenset(layer.fields())).asked


def test_a_column_of_few_values_is_made_of_each_once():
    made = []
    assert each(lambda one: made.append(one) or one * 2, ["a", "b", "a", "a", "b", "a"]) == [
        "aa", "bb", "aa", "aa", "bb", "aa"]
    assert sorted(made) == ["a", "b"]


def test_the_day_of_birth_comes_from_the_number_of_a_resident_only(tmp_path):
    vault = Vault.open(tmp_path)
    shape = Shape(catalogue()["residents"], frozenset({"source_id", "name", "id_number"}))
    names = ["r1", "r2", "r3"]
    values = {"name": ["甲", "乙", "丙"],
              "id_number": ["110223199903071238", "E12345678", None]}
    columns = list(own_columns(shape, vault, names, values))
    days = columns[len(shape.plain) + shape.sealed.index("birth_date")]
    assert [one and vault.unseal("resident", "birth_date", name, one)
            for name, one in zip(names, days, strict=True)] == ["1999-03-07", None, None]
