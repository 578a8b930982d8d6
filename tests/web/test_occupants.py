import pytest

from tests.support.factories import make_building, make_grid, make_residency, make_resident


@pytest.fixture
def building(session, tree):
    made = make_building(session, grid=make_grid(session, tree[2]))
    make_residency(session, make_resident(session, name="张三"), made)
    session.commit()
    return made


def test_who_is_here_is_told_for_a_purpose_and_never_stored(officer, building) -> None:
    answer = officer.post(f"/api/places/{building.identifier}/occupants",
                          json={"purpose": "service"})
    assert [one["name"] for one in answer.get_json()["residents"]] == ["张三"]
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("body", [
    {}, {"purpose": "curiosity"}, {"purpose": "service", "at": "2023-02-30"},
    {"purpose": "service", "at": "2020", "from": "2019"}, {"purpose": "service", "limit": 0},
    {"purpose": "service", "who": 1}, {"purpose": "service", "from": "2021", "to": "2020"}])
def test_unclear_questions_are_refused(officer, building, body) -> None:
    answer = officer.post(f"/api/places/{building.identifier}/occupants", json=body)
    assert answer.status_code == 400


def test_a_day_and_a_period_can_be_asked(officer, building) -> None:
    for when in ({"at": "2020-05-01"}, {"from": "2019", "to": "2020-05"}):
        answer = officer.post(f"/api/places/{building.identifier}/occupants",
                              json={"purpose": "registration", **when})
        assert len(answer.get_json()["residents"]) == 1


def test_an_analyst_is_told_of_nobody(client_as, building) -> None:
    answer = client_as("analyst").post(f"/api/places/{building.identifier}/occupants",
                                       json={"purpose": "service"})
    assert answer.status_code == 403
