"""Small registers of other cities' habits, which the written cases are about; none is real."""

from collections.abc import Callable, Mapping

from tests.spatial.addressing.farther_towns import country, hutong, lanes, mountain
from tests.spatial.addressing.memory import MemoryRegister, town
from tests.spatial.addressing.town_parts import area, blocks, streets


def shanghai() -> MemoryRegister:
    """弄, 号, 室: a lane is the compound, a 号 its building; no entrances."""
    r = MemoryRegister()
    a = area(r, "上海市", "市辖区", "浦江区", {
        "花木街道": ("联洋社区", "由由社区"), "天平街道": ("建业社区", "衡复社区")})
    s = streets(r, a["浦江区"], ("芳甸路", "花木路", "衡山路", "梅花路", "浦东大道", "建国西路"))
    one = r.named("compound", "C1", "联洋花园", a["联洋社区"], also=(s["芳甸路"],),
                  aliases=("联洋年华",))
    r.plate(s["芳甸路"], "351弄", one)
    blocks(r, one, (1, 2, 3, 12, 28), label="{}号")
    lane = r.named("compound", "C2", "花木路88弄", a["由由社区"])
    blocks(r, lane, range(1, 6), label="{}号")
    third = r.named("compound", "C3", "梅花新村", a["由由社区"], also=(s["梅花路"],),
                    former=("梅园三街坊",))
    r.plate(s["梅花路"], "200弄", third)
    blocks(r, third, (15, 16, "16甲"), label="{}号", floors=4, doors=3)
    old = r.named("compound", "C4", "建业里", a["建业社区"], also=(s["建国西路"],))
    r.plate(s["建国西路"], "456弄", old)
    for n in (1, 2, 5, 17):
        b = r.building(old, str(n), label=f"{n}号")
        r.flats(b, entrances=(), floors=3, doors=1)
        r.unit(b, b, "亭子间", "2")
        r.unit(b, b, "前楼", "2")
    tower = r.named("building", "B1", "浦江国际大厦", a["联洋社区"], also=(s["浦东大道"],))
    r.flats(tower, entrances=(), floors=28, doors=6)
    r.plate(s["浦东大道"], "1200号", tower)
    for n in ("12", "12甲", "12-1", "12附1", "300"):
        r.plate(s["衡山路"], n)
    for phase in ("一", "二"):
        c = r.named("compound", f"C5{phase}", f"由由家园{phase}期", a["由由社区"])
        blocks(r, c, (range(1, 5) if phase == "一" else range(5, 9)), label="{}号", floors=11)
    return r


def zhejiang() -> MemoryRegister:
    """幢, 单元 (or 号), 室; 苑, 坊, 区 with numbers; dots in names."""
    r = MemoryRegister()
    a = area(r, "浙江省", "杭西市", "西湖滨区", {
        "文新街道": ("骆家庄社区", "桂花城社区"), "翠苑街道": ("翠苑一区社区", "翠苑二区社区"),
        "蒋村街道": ("西溪社区",)})
    s = streets(r, a["西湖滨区"], ("文三路", "文二西路", "紫荆花路", "古墩路", "学院路"))
    for n, han in ((1, "一"), (2, "二"), (3, "三")):
        home = a["翠苑一区社区" if n == 1 else "翠苑二区社区"]
        c = r.named("compound", f"C1{n}", f"翠苑{han}区", home)
        blocks(r, c, (1, 2, 12, 15), label="{}幢", entrances="123")
    c = r.named("compound", "C2", "绿城·桂花城", a["桂花城社区"], aliases=("桂花城",),
                also=(s["紫荆花路"],))
    blocks(r, c, (1, 2, 3, 11), label="{}幢", entrances=(), floors=11)
    blocks(r, c, (5,), label="{}幢", entrances="12", floors=11)
    r.plate(s["紫荆花路"], "2号", c)
    west = r.named("compound", "C3", "西溪苑", a["西溪社区"])
    blocks(r, west, (1, 2, 3), label="{}幢", entrances="12")
    c = r.named("compound", "C4", "骆家庄西苑", a["骆家庄社区"], former=("骆家庄新村",))
    blocks(r, c, range(1, 8), label="{}幢", entrances="12", floors=5)
    r.building(c, "会所", label="会所")
    c = r.named("compound", "C5", "骆家庄东苑", a["骆家庄社区"])
    blocks(r, c, range(1, 4), label="{}幢", entrances="12", floors=5)
    c = r.named("compound", "C6", "紫金庭园·和苑", a["骆家庄社区"])
    blocks(r, c, (1, 2), label="{}幢", entrances="12", floors=7)
    tower = r.named("building", "B1", "数源科技大厦", a["翠苑一区社区"], also=(s["文三路"],))
    r.flats(tower, entrances=(), floors=20, doors=10)
    r.plate(s["文三路"], "478号", tower)
    for n in ("90", "90-1", "259", "259甲"):
        r.plate(s["文二西路"], n)
    for name, ref in (("和睦新村", "C7"), ("和睦院", "C8")):
        c = r.named("compound", ref, name, a["西溪社区"])
        blocks(r, c, (1, 2, 3), label="{}幢", entrances="12")
    return r


def guangdong() -> MemoryRegister:
    """座, 栋, 梯, 房, 之一; villages inside the city with 巷."""
    r = MemoryRegister()
    a = area(r, "广东省", "穗州市", "天河湾区", {
        "石牌街道": ("华师社区", "石牌村社区"), "员村街道": ("骏景社区", "员村社区")})
    s = streets(r, a["天河湾区"], ("天河北路", "中山大道西", "员村二横路", "石牌西街", "五山路"))
    park = r.named("compound", "C1", "骏景花园", a["骏景社区"], also=(s["中山大道西"],))
    for letter in "ABCD":
        blocks(r, park, (letter,), label="{}座", entrances="12", floors=18, doors=4)
    r.named("building", "C1N", "骏景轩", park)
    r.flats(r.nodes["C1N"], entrances=(), floors=20, doors=4)
    for at, side in enumerate("南北"):
        c = r.named("compound", f"C2{side}", f"天河{side}苑", a["华师社区"])
        blocks(r, c, (1 + 3 * at, 2 + 3 * at, 3 + 3 * at), label="{}栋", entrances=(),
                floors=9, doors=3)
    plaza = r.named("building", "B1", "中信泰富广场", a["华师社区"], aliases=("中信大厦",),
                    also=(s["天河北路"],))
    r.flats(plaza, entrances=(), floors=38, doors=8)
    r.plate(s["天河北路"], "233号", plaza)
    for n in ("30", "30之一", "30之二", "128"):
        r.plate(s["员村二横路"], n)
    lane = r.named("street", "S9", "石牌西街五巷", a["天河湾区"])
    for n in ("1", "3", "5"):
        b = r.building(a["石牌村社区"], f"五巷{n}", ref=f"V{n}", label=f"五巷{n}号")
        r.flats(b, entrances=(), floors=6, doors=4)
        r.plate(lane, n, b)
    c = r.named("compound", "C4", "员村新街小区", a["员村社区"])
    blocks(r, c, (1, 2, 3), label="{}号", entrances=(), floors=8, doors=4)
    c = r.named("compound", "C5", "帝景苑", a["员村社区"])
    blocks(r, c, ("T1", "T2"), label="{}栋", entrances=(), floors=30, doors=4)
    return r


def campus() -> MemoryRegister:
    """Villages with groups, 嘎查 and 艾里; campuses and barracks with 舍, 斋, 楼."""
    r = MemoryRegister()
    a = area(r, "内蒙古自治区", "通宁市", "科左区", {
        "敖力布皋镇": ("东风村", "西花灯嘎查", "向阳村"), "大学街道": ("北校区社区", "南校区社区")})
    for name in ("东风村", "向阳村"):
        home = a[name]
        for n, han in enumerate("一二三", start=1):
            group = r.named("group", f"{home.ref}G{n}", f"{han}组", home)
            for house in range(1, 16):
                r.building(group, str(house), label=f"{house}号")
    gacha = a["西花灯嘎查"]
    for name in ("前艾里", "后艾里"):
        group = r.named("group", f"A{name[0]}", name, gacha)
        for house in range(1, 9):
            r.building(group, str(house), label=f"{house}号")
    north = r.named("compound", "C1", "通宁民族大学北校区", a["北校区社区"],
                    aliases=("民大北校区",))
    for n in range(1, 6):
        r.flats(r.building(north, f"{n}舍", label=f"{n}舍"), entrances=(), floors=6, doors=20)
    for name in ("明德斋", "致远楼"):
        node = r.named("building", f"B{name[0]}", name, north)
        r.flats(node, entrances=(), floors=5, doors=20)
    blocks(r, north, (11, 12), label="{}号楼", entrances="12")
    south = r.named("compound", "C2", "通宁民族大学南校区", a["南校区社区"])
    for n in range(1, 4):
        r.flats(r.building(south, f"{n}斋", label=f"{n}斋"), entrances=(), floors=6, doors=10)
    camp = r.named("compound", "C3", "军分区家属院", a["南校区社区"], former=("65部队家属院",))
    for n in range(1, 4):
        r.flats(r.building(camp, f"{n}", label=f"{n}号楼"), entrances="123", floors=5, doors=3)
    return r


def north() -> MemoryRegister:
    """号楼, 单元 or 门; old works' yards, zones, numerals inside names."""
    r = MemoryRegister()
    a = area(r, "辽宁省", "沈河市", "铁工区", {
        "兴工街道": ("重工社区", "工人村社区"), "启工街道": ("保工社区", "向阳社区"),
        "昆明湖街道": ("湖景社区",)})
    s = streets(r, a["铁工区"], ("建设东路", "建设西路", "保工南街", "兴工北街", "南十一西路",
                                 "卫工街", "人民大街"))
    for ref, name, home, numbers, marks in (
        ("C1", "工人村一期", "工人村社区", (1, 2, 3), "1234"),
        ("C2", "工人村二期", "工人村社区", (4, 5, 6), "1234"),
        ("C3", "铁路东小区", "保工社区", (1, 2, 3), "123"),
        ("C4", "铁路西小区", "保工社区", (1, 2, 5), "123"),
        ("C5", "和谐家园A区", "湖景社区", ("A1", "A2"), "12"),
        ("C6", "和谐家园B区", "湖景社区", ("B1", "B2"), "12"),
        ("C7", "九号公馆", "湖景社区", (1, 2, 9), "12"),
        ("C8", "八一小区", "向阳社区", (1, 5, 8), "123"),
        ("C9", "二零五所家属院", "重工社区", (1, 2), "123"),
        ("C10", "新世纪花园", "湖景社区", (1, 3), "12"),
        ("C11", "新世界花园", "湖景社区", (1, 2, 3), "12"),
        ("C12", "御景园", "湖景社区", (1, 2), "12"),
        ("C13", "玉景苑", "湖景社区", (1, 2, 3), "12"),
        ("C14", "红旗里", "向阳社区", (1, 3, "3甲", "3乙"), "12345"),
        ("C15", "第一粮库家属楼", "重工社区", (1,), "123"),
        ("C16", "丽水湾", "重工社区", (1, 2), "12"),
        ("C17", "丽水湾", "湖景社区", (1, 2, 7), "12"),
        ("C18", "向阳小区", "向阳社区", (1, 2, 3, "3-1"), "123"),
        ("C19", "万科金域蓝湾", "湖景社区", (1, 2, 12), "12"),
        ("C20", "机床一厂宿舍", "重工社区", (1, 2), "12"),
    ):  # fmt: skip
        blocks(r, r.named("compound", ref, name, a[home]), numbers, label="{}号楼",
                entrances=marks)
    s_c = r.nodes["C19"]
    tall = r.building(s_c, "15")
    r.flats(tall, entrances=("1",), floors=33, doors=4)
    r.flats(r.building(r.nodes["C18"], "6"), entrances=("东", "西"))
    r.flats(r.building(r.nodes["C18"], "7"), entrances="1", sides=("东户", "西户"))
    for n in range(1, 4):
        r.unit(r.nodes["C18/1"], r.nodes["C18/1"], f"门市{n}", "1")
        r.unit(r.nodes["C18/1"], r.nodes["C18/1"], f"车库{n}", "-1")
    shop = r.named("building", "B1", "百货大楼", a["保工社区"], also=(s["人民大街"],),
                   former=("工农兵商店",))
    r.flats(shop, entrances=(), floors=6, doors=30)
    r.plate(s["人民大街"], "77", shop)
    r.plate(s["建设东路"], "21", r.nodes["C3"])
    r.plate(s["建设西路"], "21", r.nodes["C4"])
    for n in ("7", "7甲", "7-2", "18", "18附3"):
        r.plate(s["保工南街"], n)
    r.named("organization", "O1", "沈河市第一人民医院", None, aliases=("市一院",),
            target=r.building(a["保工社区"], "门诊楼", label="门诊楼"))
    r.meet |= {frozenset(("S1", "S3")), frozenset(("S2", "S3")), frozenset(("S1", "S4"))}
    return r


TOWNS: Mapping[str, Callable[[], MemoryRegister]] = {
    "home": town, "shanghai": shanghai, "zhejiang": zhejiang, "guangdong": guangdong,
    "campus": campus, "north": north,
    "hutong": hutong, "mountain": mountain, "country": country, "lanes": lanes}
