from pathlib import Path

import pytest
from sqlalchemy import make_url

from spatial.cluster.urls import libpq_url, socket_url
from spatial.errors import InvalidInput


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_spelling_of_a_postgresql_url_becomes_libpqs(scheme):
    assert libpq_url(f"{scheme}://u:p@db/x?a=b") == "postgresql://u:p@db/x?a=b"


@pytest.mark.parametrize("url", ["mysql://u@h/d", "sqlite:///x.db", "doorplate", "//h/d"])
def test_another_database_is_refused(url):
    with pytest.raises(InvalidInput, match="PostGIS"):
        libpq_url(url)


def test_a_socket_url_survives_blanks_and_chinese():
    url = make_url(socket_url(Path("/家/a b"), role="doorplate", database="门牌"))
    assert (url.query["host"], url.database, url.username) == ("/家/a b", "门牌", "doorplate")
