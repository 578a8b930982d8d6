import json
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import Unavailable
from spatial.sealing import FILE, Vault

TEXTS = st.text(max_size=200).filter(lambda text: text.isprintable())


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    return Vault.open(tmp_path_factory.mktemp("home"))


@given(text=TEXTS, row=st.text("0123456789abcdef", min_size=1, max_size=17))
def test_what_is_sealed_opens_for_its_own_row(vault, text, row):
    sealed = vault.seal("resident", "phone", row, text)
    assert vault.unseal("resident", "phone", row, sealed) == text
    assert len(sealed) == 1 + 4 + 12 + len(text.encode()) + 16


def test_the_same_text_is_sealed_differently_each_time(vault):
    assert vault.seal("t", "c", "r", "1") != vault.seal("t", "c", "r", "1")


@pytest.mark.parametrize("place", [
    ("household", "phone", "r1"), ("resident", "id_number", "r1"), ("resident", "phone", "r2"),
    ("resident|phone", "", "r1")])
def test_a_value_moved_elsewhere_does_not_open(vault, place):
    sealed = vault.seal("resident", "phone", "r1", "13800000000")
    with pytest.raises(Unavailable, match="altered"):
        vault.unseal(*place, sealed)


def test_every_flipped_bit_is_noticed(vault):
    sealed = vault.seal("resident", "phone", "r1", "13800000000")
    for index in range(len(sealed)):
        altered = bytearray(sealed)
        altered[index] ^= 1
        with pytest.raises(Unavailable):
            vault.unseal("resident", "phone", "r1", bytes(altered))


@pytest.mark.parametrize("value", [b"", b"\x01", b"\x01" * 20])
def test_a_torn_value_is_damaged(vault, value):
    with pytest.raises(Unavailable, match="damaged"):
        vault.unseal("resident", "phone", "r1", value)


def test_a_missing_key_is_named(vault, tmp_path):
    sealed = vault.seal("resident", "phone", "r1", "13800000000")
    with pytest.raises(Unavailable, match=f"Key {vault.current} is missing"):
        Vault.open(tmp_path).unseal("resident", "phone", "r1", sealed)


def test_the_blind_index_is_stable_and_keeps_kinds_apart(vault, tmp_path):
    assert vault.blind("phone", "13800000000") == vault.blind("phone", "13800000000")
    assert len(vault.blind("phone", "1")) == 16
    assert vault.blind("phone", "1") != vault.blind("id_number", "1")
    assert vault.blind("phone", "1") != Vault.open(tmp_path).blind("phone", "1")


def test_the_key_file_is_for_its_owner_only_and_opens_again(tmp_path):
    home = tmp_path / "new" / "home"
    first = Vault.open(home)
    assert (home / FILE).stat().st_mode & 0o777 == 0o400
    assert Vault.open(home).unseal("t", "c", "r", first.seal("t", "c", "r", "x")) == "x"
    assert [path.name for path in home.iterdir()] == [FILE]


def test_keys_that_others_may_read_are_refused(tmp_path):
    Vault.open(tmp_path)
    (tmp_path / FILE).chmod(0o444)
    with pytest.raises(Unavailable, match="chmod 400"):
        Vault.open(tmp_path)


@pytest.mark.parametrize("text", [
    "", "{}", "[]", "é", '{"keys": {}, "current": "00000000", "index": "AA=="}',
    '{"keys": {"00": "AA=="}, "current": "00", "index": "AA=="}'])
def test_a_broken_key_file_is_refused(tmp_path, text):
    path = tmp_path / FILE
    path.write_text(text, encoding="utf-8")
    path.chmod(0o400)
    with pytest.raises(Unavailable):
        Vault.open(tmp_path)


def test_old_keys_still_open_what_they_sealed(tmp_path):
    old = Vault.open(tmp_path)
    sealed = old.seal("t", "c", "r", "x")
    body = json.loads((tmp_path / FILE).read_text(encoding="ascii"))
    body["keys"]["0badcafe"], body["current"] = body["index"], "0badcafe"
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).write_text(json.dumps(body), encoding="ascii")
    (tmp_path / FILE).chmod(0o400)
    new = Vault.open(tmp_path)
    assert new.unseal("t", "c", "r", sealed) == "x"
    assert new.seal("t", "c", "r", "x")[1:5].hex() == "0badcafe"


def test_programs_that_start_together_share_one_key(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(Vault.open(tmp_path).current))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_home_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="DOORPLATE_HOME"):
        Vault.open(tmp_path / "file" / "home")


def test_a_column_is_sealed_fast_and_keeps_its_gaps(vault):
    rows = [f"r{number:016x}" for number in range(10_000)]
    started = time.process_time()
    sealed = vault.seal_many("resident", "phone", rows, ["13800000000"] * 9_999 + [None])
    assert time.process_time() - started < 2
    assert sealed[-1] is None
    assert vault.unseal("resident", "phone", rows[7], sealed[7]) == "13800000000"
