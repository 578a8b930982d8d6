"""Ledgers written by hand, and the door they enter by."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select

from importers.intake import Intake, take_in
from importers.loading import Order
from spatial.sealing import Vault
from tests.support.walls import system_engine


def rectangle(west, south, east, north):
    return f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"


WEST_GRID = rectangle(122.20, 43.6, 122.21, 43.61)
EAST_GRID = rectangle(122.21, 43.6, 122.22, 43.61)
WEST_HOUSE = rectangle(122.2050, 43.6050, 122.2056, 43.60512)
EAST_HOUSE = rectangle(122.2150, 43.6050, 122.2156, 43.60512)
DISTRICT = {
    "divisions": """
        source_id,level,code,name,parent
        D1,district,999901,青禾区,
        S1,subdistrict,999901001,明仁街道,D1
        C1,community,999901001001,向阳社区,S1
        C2,community,999901001002,民航社区,999901001
    """,
    "grids": f"""
        code,name,community,wkt
        99990100100100000001,一网格,C1,"{WEST_GRID}"
        99990100100200000001,二网格,C2,"{EAST_GRID}"
    """,
    "compounds": """
        source_id,name,community,aliases
        K1,阳光花园,C1,电业局家属院；阳光小区
        K2,和平小区,民航社区,
    """,
    "buildings": f"""
        source_id,compound,number,storeys_above_ground,storeys_below_ground,height,function,wkt
        B1,K1,3,6,1,18,住宅,"{WEST_HOUSE}"
        B2,和平小区,1,2,,6,商业,"{EAST_HOUSE}"
    """,
    "units": """
        source_id,building,storey,designator,use
        U1,B1,5,501,住宅
        U2,B1,5,502,住宅
        U3,B1,B1,B1-1,车库
        U4,B2,1,门市1,商铺
    """,
    "households": """
        source_id,number,kind,place
        H1,0001,family,U1
    """,
    "residents": """
        source_id,姓名,性别,出生日期,place,residency,household,与户主关系,户籍地址
        R1,王建国,男,1965-03-02,U1,living;registered,H1,户主,
        R2,李梅,女,1970-05,U1,居住,H1,配偶,河北省石家庄市桥西区
    """,
    "organizations": """
        source_id,name,place
        O1,青禾便利店,U4
    """,
}


@dataclass
class Door:
    """A folder of ledgers and the way they are taken in."""

    engine: object
    vault: Vault
    folder: Path
    order: dict = field(default_factory=dict)

    def write(self, name, text, *, encoding="utf-8"):
        path = self.folder / (name if "." in name else f"{name}.csv")
        lines = [line.strip() for line in text.strip().splitlines()]
        path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return path

    def take(self, path=None, *, apply=True, layer=None, decided=None, **order):
        order = {"source": "test", "bad_share": 1.0, **self.order, **order}
        intake = Intake(order=Order(**order), apply=apply, layer=layer, decided=decided or {},
                        rejects=self.folder / "refused")
        return {r.layer: r for r in take_in(self.engine, self.vault, path or self.folder, intake)}

    def count(self, model, *where):
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(model).where(*where))

    def column(self, column, *where):
        with self.engine.connect() as connection:
            return connection.scalars(select(column).where(*where).order_by(column)).all()


@pytest.fixture(scope="session")
def vault(tmp_path_factory):
    return Vault.open(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def own_engine(fresh_url, vault):
    engine = system_engine(fresh_url, vault)
    yield engine
    engine.dispose()


@pytest.fixture
def door(own_engine, vault, tmp_path):
    """A door to an empty registry of the test's own, for loads commit chunk by chunk."""
    return Door(own_engine, vault, tmp_path)


@pytest.fixture
def district(door):
    """The same, with a small district already in it."""
    for name, text in DISTRICT.items():
        door.write(name, text)
    door.results = door.take()
    return door
