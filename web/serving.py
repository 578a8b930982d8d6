"""The web server: who may be served where, and an orderly end."""

import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from layers.across.accounts import has_demo_sign_ins
from spatial.cluster import leased_database
from spatial.database import connect, sessions
from spatial.errors import Conflict, Forbidden, InvalidInput
from spatial.program import Program
from spatial.talkative import talkative
from spatial.walls import weaknesses

if TYPE_CHECKING:
    from flask import Flask

#: Requests served at a time by one worker, where there are cores; each has its own connection.
THREADS_MOST = 8
#: Connections besides: two documents that stream out, and the hub of live incidents.
BESIDE = 3
STATEMENT_MS = 5_000
#: Open streams are cut after this many seconds when the server is told to stop.
KILL_AFTER_S = 2
READY_WITHIN_S = 60


def application(program: Program) -> "Flask":
    """Return the WSGI application of one worker."""
    from spatial import limits
    from spatial.audit_keys import notary
    from spatial.audit_seal import Sealer
    from spatial.sealing import vault
    from spatial.walls import DatabaseRole, login_url, step_down
    from web import create_app

    engine = connect(login_url(program.url()), pool_size=threads() + BESIDE)
    bound(engine)
    with Session(engine) as session, session.begin():
        limits.forget(session)
    sealing = step_down(connect(program.url(), pool_size=1), DatabaseRole.AUDIT_SEALER)
    Sealer(sealing, notary(program.settings)).start()
    return gated(create_app(sessions(engine), vault(program.settings), program.settings))


def gated(app: "Flask") -> "Flask":
    """Let so many requests in at a time as have connections; streams wait outside of the gate."""
    room, inside = threading.BoundedSemaphore(threads()), app.wsgi_app

    def call(environ: Any, start: Any) -> Any:
        with room:
            return inside(environ, start)
    app.wsgi_app = call  # type: ignore[method-assign,assignment]
    return app


def threads() -> int:
    """Return how many requests one worker serves at a time on this machine."""
    return min(THREADS_MOST, 2 * (os.cpu_count() or 1) + 1)


def bound(engine: Engine) -> None:
    """Bound what a statement may cost, and keep values out of error texts and so out of logs."""
    engine.hide_parameters = True

    @event.listens_for(engine, "connect")
    def limit(connection: Any, _record: Any) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = %s", (STATEMENT_MS,))
        connection.autocommit = False


def serve(program: Program, *, host: str, port: int, workers: int,
          ready: Callable[[str], None], prepare: Callable[[Engine], None] | None = None) -> None:
    """Serve until told to stop; `prepare` runs before, `ready` once pages are answered.

    What was started for this, the private cluster among it, is stopped afterwards.
    """
    signal.signal(signal.SIGTERM, _leave)
    address = resolved(host)
    refuse_taken(address, port)
    with leased_database(program.settings) as url:
        engine = program.engine(url)
        if prepare is not None:
            prepare(engine)
        refuse_demonstration(engine, address)
        for remark in (*weaknesses(engine), *talkative(engine)):
            print(remark, file=sys.stderr)
        engine.dispose()
        os.environ["DOORPLATE_DATABASE_URL"] = url
        os.environ["DOORPLATE_HOME"] = str(program.settings.home)
        _run(address, port, workers, ready)


def resolved(host: str) -> str:
    """Return the IP address to listen on."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except (OSError, UnicodeError):
        raise InvalidInput(f"{host!r} is no address of this machine.") from None


def refuse_taken(address: str, port: int) -> None:
    """Raise Conflict when something listens on this port already."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except OSError as error:
            raise Conflict(f"{address} port {port} cannot be used ({error.strerror}); choose "
                           "another with --port or DOORPLATE_PORT.") from None


def refuse_demonstration(engine: Engine, address: str) -> None:
    """Raise Forbidden when printed passwords would open a door to the network."""
    if ipaddress.ip_address(address).is_loopback:
        return
    with Session(engine) as session:
        if has_demo_sign_ins(session):
            raise Forbidden(f"Demonstration sign-ins exist, so {address} is not served; only "
                            "127.0.0.1 is. Use a database without the demonstration.")


def page_url(address: str, port: int) -> str:
    """Return where the map is found."""
    shown = f"[{address}]" if ":" in address else address
    return f"http://{shown}:{port}/map"


def _run(address: str, port: int, workers: int, ready: Callable[[str], None]) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from web.live import STREAMS_MOST

    # Granian warns of more threads than cores; those of streams wait, and the gate bounds the rest.
    logging.getLogger("_granian").addFilter(lambda one: "Python threads" not in one.getMessage())
    server = Granian(
        "app:create_app", factory=True, interface=Interfaces.WSGI, address=address, port=port,
        workers=workers, blocking_threads=threads() + STREAMS_MOST, websockets=False,
        # A warning would greet every operator: that there is a thread for each open stream.
        log_level=LogLevels.error,
        workers_kill_timeout=KILL_AFTER_S, respawn_failed_workers=True)
    threading.Thread(target=_announce, args=(address, port, ready), daemon=True).start()
    server.serve()


def _announce(address: str, port: int, ready: Callable[[str], None]) -> None:
    """Call `ready` when the first answer comes."""
    health = page_url(address, port).removesuffix("/map") + "/health"
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(health, timeout=5):
            ready(page_url(address, port))
            return
        time.sleep(0.1)


def _leave(*_: object) -> NoReturn:
    sys.exit(0)
