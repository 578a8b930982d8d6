"""The whole district: what is in it, and that the same dice give the same city."""

import hashlib
from collections import Counter

import pytest

from importers.demo import write_district
from spatial.errors import InvalidInput

COLUMNS = {
    "entrances": "source_id building number label lon lat",
    "storeys": "source_id building label index base_m top_m",
    "units": "source_id building entrance storey designator position use street plate aliases "
             "area_m2",
    "plates": "source_id street number belongs_to lon lat",
    "households": "source_id number kind head place",
    "residents": "source_id name former_name id_type id_number sex birth_date phone place address "
                 "residency registered_address household relation_to_head since to",
    "organizations": "source_id name short_names former_names credit_code kind industry phone "
                     "place address since to",
    "posts": "area role staff_name phone level since to",
    "facilities": "source_id kind name lon lat height place storey operator phone hours services "
                  "azimuth tilt hfov vfov pixel_width ptz range_m service_radius_m status address",
    "incidents": "source_id service_code description requested_at channel address place lon lat "
                 "status closed_at agency external_number accepted_at on_site_at rating",
    "agencies": "source_id name kind area hours phone roster wkt",
    "services": "source_id code name agency on_site_minutes finish calendar sensitive needs_check",
    "tenancies": "source_id place landlord tenant kind beds filing_number since to",
    "checks": "source_id place kind finding found_on due_on mended_on",
}


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def test_the_same_seed_writes_the_same_bytes(ledgers, tmp_path):
    write_district(tmp_path, seed=7)
    assert digests(tmp_path) == digests(ledgers.folder)


def test_another_seed_tells_of_other_people_in_a_city_of_the_same_size(ledgers, tmp_path):
    other = write_district(tmp_path, seed=8)
    ours, theirs = digests(ledgers.folder), digests(tmp_path)
    assert ours["residents.csv"] != theirs["residents.csv"]
    for name in ("buildings", "compounds", "grids", "households", "residents", "organizations"):
        assert other.rows[name] == ledgers.summary.rows[name]


def test_a_size_that_is_not_there_names_the_ones_that_are(tmp_path):
    with pytest.raises(InvalidInput, match="district"):
        write_district(tmp_path, size="galaxy")
    assert not list(tmp_path.iterdir())


def test_the_district_has_the_size_it_is_said_to_have(ledgers):
    levels = Counter(d.level for d in ledgers.features("divisions"))
    assert levels == {"district": 1, "subdistrict": 11, "community": 76}
    assert len(ledgers.features("grids")) == 772
    assert len(ledgers.features("buildings")) == 334
    assert len(ledgers.features("compounds")) == 67
    assert len(ledgers.rows("households")) == 15_555
    assert len(ledgers.rows("residents")) == 46_345
    kinds = Counter(o.kind for o in ledgers.rows("organizations"))
    assert kinds == {"business": 1256, "institution": 32}
    assert len(ledgers.rows("incidents")) == 6000


@pytest.mark.parametrize("name", COLUMNS)
def test_a_table_has_the_columns_of_its_ledger(ledgers, name):
    assert list(vars(ledgers.rows(name)[0])) == COLUMNS[name].split()


def test_the_summary_counts_the_rows_of_every_file(ledgers):
    assert set(ledgers.summary.rows) == {p.stem for p in ledgers.folder.iterdir()}
    for name in COLUMNS:
        assert ledgers.summary.rows[name] == len(ledgers.rows(name))


def test_every_reference_leads_somewhere(ledgers):
    ids = {name: {r.source_id for r in ledgers.rows(name)}
           for name in ("units", "households", "residents")}
    ids |= {name: {f.source_id for f in ledgers.features(name)}
            for name in ("buildings", "compounds", "streets", "grids", "divisions")}
    places = ids["units"] | ids["buildings"] | ids["compounds"]
    assert all(r.household in ids["households"] for r in ledgers.rows("residents"))
    for name in ("residents", "households", "organizations", "incidents", "facilities", "tenancies",
                 "checks"):
        assert all(r.place in places for r in ledgers.rows(name) if r.place)
    assert all(u.building in ids["buildings"] for u in ledgers.rows("units"))
    assert all(p.street in ids["streets"] for p in ledgers.rows("plates"))
    assert all(p.belongs_to in places for p in ledgers.rows("plates") if p.belongs_to)
    areas = {d.code for d in ledgers.features("divisions")}
    areas |= {g.code for g in ledgers.features("grids")}
    assert all(p.area in areas for p in ledgers.rows("posts"))
    assert all(b.grid in ids["grids"] for b in ledgers.features("buildings"))
