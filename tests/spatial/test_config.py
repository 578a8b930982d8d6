from pathlib import Path

import pytest

from spatial.config import Setting, declared, settings
from spatial.errors import InvalidInput


def test_no_environment_gives_the_defaults():
    given = settings({"HOME": "/home/wang"}, root=False)
    assert given.home == Path("/home/wang/.local/share/doorplate")
    assert (given.port, given.database_url) == (8000, "")


def test_root_keeps_its_state_where_the_server_user_can_reach_it():
    assert settings({"HOME": "/root"}, root=True).home == Path("/var/lib/doorplate")


def test_an_empty_value_means_the_default():
    assert settings({"DOORPLATE_PORT": ""}).port == 8000


def test_a_named_home_is_absolute():
    assert settings({"DOORPLATE_HOME": "elsewhere"}).home == Path.cwd() / "elsewhere"


@pytest.mark.parametrize("text", ["http", "80.5", "0", "65536", "八千"])
def test_a_wrong_port_is_refused_by_name(text):
    with pytest.raises(InvalidInput, match="DOORPLATE_PORT"):
        settings({"DOORPLATE_PORT": text})


def test_not_a_number_is_outside_every_bound():
    with pytest.raises(InvalidInput, match="least allowed"):
        Setting("RATE", 1.0, "A rate.", floor=0).parse("nan")


def test_yes_and_no_have_a_few_spellings():
    setting = Setting("SWITCH", True, "A switch.")
    assert [setting.parse(word) for word in ("Yes", "0", "off")] == [True, False, False]
    with pytest.raises(InvalidInput, match="yes or no"):
        setting.parse("maybe")


def test_every_setting_has_a_text_and_the_house_prefix():
    assert all(one.help.endswith(".") for one in declared())
    assert all(one.name.startswith("DOORPLATE_") for one in declared())
