"""The server: where it may listen, what stands in its way, how it ends."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from layers.across import accounts
from spatial.database import connect
from spatial.errors import Conflict, Forbidden, InvalidInput
from web import serving

ROOT = Path(__file__).parents[2]


@pytest.fixture
def port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def test_a_port_in_use_is_named():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        with pytest.raises(Conflict, match="--port"):
            serving.refuse_taken("127.0.0.1", busy.getsockname()[1])


def test_a_host_that_is_none_is_named():
    with pytest.raises(InvalidInput, match=r"999\.1\.1\.1"):
        serving.resolved("999.1.1.1")
    assert serving.resolved("127.0.0.1") == "127.0.0.1"


def test_printed_passwords_open_no_door_to_the_network(fresh_url, tmp_path):
    engine = connect(fresh_url)
    serving.refuse_demonstration(engine, "0.0.0.0")
    with Session(engine) as session:
        accounts.demo_sign_ins(session, tmp_path, area="*")
        session.commit()
    for address in ("0.0.0.0", "192.168.1.5", "::"):
        with pytest.raises(Forbidden, match="Demonstration"):
            serving.refuse_demonstration(engine, address)
    serving.refuse_demonstration(engine, "127.0.0.1")
    engine.dispose()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_server_says_where_answers_and_ends_when_told(fresh_url, tmp_path, port, how):
    environ = {**os.environ, "DOORPLATE_HOME": str(tmp_path), "DOORPLATE_DATABASE_URL": fresh_url}
    server = subprocess.Popen([sys.executable, "app.py", "serve", "--port", str(port)], cwd=ROOT,
                              env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == f"Doorplate: http://127.0.0.1:{port}/map\n"
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=20) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/me", timeout=20)
        refused.value.close()
        assert refused.value.code == 401
        server.send_signal(how)
        assert server.wait(timeout=20) == 0
    finally:
        server.kill()
        server.stdout.close()
        server.wait()
