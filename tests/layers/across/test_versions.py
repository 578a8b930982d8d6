from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from layers.across.versions import history
from spatial.errors import NotFound
from tests.support.factories import make_building, make_resident, make_unit, square

LONG_AGO = datetime.now(UTC) - timedelta(days=9)


def test_a_version_says_who_changed_what_and_why(session: Session) -> None:
    unit = make_unit(session, creation_date=LONG_AGO, recorded_by="loader")
    unit.designator, unit.recorded_by, unit.reason = "502", "officer1", "门牌更正"
    session.commit()

    newest, oldest = history(session, unit.identifier)["items"]

    assert (newest["by"], newest["why"], newest["present"]) == ("officer1", "门牌更正", True)
    assert newest["changed"] == [{"field": "designator", "from": "501", "to": "502"}]
    assert (oldest["by"], oldest["changed"], oldest["present"]) == ("loader", [], False)
    assert oldest["termination_date"] == newest["creation_date"]


def test_a_redrawn_footprint_is_told_without_its_coordinates(session: Session) -> None:
    building = make_building(session, creation_date=LONG_AGO)
    building.geometry = square(side=0.0005)
    session.commit()

    assert history(session, building.identifier)["items"][0]["changed"] == [{"field": "geometry"}]


def test_the_versions_of_a_person_are_not_told_here(session: Session) -> None:
    with pytest.raises(NotFound):
        history(session, make_resident(session).identifier)
