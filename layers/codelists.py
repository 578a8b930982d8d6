"""Code lists: the words a coded field may hold, kept as files in data/codelists."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from layers.text import Bilingual

FOLDER = Path(__file__).parent.parent / "data" / "codelists"


@dataclass(frozen=True, slots=True)
class CodeList:
    """The codes of one list with their words, in the list's own order."""

    name: str
    title: Bilingual
    codes: Mapping[str, Bilingual]

    def find(self, written: str) -> str | None:
        """Return the code that `written` means: a code, or its word in either language."""
        return _readings(self.name).get(written.strip().casefold())

    def label(self, code: str | None, language: str) -> str | None:
        """Return the word for `code`; an unknown code stands for itself."""
        text = self.codes.get(code or "")
        return text.in_language(language) if text else code


@cache
def codelist(name: str) -> CodeList:
    """Return the list called `name`, reading its file once."""
    body = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    codes = {item["code"]: Bilingual(item["en"], item["zh"]) for item in body["codes"]}
    title = Bilingual(body["title"]["en"], body["title"]["zh"])
    return CodeList(name, title, MappingProxyType(codes))


@cache
def _readings(name: str) -> Mapping[str, str]:
    body = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return {word.casefold(): item["code"] for item in reversed(body["codes"])
            for word in (*item.get("also", ()), item["en"], item["zh"], item["code"])}
