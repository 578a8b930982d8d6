"""More small registers, of habits that the first towns do not have; none of them is real."""

from collections.abc import Iterable

from spatial.addressing import Node
from tests.spatial.addressing.memory import MemoryRegister
from tests.spatial.addressing.town_parts import area, blocks, streets


def hutong() -> MemoryRegister:
    """里, 条, 胡同 and 号院; houses without flats on lanes; 甲 and 旁门; 门 for entrances."""
    r = MemoryRegister()
    a = area(r, "北平市", "市辖区", "东直区", {
        "和平里街道": ("和平里社区", "安德里社区", "民旺社区"),
        "交道口街道": ("菊儿社区", "南锣鼓巷社区", "东四社区")})
    s = streets(r, a["东直区"], (
        "和平里东街", "安德里北街", "菊儿胡同", "帽儿胡同", "东四十条", "东四九条", "南锣鼓巷",
        "朝阳门内大街", "后圆恩寺胡同", "青年沟路"))
    for at, (han, numbers) in enumerate((("五", (1, 2, 3)), ("七", (1, 2, "4甲", 12))), 1):
        c = r.named("compound", f"C1{at}", f"和平里{han}区", a["和平里社区"])
        blocks(r, c, numbers, label="{}号楼", entrances="12345", doors=3)
    yard = r.named("compound", "C2", "安德里北街21号院", a["安德里社区"])
    blocks(r, yard, (1, 2, 3), label="{}号楼", entrances="123", doors=3)
    r.plate(s["安德里北街"], "21", yard)
    c = r.named("compound", "C3", "民旺园", a["民旺社区"])
    blocks(r, c, (1, 9, 29), label="{}号楼", entrances="123", floors=18, doors=4)
    for side in "东西":
        c = r.named("compound", f"C4{side}", f"兴化{side}里", a["和平里社区"])
        blocks(r, c, (1, 2, 11) if side == "东" else (5, 6, 7), label="{}号楼",
               entrances="1234", doors=3)
    c = r.named("compound", "C5", "化工大院", a["和平里社区"], aliases=("化工部家属院",),
                former=("炼焦厂宿舍",))
    blocks(r, c, (1, 2, "2甲", 3), label="{}号楼", entrances="12", doors=3)
    c = r.named("compound", "C6", "东四十条22号院", a["东四社区"])
    blocks(r, c, (1, 2), label="{}号楼", entrances="123", doors=3)
    r.plate(s["东四十条"], "22", c)
    c = r.named("compound", "C7", "青年沟甲1号院", a["民旺社区"])
    blocks(r, c, (1, 2), label="{}号楼", entrances="12", doors=3)
    r.plate(s["青年沟路"], "1甲", c)
    tower = r.named("compound", "C8", "华都国际", a["东四社区"], also=(s["朝阳门内大街"],))
    blocks(r, tower, ("甲座", "乙座"), label="{}", floors=16, doors=9)
    r.plate(s["朝阳门内大街"], "75", tower)
    for name in ("菊儿胡同", "帽儿胡同", "南锣鼓巷", "东四九条", "后圆恩寺胡同"):
        for n in ("3", "3甲", "5", "7", "41", "63"):
            r.plate(s[name], n)
    r.named("facility", "F1", "和平里北街公交站", a["和平里社区"])
    r.named("organization", "O1", "北平市第一七一中学", None, aliases=("171中学", "一七一中"),
            target=r.building(a["和平里社区"], "教学楼", label="教学楼"))
    r.meet |= {frozenset(("S3", "S7")), frozenset(("S5", "S8"))}
    return r


def mountain() -> MemoryRegister:
    """幢-floor-door (5-9 is the ninth door of floor five), 附 numbers, 组团, floors below."""
    r = MemoryRegister()
    a = area(r, "重庆省", "山江市", "嘉陵新区", {
        "龙溪街道": ("花卉园社区", "红石社区"), "石桥铺街道": ("白马凼社区", "歇台子社区")})
    s = streets(r, a["嘉陵新区"], ("红石路", "龙山大道", "白马凼路", "石杨路", "渝州路",
                                "新溉大道"))
    gold = r.named("compound", "C1", "金岛花园", a["红石社区"], aliases=("金岛",))
    for n in (1, 2, 12):
        b = r.building(gold, str(n), label=f"{n}幢")
        for floor in range(1, 12):
            for door in range(1, 10):
                r.unit(b, b, f"{floor}-{door}", str(floor))
        for door in range(1, 4):
            r.unit(b, b, f"负2-{door}", "-2")
    r.plate(s["红石路"], "28", gold)
    for at, han in enumerate("一二", 1):
        c = r.named("compound", f"C2{at}", f"星城{han}街区", a["花卉园社区"])
        blocks(r, c, (1, 2, 5) if at == 1 else (6, 7), label="{}栋", entrances="12", floors=9,
               doors=4)
    c = r.named("compound", "C3", "龙湖花园听松苑", a["花卉园社区"])
    blocks(r, c, (1, 3, 8), label="{}幢", entrances=(), floors=20, doors=8)
    c = r.named("compound", "C4", "龙湖花园沁香苑", a["花卉园社区"])
    blocks(r, c, (2, 4), label="{}幢", entrances=(), floors=20, doors=8)
    c = r.named("compound", "C5", "建工村", a["歇台子社区"], former=("省建三公司宿舍",))
    blocks(r, c, (101, 102, 103), label="{}号", entrances="12", floors=7, doors=3)
    c = r.named("compound", "C6", "渝州新城", a["歇台子社区"])
    for zone in ("A", "B"):
        blocks(r, c, (f"{zone}1", f"{zone}2", f"{zone}10"), label="{}栋", entrances="12",
               floors=18, doors=4)
    tower = r.named("building", "B1", "泰兴科技广场", a["白马凼社区"], aliases=("泰兴数码广场",))
    r.flats(tower, entrances=(), floors=25, doors=12)
    r.plate(s["石杨路"], "17", tower)
    for n in ("28附1", "28附2", "28附12", "30", "30-1", "64", "64甲"):
        r.plate(s["红石路"], n)
    for n in ("1", "1附8", "3", "26"):
        r.plate(s["白马凼路"], n)
    r.named("organization", "O1", "山江市第三人民医院", None, aliases=("市三院",),
            target=r.building(a["白马凼社区"], "外科楼", label="外科楼"))
    r.meet |= {frozenset(("S4", "S5")), frozenset(("S1", "S2"))}
    return r


def _houses(r: MemoryRegister, above: Node, numbers: Iterable[object]) -> None:
    for house in numbers:
        r.building(above, str(house), label=f"{house}号")


def country() -> MemoryRegister:
    """Villages, 屯 and 自然村 with groups and houses, new 新村 rows, a market town."""
    r = MemoryRegister()
    a = area(r, "吉林省", "松原江市", "前郭县", {
        "长山镇": ("新建村", "四克基村", "五家子村", "长山社区"), "平凤乡": ("大成村", "二龙村")})
    s = streets(r, a["前郭县"], ("长山大街", "供销路", "育才路"))
    for name in ("新建村", "大成村"):
        for n, han in enumerate("一二三四五", 1):
            group = r.named("group", f"{a[name].ref}G{n}", f"第{han}村民小组", a[name])
            _houses(r, group, (1, 2, 3, 7, 12, 18, "18附1", 26))
    for at, name in enumerate(("东五家子屯", "西五家子屯", "孙家窝堡"), 1):
        group = r.named("group", f"T{at}", name, a["五家子村"])
        _houses(r, group, (1, 2, 3, 8, 15))
    _houses(r, a["四克基村"], range(1, 31))
    c = r.named("compound", "C1", "二龙新村", a["二龙村"])
    for row in range(1, 5):
        b = r.building(c, f"{row}排", label=f"{row}排")
        for house in range(1, 9):
            r.unit(b, b, str(house), "1")
    c = r.named("compound", "C2", "粮库家属院", a["长山社区"], former=("老粮站",))
    blocks(r, c, (1, 2), label="{}号楼", entrances="123", floors=5, doors=2)
    c = r.named("compound", "C3", "长山热电厂福利区", a["长山社区"], aliases=("热电小区",))
    blocks(r, c, (1, 2, 3, 15), label="{}栋", entrances="1234", floors=6, doors=2,
           sides=("东户", "西户"))
    b = r.building(r.nodes["C3"], "平房5", label="平房5栋")
    for house in range(1, 7):
        r.unit(b, b, str(house), "1")
    for n in ("5", "7", "9", "9-1"):
        r.plate(s["供销路"], n)
    r.named("organization", "O1", "长山镇中心卫生院", None, aliases=("镇卫生院",),
            target=r.building(a["长山社区"], "门诊楼", label="门诊楼"))
    r.meet |= {frozenset(("S1", "S2"))}
    return r


def lanes() -> MemoryRegister:
    """弄 with 支弄, 号 with 甲乙, 底层, 亭子间 and 前楼; 村 with 号; towers with wings."""
    r = MemoryRegister()
    a = area(r, "上海市", "市辖区", "申静区", {
        "石门街道": ("张园社区", "华业社区"), "曹杨街道": ("曹杨一村社区", "梅岭社区")})
    s = streets(r, a["申静区"], ("威海路", "茂名北路", "陕西北路", "梅岭北路", "曹杨路",
                               "南京西路", "枣阳路"))
    c = r.named("compound", "C1", "张园", a["张园社区"], also=(s["茂名北路"],),
                former=("张家花园",))
    r.plate(s["茂名北路"], "220弄", c)
    for n in (3, 9, "9甲", 41):
        b = r.building(c, str(n), label=f"{n}号")
        r.flats(b, entrances=(), floors=3, doors=2)
        for room in ("亭子间", "前楼", "后楼", "底层", "灶间"):
            r.unit(b, b, room, "1" if room in {"底层", "灶间"} else "2")
    branch = r.named("compound", "C2", "威海路590弄72支弄", a["张园社区"], also=(s["威海路"],))
    blocks(r, branch, (1, 5, 8), label="{}号", floors=3, doors=2)
    lane = r.named("compound", "C3", "威海路590弄", a["张园社区"], also=(s["威海路"],))
    blocks(r, lane, (1, 5, 56, 77), label="{}号", floors=3, doors=2)
    for at, han in enumerate(("一", "二", "三"), 1):
        c = r.named("compound", f"C4{at}", f"曹杨{han}村", a["曹杨一村社区"])
        blocks(r, c, range(10 * at, 10 * at + 4), label="{}号", floors=5, doors=4)
    c = r.named("compound", "C5", "华业公寓", a["华业社区"], also=(s["陕西北路"],))
    r.plate(s["陕西北路"], "175弄", c)
    blocks(r, c, (1, 3), label="{}号", floors=10, doors=4)
    c = r.named("compound", "C6", "中星海上名庭", a["梅岭社区"], also=(s["枣阳路"],))
    r.plate(s["枣阳路"], "258弄", c)
    blocks(r, c, (1, 2, 18), label="{}号", floors=18, doors=4)
    b = r.named("building", "B1", "静安嘉里中心", a["华业社区"], also=(s["南京西路"],))
    r.flats(b, entrances=(), floors=30, doors=8)
    r.plate(s["南京西路"], "1515", b)
    for n in ("1515-1", "1601", "1601甲", "1605"):
        r.plate(s["南京西路"], n)
    for n in ("18", "20", "20乙", "22-24"):
        r.plate(s["梅岭北路"], n)
    r.named("facility", "F1", "静安寺地铁站", a["华业社区"])
    r.meet |= {frozenset(("S1", "S2")), frozenset(("S3", "S6")), frozenset(("S4", "S7"))}
    return r

