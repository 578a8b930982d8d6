"""A database of one's own is asked whether its log keeps values to itself."""

import psycopg2
import pytest

from spatial.cluster.settings import CONFIDENTIAL
from spatial.database import connect
from spatial.talkative import talkative, talking


def test_the_private_cluster_keeps_values_to_itself(fresh_url):
    engine = connect(fresh_url)
    assert talkative(engine) == []
    engine.dispose()


@pytest.mark.parametrize(("name", "value"), [
    ("log_min_messages", "warning"), ("log_statement", "mod"), ("log_min_error_statement", "error"),
    ("log_min_duration_statement", "500"), ("log_parameter_max_length_on_error", "-1")])
def test_a_log_that_talks_is_named_with_the_remedy(cluster, fresh_url, name, value):
    admin = psycopg2.connect(cluster.admin_url())
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE fresh SET {name} = '{value}'")
    admin.close()
    engine = connect(fresh_url)
    [told] = talkative(engine)
    engine.dispose()
    assert f"{name} is {value}" in told
    assert f"ALTER DATABASE fresh SET {name} = '{CONFIDENTIAL[name]}'" in told


def test_what_is_stricter_is_well():
    assert talking({**CONFIDENTIAL, "log_min_messages": "panic"}) == []
