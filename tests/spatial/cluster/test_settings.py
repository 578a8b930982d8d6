from pathlib import Path

from spatial.cluster.settings import conf_text, ident_text, server_settings

GIB = 1024**3


def make_settings(memory=8 * GIB, **overrides):
    return server_settings(
        socket=Path("/s"), zone="Asia/Shanghai", memory=memory, cores=2, overrides=overrides
    )


def test_memory_is_shared_out_by_what_the_machine_has():
    assert make_settings(8 * GIB)["shared_buffers"] == "1024MB"
    assert make_settings(GIB // 4)["shared_buffers"] == "64MB"
    assert make_settings(1024 * GIB)["shared_buffers"] == "4096MB"


def test_durability_is_on_unless_a_test_says_otherwise():
    assert make_settings()["fsync"] == "on"
    assert make_settings(fsync="off")["fsync"] == "off"


def test_a_quote_in_a_value_stays_inside_it():
    assert "log_line_prefix = 'it''s '" in conf_text({"log_line_prefix": "it's "})


def test_every_login_may_act_as_owner_as_application_and_as_administrator():
    assert ident_text(["wang", "postgres", "wang"]).splitlines() == [
        'house "postgres" doorplate', 'house "postgres" doorplate_app',
        'house "postgres" postgres', 'house "wang" doorplate', 'house "wang" doorplate_app',
        'house "wang" postgres',
    ]  # fmt: skip
