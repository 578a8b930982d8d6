"""`lookup person`: a person from the command line, as somebody and for a purpose."""

import json
from typing import Any

import click

from layers.codelists import codelist
from spatial.errors import Forbidden, InvalidInput, TooManyRequests
from spatial.program import Program, pass_program


@click.command()
@click.option("--name", help="A name in characters, pinyin or initials.")
@click.option("--id-number", help="The number of an identity document.")
@click.option("--phone", help="A telephone number.")
@click.option("--purpose", required=True, type=click.Choice(list(codelist("purposes").codes)),
              help="Why.")
@click.option("--case", help="An open incident at the person's place.")
@click.option("--as", "user", required=True, metavar="USER", help="Whose eyes to look with.")
@click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True,
              help="How many at most, by name.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_program
def person(program: Program, /, user: str, purpose: str, case: str | None, limit: int,
           as_json: bool, **terms: str | None) -> None:
    """Find a person; what is shown is what USER may see, and it is recorded."""
    given = {term: value for term, value in terms.items() if value is not None}
    if len(given) != 1:
        raise InvalidInput("One of --name, --id-number and --phone must be given.")
    found = _look(program, user, purpose=purpose, case=case, limit=limit, term=given.popitem())
    if as_json:
        click.echo(json.dumps({"items": found.items, "asks": found.asks,
                               "remarks": found.remarks}, ensure_ascii=False))
        return
    for item in found.items:
        place = item.get("place") or {}
        click.echo("\t".join(str(part or "-") for part in (
            item["ref"], item["name"], item.get("sex"), item.get("age_band"),
            place.get("full_label"))))
    for remark in found.remarks:
        click.echo(remark, err=True)
    if found.asks:
        click.echo(f"There are more; narrow with {', '.join(found.asks)}.", err=True)


def _look(program: Program, user: str, *, purpose: str, case: str | None, limit: int,
          term: tuple[str, str]) -> Any:
    from sqlalchemy.orm import Session

    from layers.across.callers import caller_named
    from layers.across.persons import PersonReader
    from layers.across.reach import bind
    from spatial.audit import Event, record
    from spatial.sealing import vault

    keys = vault(program.settings)
    with Session(program.engine()) as session:
        who = caller_named(session, user)
        bind(session, keys, who)
        try:
            reader = PersonReader(session, keys, who, purpose=purpose, case=case,
                                  settings=program.settings)
            found = (reader.by_name(term[1], limit=limit) if term[0] == "name"
                     else getattr(reader, f"by_{term[0]}")(term[1]))
        except (Forbidden, TooManyRequests):
            session.rollback()
            record(session, keys, Event(actor=who.actor, role=who.role, purpose=purpose,
                                        action=f"person-by-{term[0]}", note="refused"))
            session.commit()
            raise
        session.commit()
        return found
