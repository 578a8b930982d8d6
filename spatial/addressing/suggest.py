"""Suggestions while typing, in stages: names, then buildings, entrances and units.

Names may be typed in characters, pinyin, initials or a mixture; numbers are never fuzzy and come
in their natural order. Children appear once the name is unique or a digit follows it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spatial.addressing.characters import normalise
from spatial.addressing.compose import own_label, standard_address
from spatial.addressing.keys import building_key, canonical, entrance_key, room_key
from spatial.addressing.numerals import to_digits
from spatial.addressing.register import DIVISIONS, Node, Register
from spatial.addressing.typing import EXACT, INFIX, Hit, TypingIndex

_LEVEL_ORDER = {"compound": 0, "building": 1, "organization": 2, "street": 3, "facility": 4,
                "community": 5, "subdistrict": 6, "district": 7, "group": 8}  # fmt: skip
_PART = re.compile(
    r"[-/,.\s#]*([甲乙丙丁]?[A-Z]?\d+[A-Z甲乙丙丁]?|[A-Z](?=座|栋|-|/|$)|[门车库商]\S{1,2}\d*)"
    r"(号楼|栋|幢|座|楼|#|单元|门|梯|号|室|户)?"
)
_TAIL = re.compile(r"(?<=[一-鿿A-Z])(?=[-/\s]*[甲乙丙丁]?\d)|(?<=[一-鿿])(?=[A-Z](?:座|栋|-))")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the list: what it puts into the box, and what it shows."""

    node: Node
    text: str
    display: str
    caret: int
    has_children: bool
    context: str


def suggest(
    text: str, register: Register, typing: TypingIndex, *, limit: int = 8, within: str | None = None
) -> list[Suggestion]:
    """Return the places that `text` may be the beginning of, best first."""
    plain = to_digits(normalise(text)).canonical.strip()
    if not plain or len(plain) > 200:
        return []
    whole = [h for h in typing.find(text.strip()) if h.rank < INFIX]
    for head, tail in _splits(plain, typing) if not whole else ():
        anchors = _anchors(head, typing)
        if anchors and tail:
            found = _children(anchors, tail, register)
            if found:
                return [_suggestion(n, register) for n in found[:limit]]
    hits = sorted(typing.find(text.strip()), key=lambda h: _order(h, within))
    out = [_named(hit, register) for hit in hits[:limit]]
    exact = [h for h in hits if h.rank == EXACT]
    if len(exact) == 1 and len(out) < limit and exact[0].typed.node.level == "compound":
        buildings = _natural(register.children("building", [exact[0].typed.node], None))
        out += [_suggestion(n, register) for n in buildings[: limit - len(out)]]
    return out


def _splits(plain: str, typing: TypingIndex) -> Iterable[tuple[str, str]]:
    """Yield the ways to cut the text into a name and numbers, the longest name first."""
    named = [s for s in typing.index.spot(plain) if s.forms[0].node.level not in DIVISIONS]
    if named:
        last = named[-1]
        yield plain[last.start : last.end], plain[last.end :]
        return
    for match in reversed(list(_TAIL.finditer(plain))):
        yield plain[: match.start()], plain[match.start() :]


def _anchors(head: str, typing: TypingIndex) -> list[Node]:
    """Return the places a head means: those that bear the name, else those it surely begins."""
    forms = typing.index.forms.get(canonical(head), ())
    if forms:
        least = forms[0].cost
        nodes = [f.node.target or f.node for f in forms if f.cost <= least + 0.001]
    else:
        hits = typing.find(head)
        best = hits[0].rank if hits else INFIX
        nodes = [h.typed.node for h in hits if h.rank == best and best < INFIX]
    return [n for n in nodes if n.level in {"compound", "building", "community"}]


def _children(anchors: Sequence[Node], tail: str, register: Register) -> list[Node]:
    """Return the buildings, entrances or units that the numbers begin."""
    parts = [(m.group(1), m.group(2) or "") for m in _PART.finditer(tail)]
    if not parts:
        return []
    open_ended = not parts[-1][1] and not tail.endswith(("-", "/"))
    done = parts[:-1] if open_ended else parts
    begun = parts[-1][0] if open_ended else ""
    buildings = [n for n in anchors if n.level == "building"]
    above = [n for n in anchors if n.level != "building"]
    if above:
        if not done:
            return _natural(_starting(register.children("building", above, None), begun))
        buildings = register.children("building", above, [building_key(done[0][0])])
        done = done[1:]
    return _inside(buildings, done, begun, register)


def _inside(
    buildings: Sequence[Node], done: Sequence[tuple[str, str]], begun: str, register: Register
) -> list[Node]:
    """Return what lies in a building and begins with `begun`."""
    if not buildings:
        return []
    if done and done[-1][1] in {"室", "户"}:
        units = register.children("unit", buildings, [room_key(done[-1][0])])
        wanted = entrance_key(done[0][0]) if len(done) > 1 else None
        return _natural(u for u in units if wanted is None or u.entrance == wanted)
    if done:
        key = entrance_key(done[0][0])
        units = register.children("unit", buildings, None)
        below = [u for u in units if u.entrance == key]
        entrances = register.children("entrance", buildings, [key])
        shown = _natural(_starting(below, begun))
        return [*entrances, *shown] if not begun else shown
    entrances = _natural(_starting(register.children("entrance", buildings, None), begun))
    units = [] if entrances and not begun else _natural(
        _starting(register.children("unit", buildings, None), begun))  # fmt: skip
    return [*(buildings if not begun else ()), *entrances, *units]


def _starting(nodes: Iterable[Node], begun: str) -> list[Node]:
    key = building_key(begun) if begun else ""
    return [n for n in nodes if n.key.startswith(key) or n.key.startswith(begun)]


def _natural(nodes: Iterable[Node]) -> list[Node]:
    """Sort by number, not by character: 2 before 10, 3 before 3甲."""

    def key(node: Node) -> tuple[int, list[tuple[int, int, str]]]:
        parts = re.findall(r"\d+|\D+", node.key)
        shown = [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts]
        return (len(re.match(r"\d*", node.key).group(0)), shown)  # type: ignore[union-attr]

    return sorted(nodes, key=key)


def _order(hit: Hit, within: str | None) -> tuple[int, bool, bool, int, int, str]:
    node = hit.typed.node
    away = within is not None and not (node.target or node).lies_in(within)
    return (hit.rank, away, not hit.typed.own, _LEVEL_ORDER.get(node.level, 9),
            len(hit.typed.characters), hit.typed.characters)  # fmt: skip


def context(node: Node) -> str:
    """Return the community a place lies in, else the division next above it."""
    chain = [n for n in (node.target or node).chain() if n.ref != node.ref]
    near = [n for n in chain if n.level in DIVISIONS]
    return near[-1].label if near else ""


def _named(hit: Hit, register: Register) -> Suggestion:
    node = hit.typed.node
    label = node.label
    if not hit.typed.own and node.level in {"unit", "building"}:
        label = standard_address(node, divisions=False)
    shown = label if hit.typed.own else f"{label}（{hit.typed.written}）"
    return Suggestion(node, label, shown, len(label),
                      node.level in {"compound", "building", "street"}, context(node))  # fmt: skip


def _suggestion(node: Node, register: Register) -> Suggestion:
    text = standard_address(node, divisions=False)
    return Suggestion(node, text, own_label(node), len(text),
                      node.level in {"building", "entrance"}, context(node))  # fmt: skip
