import pytest

from spatial.cluster.binaries import find_binaries
from spatial.errors import Unavailable


def make_version(root, major, *, postgis=True):
    folder = root / str(major) / "bin"
    folder.mkdir(parents=True)
    for name in ("initdb", "pg_ctl"):
        (folder / name).touch()
    share = root / str(major) / "share" / "extension"
    share.mkdir(parents=True)
    if postgis:
        (share / "postgis.control").touch()
    return folder


def test_the_machine_has_a_supported_postgresql_with_postgis():
    assert find_binaries().major >= 14


def test_a_named_folder_is_the_only_one_looked_at(tmp_path):
    folder = make_version(tmp_path, 16)
    assert find_binaries(str(folder)).program("initdb") == str(folder / "initdb")


def test_a_version_is_also_known_by_what_it_ships(tmp_path):
    (tmp_path / "16").mkdir()
    folder = make_version(tmp_path / "16", "pgsql")
    (folder.parent / "share" / "postgres.bki").write_text("# PostgreSQL 17\n# …\n")
    assert find_binaries(str(folder)).major == 17


@pytest.mark.parametrize(("major", "postgis"), [(16, False), (9, True)])
def test_without_postgis_or_too_old_is_as_good_as_none(tmp_path, major, postgis):
    folder = make_version(tmp_path, major, postgis=postgis)
    with pytest.raises(Unavailable, match="make setup"):
        find_binaries(str(folder))


def test_another_version_than_the_data_folders_names_both(tmp_path):
    folder = make_version(tmp_path, 17)
    with pytest.raises(Unavailable, match="made by PostgreSQL 15, and installed is 17"):
        find_binaries(str(folder), major=15)
