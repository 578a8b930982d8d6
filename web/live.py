"""Incidents as they happen: server-sent events, resumed after a cut without loss.

Every stream holds a thread of the server and none of its connections; the process listens once
for all of them (spatial/listening.py) and keeps the newest messages, so that a change is one query
however many are looking. A stream ends after some minutes, and the browser comes back by itself:
that is when its sign-in is looked at again.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, cast

from flask import Blueprint, Response, current_app, g, request

from layers.across.orders import CHANNEL
from layers.across.orders_stream import BATCH, Message, last_number, messages
from spatial.errors import InvalidInput, Unavailable
from spatial.listening import Listener
from spatial.walls import NOBODY, DatabaseRole, enter
from web.endpoint import endpoint
from web.frame import House, house
from web.params import whole

bp = Blueprint("live", __name__)
MEDIA = "text/event-stream"
#: Streams at a time in one process, the life of one, and how often it says that it lives.
STREAMS_MOST, LIFE_S, BEAT_S, RETRY_MS = 60, 300.0, 15.0, 1_000
KEPT = 1_000
AFTER = whole("after", "Begin after this number; by default with what happens from now on.",
              least=0, most=2**62)


class Hub:
    """What a process knows of the newest entries; shared by all of its streams."""

    def __init__(self, ours: House) -> None:
        self._ours = ours
        with closing(ours.new_session()) as session:
            url = session.get_bind().engine.url.set(drivername="postgresql")
        self.listener = Listener(url.render_as_string(hide_password=False), CHANNEL)
        self.room = threading.BoundedSemaphore(STREAMS_MOST)
        self._lock = threading.Lock()
        self._kept: deque[Message] = deque(maxlen=KEPT)
        self._whole_from = self._last = self._now()
        self._seen_ticks = -1
        self.listener.start()

    @property
    def last(self) -> int:
        """Return the number of the newest entry known here."""
        return self._last

    def after(self, number: int) -> list[Message]:
        """Return the messages after a number, from memory where it reaches back so far."""
        with self._lock:
            self._catch_up()
            if number >= self._whole_from:
                return [one for one in self._kept if one.number > number]
        with self._session() as session:
            return messages(session, number)

    def _catch_up(self) -> None:
        """Read what came since the last time; the first who is woken does it for all."""
        ticks = self.listener.ticks
        if ticks == self._seen_ticks:
            return
        with self._session() as session:
            while found := messages(session, self._last):
                self._kept.extend(found)
                self._last = found[-1].number
                if len(found) < BATCH:
                    break
        if len(self._kept) == KEPT:
            self._whole_from = self._kept[0].number - 1
        self._seen_ticks = ticks

    def _now(self) -> int:
        with self._session() as session:
            return last_number(session)

    @contextmanager
    def _session(self) -> Iterator[Any]:
        with closing(self._ours.new_session()) as session:
            enter(session, self._ours.vault, NOBODY, DatabaseRole.APP)
            yield session


@bp.get("/api/incidents/stream")
@endpoint(AFTER, media=MEDIA)
def stream(after: int | None) -> Response:
    """Tell of open incidents as they come, change and go, within two seconds.

    Each message has a number as `id`; `Last-Event-ID` (or `after`) resumes behind it. `hello` comes
    first, with the newest number: load the points then, and nothing is missed between.
    """
    hub = _hub()
    if not hub.room.acquire(blocking=False):
        raise Unavailable("Too many pages are following; ask for the incidents from time to time.")
    life = float(current_app.config.get("LIVE_S", LIFE_S))
    answer = Response(_events(hub, _begin(after), g.language, life), mimetype=MEDIA)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    answer.call_on_close(hub.room.release)
    return answer


def _begin(after: int | None) -> int | None:
    """Return where a stream resumes: the browser's own header counts before the address."""
    said = request.headers.get("Last-Event-ID", "").strip()
    if not said:
        return after
    if not said.isascii() or not said.isdigit() or len(said) > 18:
        raise InvalidInput("Last-Event-ID is no number of ours; leave it out.")
    return int(said)


def _events(hub: Hub, begin: int | None, language: str, life: float) -> Iterator[str]:
    """Yield the stream: hello, what was missed, then what comes; a beat where nothing does."""
    number = hub.last if begin is None else begin
    yield f"retry: {RETRY_MS}\nevent: hello\nid: {number}\ndata: {{\"event\": {number}}}\n\n"
    until, ticks = time.monotonic() + life, -1
    while time.monotonic() < until:
        found = hub.after(number)
        for one in found:
            yield f"event: incident\nid: {one.number}\ndata: {one.bodies[language]}\n\n"
            number = one.number
        if found:
            continue
        now = hub.listener.wait(ticks, BEAT_S)
        if now == ticks:
            yield ": beat\n\n"
        ticks = now


def _hub() -> Hub:
    """Return this process's hub, made by the first who follows."""
    ours = current_app.extensions
    with _MAKING:
        if "live" not in ours:
            ours["live"] = Hub(house())
        return cast(Hub, ours["live"])


_MAKING = threading.Lock()
