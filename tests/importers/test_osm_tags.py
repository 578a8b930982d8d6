import pytest

from importers import osm_tags


@pytest.mark.parametrize(
    ("text", "height"),
    [
        ("12", 12.0),
        ("12 m", 12.0),
        ("12,5m", 12.5),
        ("~9", 9.0),
        ("18米", 18.0),
        ("40'", 12.19),
        ("12'6\"", 3.81),
        ("30 ft", 9.14),
        ("3;4", 4.0),
        ("0", None),
        ("-3", None),
        ("9999", None),
        ("tall", None),
        ("", None),
        ("12 storeys", None),
    ],
)
def test_heights_are_read_in_the_ways_people_write_them(text: str, height: float | None) -> None:
    assert osm_tags.metres(text) == height


@pytest.mark.parametrize(
    ("text", "count"),
    [("5", 5), ("3;4", 4), ("3-4", 4), ("4.5", 5), ("3,5", 4), ("many", None), ("999", None)],
)
def test_storeys_are_read_in_the_ways_people_write_them(text: str, count: int | None) -> None:
    assert osm_tags.storeys(text) == count


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("5", ["5"]),
        ("7;9", ["7", "9"]),
        ("76, 76a, 76b", ["76", "76a", "76b"]),
        ("15-17", ["15-17"]),
        ("2, 2. krs./Floor 2", ["2"]),
        ("13 A, 5. krs./Floor 5", ["13 A"]),
        ("351弄2号", ["351弄2号"]),
        (" ; ", []),
    ],
)
def test_house_numbers_are_split_and_ranges_kept(text: str, numbers: list[str]) -> None:
    assert osm_tags.house_numbers(text) == numbers


def test_other_languages_are_aliases_and_old_names_former() -> None:
    found = osm_tags.names(
        {
            "name": "Mannerheimintie",
            "name:sv": "Mannerheimvägen",
            "alt_name": "Mansku;Mannerheimintie",
            "old_name": "Heikinkatu",
            "name:etymology": "C. G. E. Mannerheim",
        }
    )
    assert found == osm_tags.Names("Mannerheimintie", "Mansku;Mannerheimvägen", "Heikinkatu")


def test_without_a_name_the_chinese_one_comes_first() -> None:
    assert osm_tags.names({"name:en": "South Gate", "name:zh": "南门"}).name == "南门"
    assert osm_tags.names({"name:en": "South Gate"}).name == "South Gate"
    assert osm_tags.names({"highway": "path"}).name is None


@pytest.mark.parametrize(
    ("tags", "number"),
    [
        ({"name": "3号楼"}, "3"),
        ({"name": "12栋"}, "12"),
        ({"name": "伟长楼"}, None),
        ({"name": "伟长楼", "ref": "J"}, "J"),
    ],
)
def test_a_block_number_is_read_from_its_name(tags: dict[str, str], number: str | None) -> None:
    assert osm_tags.block_number(tags) == number


def test_a_door_number_is_read_from_its_name() -> None:
    assert osm_tags.door_number({"name": "3单元"}) == "3"
    assert osm_tags.door_number({"ref": "B"}) == "B"


@pytest.mark.parametrize(
    ("tags", "function"),
    [
        ({"building": "yes"}, None),
        ({"building": "dormitory"}, "residential"),
        ({"building": "yes", "amenity": "hospital"}, "hospital"),
        ({"building": "yes", "shop": "books"}, "commercial"),
        ({"building": "roof"}, "other"),
    ],
)
def test_functions_are_read(tags: dict[str, str], function: str | None) -> None:
    assert osm_tags.function(tags) == function


def test_levels_and_kinds_of_divisions_are_read() -> None:
    assert osm_tags.division_level({"admin_level": "8"}) == "subdistrict"
    assert osm_tags.division_level({"admin_level": "2"}) is None
    assert osm_tags.division_kind("明仁街道") == "街道"
    assert osm_tags.division_kind("Monaco") is None


def test_a_building_is_neither_compound_nor_ground() -> None:
    assert osm_tags.compound_kind({"amenity": "school"}) == "campus"
    assert osm_tags.compound_kind({"amenity": "school", "building": "school"}) is None
    assert osm_tags.ground_kind({"natural": "water", "water": "river"}) == "river"
    assert osm_tags.ground_kind({"leisure": "park"}) == "park"


def test_links_are_of_the_class_of_their_road() -> None:
    assert osm_tags.street_class({"highway": "primary_link"}) == "main"
    assert osm_tags.street_class({"highway": "construction"}) is None


def test_years_are_read_from_dates_and_guesses() -> None:
    assert osm_tags.year("1923-1924") == 1923
    assert osm_tags.year("~1890") == 1890
    assert osm_tags.year("C19") is None
