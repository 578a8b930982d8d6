"""The API asked at random from its own description, as each role: `make fuzz`.

schemathesis draws cases from /openapi.json, half of them well-formed and half not; here they are
sent to the application in this process, and each answer must have a status that the description
names and is no fault of the server's. Path variables are at times those of things that exist.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across import accounts
from spatial import limits
from spatial.config import settings as configured
from spatial.database import connect, sessions
from tests.support.cluster import copy_database, throwaway_cluster
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_facility,
    make_grid,
    make_household,
    make_incident,
    make_organization,
    make_plate,
    make_storey,
    make_street,
    make_tree,
    make_unit,
    square,
)
from tests.support.sealed import vault
from tests.support.walls import system_engine
from web import create_app

MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


class Fuzzer:
    """Sends drawn cases, each as a role that is drawn too, and counts what comes back."""

    def __init__(self, app, tokens, things):
        self.app, self.tokens, self.things = app, tokens, things
        self.statuses, self.faults, self.sent = Counter(), {}, 0

    def run(self, cases, number=1):
        """Send about so many cases, the same ones for the same number."""
        schema = schemathesis.openapi.from_dict(self._description())
        operations = [one.ok() for one in schema.get_all_operations()]
        each = max(1, cases // (len(operations) * len(MODES)))
        for operation in operations:
            for mode in MODES:
                self._drive(operation, mode, each, number)

    def _description(self):
        headers = {"Authorization": f"Bearer {next(iter(self.tokens.values()))}"}
        return self.app.test_client().get("/openapi.json", headers=headers).get_json()

    def _drive(self, operation, mode, each, number):
        @seed(f"{number} {operation.label} {mode.value}")
        @settings(max_examples=each, deadline=None, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode),
               thing=st.sampled_from([None, *self.things]),
               role=st.sampled_from(list(self.tokens)))
        def send(case, thing, role):
            self._send(operation, case, thing, role)
        try:
            send()
        except Exception as error:  # noqa: BLE001
            # What cannot be drawn (nothing negative fits a route without parameters) is no fault.
            if type(error).__module__.startswith(("hypothesis", "schemathesis")):
                self.statuses[f"not drawn: {type(error).__name__}"] += 1
            else:
                raise

    def _send(self, operation, case, thing, role):
        if thing and case.path_parameters:
            case.path_parameters = {name: thing if isinstance(value, str) else value
                                    for name, value in case.path_parameters.items()}
        with self.app.test_client() as client:
            told = case.as_transport_kwargs(base_url="http://localhost")
            answer = client.open(**werkzeug(told, case), headers={
                **told.get("headers", {}), "Authorization": f"Bearer {self.tokens[role]}"})
            status, text = answer.status_code, answer.get_data()
            answer.close()
        self.sent += 1
        self.statuses[status] += 1
        documented = operation.definition.raw["responses"]
        if status >= 500 or str(status) not in documented:
            self.faults.setdefault((operation.label, status), (role, told, text[:300]))


def werkzeug(told, case):
    """Return what the test client of werkzeug is to be given for a case."""
    said = {"method": case.method, "path": told["url"].removeprefix("http://localhost")}
    if told.get("params"):
        said["query_string"] = {name: value if isinstance(value, list) else str(value)
                                for name, value in told["params"].items()}
    if "json" in told:
        said["json"] = told["json"]
    elif told.get("data") is not None:
        said["data"] = told["data"]
    return said


def fill(session):
    """Make one thing of each kind; return their identifiers, and a token for each role."""
    tree = make_tree(session)
    compound = make_compound(session, tree[2], geometry=square(side=0.0004))
    building = make_building(session, compound, label="8号楼", grid=make_grid(
        session, tree[2], geometry=square(side=0.002)))
    storey = make_storey(session, building, label="1F")
    entrance = make_entrance(session, building, label="3单元")
    unit = make_unit(session, building, entrance=entrance, storey=storey)
    street = make_street(session, tree[0])
    make_household(session, unit)
    things = [*tree, compound, building, storey, entrance, unit, street,
              make_plate(session, street), make_facility(session),
              make_organization(session, unit), make_incident(session, unit)]
    tokens = {str(role): accounts.add_token(session, f"fuzz-{role}", role=role, area="*",
                                            unlimited=True) for role in Role}
    session.commit()
    return [one.identifier for one in things], tokens


@contextmanager
def an_hour_between():
    """Let the limits of persons see an hour go by with each look at the clock."""
    now, hours = limits.now, iter(range(10**9))
    start = now()
    limits.now = lambda: start + timedelta(hours=next(hours))
    try:
        yield
    finally:
        limits.now = now


@contextmanager
def fuzzer(url) -> Iterator[Fuzzer]:
    """Return a fuzzer over a database of its own."""
    system = system_engine(url)
    with Session(system) as session:
        things, tokens = fill(session)
    engine = connect(url)
    engine.hide_parameters = True
    try:
        with an_hour_between():
            app = create_app(sessions(engine), vault(), configured({}))
            app.config["LIVE_S"] = 0  # a stream says hello and ends
            yield Fuzzer(app, tokens, things)
    finally:
        engine.dispose()
        system.dispose()


@click.command()
@click.option("--cases", default=22_000, show_default=True)
@click.option("--seed", "number", default=1, show_default=True)
def main(cases, number):
    """Ask the API at random; exit 3 where an answer was a fault or not described."""
    from app import migrate

    with throwaway_cluster() as cluster:
        engine = connect(cluster.url())
        migrate(engine)
        engine.dispose()
        with fuzzer(copy_database(cluster, "fuzz")) as one:
            one.run(cases, number)
    for status, count in sorted(one.statuses.items(), key=str):
        click.echo(f"{status}\t{count}")
    click.echo(f"cases\t{one.sent}\nfaults\t{len(one.faults)}")
    for (label, status), (role, told, text) in one.faults.items():
        click.echo(f"{label} {status} as {role}: {told} -> {text!r}")
    sys.exit(3 if one.faults else 0)


if __name__ == "__main__":
    main()
