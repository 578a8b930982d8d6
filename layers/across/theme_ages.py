"""How many residents of which age live in each grid, as of the last midnight.

Birth dates are sealed; they are opened once a day, in the server, and only counts by grid and
five-year band are kept (`age_count`), so that a map never opens one. A large registry counts at
night (`theme ages`); a small one when somebody first asks that day.
"""

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Date, Integer, SmallInteger, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from layers.across.theme_areas import Areas
from layers.across.theme_counts import gathered
from layers.residents import Residency, Resident
from spatial.database import Base
from spatial.errors import InvalidInput
from spatial.history import seen
from spatial.statistics import Numbers

if TYPE_CHECKING:
    from spatial.sealing import Vault

#: Years of a band; asked ages must begin and end with one, or with one of CUTS.
BAND = 5
#: Ages besides the bands that people ask by.
CUTS = (14,)
#: More residents than this are counted at night only.
AT_ONCE = 200_000


class AgeCount(Base):
    """Residents of one band in one grid (by its number) on one day."""

    __tablename__ = "age_count"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    scope: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    age: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer)


def residents_aged(session: Session, vault: "Vault | None", areas: Areas,
                   ages: tuple[int, int] | None) -> tuple[Numbers, float]:
    """Return residents from the first to below the second age, by area and in none."""
    return gathered(areas, list(aged_by_scope(session, vault, ages).items()))


def aged_by_scope(session: Session, vault: "Vault | None", ages: tuple[int, int] | None
                  ) -> dict[int, int]:
    """Return residents from the first to below the second age, by the number of their grid."""
    first, last = ages or (0, 150)
    for age in (first, last):
        if age % BAND and age not in CUTS:
            raise InvalidInput(f"Ages are counted by {BAND} years and at {CUTS[0]}; {age} is "
                               "neither.")
    day = newest_day(session, vault)
    rows = session.execute(select(AgeCount.scope, func.sum(AgeCount.number)).where(
        AgeCount.day == day, AgeCount.age >= first, AgeCount.age < last)
        .group_by(AgeCount.scope))
    return {scope: int(number) for scope, number in rows}


def newest_day(session: Session, vault: "Vault | None") -> date:
    """Return the day of the newest counts, counting first where that is cheap and due.

    The session must see every resident, as a theme's does: what is kept is for all readers.
    """
    today: date = session.execute(select(func.current_date())).scalar_one()
    newest: date | None = session.scalar(select(func.max(AgeCount.day)))
    if newest == today:
        return today
    many = session.scalar(select(func.count()).select_from(select(Resident.id).limit(
        AT_ONCE + 1).subquery())) or 0
    if many <= AT_ONCE and vault is not None:
        count_ages(session, vault, today)
        return today
    if newest is None:
        raise InvalidInput("Ages have not been counted yet; run `theme ages`.")
    return newest


def count_ages(session: Session, vault: "Vault", today: date) -> int:
    """Count the residents of every grid by age, in place of older counts; return how many."""
    tie, person = seen(Residency), seen(Resident)
    rows = session.execute(
        select(person.identifier, person.birth_date, tie.scope)
        .join(tie, tie.resident_id == person.id)
        .where(tie.kind == "living", person.birth_date.is_not(None)),
        execution_options={"yield_per": 20_000})
    found: Counter[tuple[int, int]] = Counter()
    for identifier, blob, scope in rows:
        text = vault.unseal(Resident.__tablename__, "birth_date", identifier, blob or b"")
        found[scope, _band(_age(text, today))] += 1
    session.execute(delete(AgeCount))
    if found:
        session.execute(insert(AgeCount), [
            {"day": today, "scope": scope, "age": age, "number": number}
            for (scope, age), number in found.items()])
    return sum(found.values())


def _age(text: str, today: date) -> int:
    """Return the age; of a partial birth date the least it can be."""
    year, month, day = (*(int(part) for part in text.split("-")), 12, 31)[:3]
    return max(0, today.year - year - ((today.month, today.day) < (month, day)))


def _band(age: int) -> int:
    """Return the first age of the band that holds `age`, bands being cut at CUTS too."""
    start = min(age, 120) // BAND * BAND
    return max([start, *(cut for cut in CUTS if start < cut <= age)])


