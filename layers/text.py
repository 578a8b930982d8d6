"""Words in Chinese and English, side by side."""

from dataclasses import dataclass

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Bilingual:
    """What a thing is called, in both languages."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """Return the Chinese or the English words."""
        return self.zh if language == "zh" else self.en

    def as_json(self) -> dict[str, str]:
        """Return both, keyed by language."""
        return {"en": self.en, "zh": self.zh}
