"""An explanation of a lookup in words a clerk can read, in Chinese and English."""

from collections.abc import Iterator, Mapping
from typing import Any

#: What each step of the resolver is, and how it is told.
STEPS: Mapping[str, tuple[str, str]] = {
    "read": ("规范后的文本，认出的名称", "The text written one way; the names it holds"),
    "descend": ("试作这样的读法", "One way to read the numbers, tried in the register"),
    "name": ("按户室名称找到", "Found by the room's own name"),
    "outside": ("不在本辖区", "Outside this register's area"),
    "gap": ("名称之后还有不认识的字", "The name goes on with unknown words"),
    "spot": ("没有登记的名称", "No registered name"),
    "plate": ("该街没有此门牌", "The street has no such number"),
    "decided": ("复核时已确定", "Settled on the review page"),
    "grade": ("需要说明之处，等级", "What is amiss, and the class it gives"),
}
STATUSES: Mapping[str, tuple[str, str]] = {
    "match": ("完全对应", "all of it is accounted for"),
    "partial": ("只有一部分存在", "only a part of it exists"),
    "ambiguous": ("有几处同样符合", "several places fit equally"),
    "none": ("登记中没有", "nothing in the register"),
}
FAULTS: Mapping[str, tuple[str, str]] = {
    "alias": ("别名", "an alias"), "former_name": ("曾用名", "a former name"),
    "short_form": ("简称", "a short form"), "misspelt": ("可能写错", "perhaps a slip"),
    "clipped": ("名称不完整", "only a part of the name"), "inferred": ("推断补出", "left out"),
    "missing": ("缺少", "missing"), "not_found": ("登记中没有", "not in the register"),
    "contradicts": ("与登记不一致", "the register says otherwise"),
    "unknown_token": ("未能理解", "not understood"), "order": ("次序不同", "another order"),
    "repeated": ("重复", "said twice"), "relation": ("方位词", "beside it, not at it"),
}


def explained(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines that tell how an answer (of lookup_address, explained) came about."""
    for step in answer.get("explain", ()):
        zh, en = STEPS.get(step["step"], (step["step"], step["step"]))
        result = f" → {step['result']}" if step["result"] else ""
        yield f"· {zh} / {en}: {step['saw']}{result}"
    for part in answer["parsed"]:
        known = part.get("matched") or part.get("value")
        yield f"  {part['text']} = {part['role']}" + (f" {known}" if known else "")
    zh, en = STATUSES[answer["status"]]
    yield f"= {zh} / {en}"


def fault_line(fault: Mapping[str, Any]) -> str:
    """Return in words one way in which a text differs from the register."""
    zh, en = FAULTS.get(str(fault["fault"]).split("(")[0], (fault["fault"], fault["fault"]))
    told = " → ".join(str(word) for word in (fault["from"], fault["to"]) if word)
    return f"{fault['element']}: {zh} / {en}" + (f" ({told})" if told else "")
