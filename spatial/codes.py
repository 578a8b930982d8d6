"""Checks identity numbers and codes, and explains them: which position, what was expected.

Resident ID numbers follow GB 11643 (check digit MOD 11-2), credit codes GB 32100 (MOD 31),
division codes GB/T 2260 and GB/T 10114, grid codes CJ/T 349. What is doubtful but may be true
(a withdrawn county, an early pilot code) is a warning; only what cannot be is a problem.
Messages never repeat the number.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from stdnum.cn import ric, uscc

from spatial.counties import county, province

#: Residence permits of residents of Hong Kong, Macao and Taiwan carry these as province.
PERMITS = {"81": "hong_kong_permit", "82": "macao_permit", "83": "taiwan_permit"}
_PERMIT_NAMES = {"81": "香港特别行政区", "82": "澳门特别行政区", "83": "台湾"}
_CHINA = timezone(timedelta(hours=8))
_OLDEST = 130
_LONGEST = 64
_UNSEEN = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad-]+")
_MISREAD = {"O": "0", "I": "1", "L": "1", "S": "5", "Z": "2", "B": "8", "V": "U"}
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_OFFICES = "1234567890ANY"
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))([2-8]\d{6,7})(?:(?:转|EXT\.?|#|X|,)(\d{1,6}))?")
#: Passports, travel permits, and the foreign residents' cards of 15 characters before 2017.
_FOREIGN = re.compile(r"(?=(?:[A-Z]*\d){5})[A-Z\d]{6,14}|[A-Z]{3}\d{12}")
_SERVICE = re.compile(r"[48]00\d{7}|9[56]\d{3,6}|1\d{2}|1[02]\d{3}")


@dataclass(frozen=True)
class Problem:
    """Why a code cannot be right: where (1 is the first; None the whole) and what would be."""

    position: int | None
    expected: str
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class CodeReport:
    """What a code says. `normalized` is None unless it is valid; `county` is a name."""

    kind: str
    normalized: str | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    birth_date: date | None = None
    sex: str | None = None
    county: str | None = None
    county_code: str | None = None

    @property
    def valid(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.problems


def _plain(text: str) -> str:
    """Return a code without spaces, dashes and what cannot be seen, full-width folded."""
    if len(text) > _LONGEST:
        return text
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).upper()


def _length(found: int, expected: str) -> Problem:
    return Problem(None, expected, f"it has {found:,} characters; {expected} are expected")


def _strange(code: str, allowed: str, first: int = 1) -> list[Problem]:
    """Return a problem for every character that is not allowed, with a guess."""
    problems = []
    wanted = "a digit" if allowed == "0123456789" else f"one of {allowed}"
    for position, character in enumerate(code, first):
        if character in allowed:
            continue
        guess = _MISREAD.get(character, "")
        shown = repr(character) if character.isprintable() else f"U+{ord(character):04X}"
        hint = f"; {guess} may be meant" if guess and guess in allowed else ""
        problems.append(Problem(position, guess or wanted,
                                f"position {position} is {shown}, {wanted} is expected{hint}"))
    return problems


def check_id_number(text: str, *, today: date | None = None) -> CodeReport:
    """Check a resident ID number; 15 digits are upgraded to 18.

    `kind` is resident, hong_kong_permit, macao_permit, taiwan_permit or
    foreign_permanent_residence. `today` bounds the birth date; the default is today in China.
    """
    code = _plain(text)
    if len(code) not in {15, 18}:
        return CodeReport("resident", problems=(_length(len(code), "18 (or 15)"),))
    problems = _strange(code[:17] if len(code) == 18 else code, "0123456789")
    if len(code) == 18:
        problems += _strange(code[17], "0123456789X", 18)
    if problems:
        return CodeReport("resident", problems=tuple(problems))
    warnings = []
    if len(code) == 15:
        code = _upgraded(code)
        warnings.append("15 digits were upgraded to 18; the new number should be asked for")
    return _read_id(code, today or datetime.now(_CHINA).date(), warnings)


def check_document(text: str) -> CodeReport:
    """Check the number of any identity document: of a passport or permit, else a resident's."""
    code = _plain(text)
    return CodeReport("foreign", code) if _FOREIGN.fullmatch(code) else check_id_number(text)


def _upgraded(code: str) -> str:
    """Return the 18 digits of an old number; 996-999 were given to those over a hundred."""
    century = "18" if code[12:] in {"996", "997", "998", "999"} else "19"
    longer = code[:6] + century + code[6:]
    return longer + ric.calc_check_digit(longer + "0")


def _read_id(code: str, today: date, warnings: list[str]) -> CodeReport:
    """Read the parts of eighteen good characters."""
    kind, place, doubts, problems = _origin(code)
    birth, wrong = _birth(code, today)
    problems += wrong
    expected = ric.calc_check_digit(code)
    if code[17] != expected:
        problems.append(Problem(18, expected, f"the check digit at position 18 is {code[17]}, "
                                f"{expected} is expected; one of the 18 is wrong"))
    if birth and today.year - birth.year > _OLDEST:
        doubts.append(f"the birth date makes a person of over {_OLDEST} years")
    return CodeReport(kind, None if problems else code, tuple(problems),
                      (*warnings, *doubts), birth, "male" if int(code[16]) % 2 else "female",
                      place, code[:6])


def _origin(code: str) -> tuple[str, str | None, list[str], list[Problem]]:
    """Return kind, county, doubts and problems of the first six digits."""
    head = code[:6]
    if head[:2] in PERMITS and head[2:] == "0000":
        return PERMITS[head[:2]], _PERMIT_NAMES[head[:2]], [], []
    if head[0] == "9" and province(head[1:3]):
        return "foreign_permanent_residence", province(head[1:3]), [], []
    found = county(head)
    if found is None:
        return "resident", None, [], [Problem(
            1, "a county code of GB/T 2260", f"positions 1-6 ({head}) are and were no county")]
    if found.withdrawn is None:
        return "resident", found.name, [], []
    when = f" in {found.withdrawn}" if found.withdrawn else ""
    return "resident", found.name, [f"the county {head} ({found.name}) was withdrawn{when}"], []


def _birth(code: str, today: date) -> tuple[date | None, list[Problem]]:
    """Return the birth date at positions 7-14, or why there is none."""
    year, month, day = int(code[6:10]), int(code[10:12]), int(code[12:14])
    if not 1 <= month <= 12:
        return None, [Problem(11, "01-12", f"positions 11-12 are the month {code[10:12]}; "
                              "01 to 12 is expected")]
    try:
        birth = date(year, month, day)
    except ValueError:
        return None, [Problem(13 if year else 7, "a day of that month", "positions 7-14 are no "
                              "date; a birth date YYYYMMDD is expected")]
    if birth > today:
        return None, [Problem(7, f"at most {today:%Y%m%d}", "the birth date at positions 7-14 "
                              "lies in the future")]
    return birth, []


def check_credit_code(text: str) -> CodeReport:
    """Check a unified social credit code (GB 32100)."""
    code = _plain(text)
    if len(code) != 18:
        return CodeReport("credit_code", problems=(_length(len(code), "18"),))
    problems = _strange(code[:2], _CREDIT) + _strange(code[2:8], "0123456789", 3)
    problems += _strange(code[8:], _CREDIT, 9)
    if problems:
        return CodeReport("credit_code", problems=tuple(problems))
    warnings = [] if code[0] in _OFFICES else [
        f"position 1 ({code[0]}) is no registering office that is known"]
    found = county(code[2:8])
    if found is None:
        warnings.append(f"positions 3-8 ({code[2:8]}) are and were no county")
    _check_characters(code, problems, warnings)
    return CodeReport("credit_code", None if problems else code, tuple(problems),
                      tuple(warnings), county=found.name if found else None,
                      county_code=code[2:8])


def _check_characters(code: str, problems: list[Problem], warnings: list[str]) -> None:
    """Check positions 17 (GB 11714) and 18 (GB 32100).

    Organization codes of M and digits are of the pilot before the standard came into force:
    their check character is not always the standard's, so a wrong one is only a warning.
    """
    inner = organization_check(code[8:16])
    if code[16] != inner:
        warnings.append(f"the organization code's check character at position 17 is {code[16]}, "
                        f"{inner} would be regular")
    expected = uscc.calc_check_digit(code[:17])
    if code[17] == expected:
        return
    message = f"the check character at position 18 is {code[17]}, {expected} is expected"
    if re.fullmatch(r"M\d{5}.*", code[8:]):
        warnings.append(f"{message}; early pilot codes have others")
    else:
        problems.append(Problem(18, expected, f"{message}; one of the 18 is wrong"))


def organization_check(eight: str) -> str:
    """Return the check character of an organization code (GB 11714, MOD 11)."""
    total = sum(int(character, 36) * weight
                for character, weight in zip(eight, _ORGANIZATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def check_division_code(text: str) -> CodeReport:
    """Check a division code of 2, 4, 6, 9 or 12 digits; `kind` is the level it names."""
    code = _plain(text)
    kinds = {2: "province", 4: "city", 6: "district", 9: "subdistrict", 12: "community"}
    if len(code) not in kinds:
        return CodeReport("division", problems=(_length(len(code), "2, 4, 6, 9 or 12"),))
    problems = _strange(code, "0123456789")
    if problems:
        return CodeReport("division", problems=tuple(problems))
    kind = kinds[max(2, next(size for size in kinds if not code[size:].strip("0")))]
    found = county(code[:6].ljust(6, "0"))
    warnings = []
    if found is None:
        warnings.append(f"{code[:6]} is and was no division of GB/T 2260")
    elif found.withdrawn is not None:
        warnings.append(f"{code[:6]} ({found.name}) was withdrawn")
    return CodeReport(kind, code, warnings=tuple(warnings), county=found.name if found else None,
                      county_code=code[:6])


def check_grid_code(text: str) -> CodeReport:
    """Check a grid code (CJ/T 349, 20 digits).

    1-6 are what is managed, 7-12 the county, 13-15 the subdistrict, 16-18 the community,
    19-20 the grid in it (00 where the community is one grid).
    """
    code = _plain(text)
    if len(code) != 20:
        return CodeReport("grid", problems=(_length(len(code), "20"),))
    problems = _strange(code, "0123456789")
    found = None if problems else county(code[6:12])
    warnings = () if found or problems else (
        f"positions 7-12 ({code[6:12]}) are and were no county",)
    return CodeReport("grid", None if problems else code, tuple(problems), warnings,
                      county=found.name if found else None, county_code=code[6:12])


def check_phone(text: str) -> CodeReport:
    """Check a phone number of China; `kind` is mobile, landline, service or unassigned.

    Normalized without country code, spaces and dashes; an extension follows a dash.
    """
    code = re.sub(r"^(?:\+|00)86(?=\d{10})|^86(?=1\d{10}$)", "", re.sub(r"[()]", "", _plain(text)))
    if _MOBILE.fullmatch(code):
        return CodeReport("mobile", code)
    line = _LANDLINE.fullmatch(code)
    if line:
        return CodeReport("landline", line[1] + line[2] + (f"-{line[3]}" if line[3] else ""))
    if _SERVICE.fullmatch(code):
        return CodeReport("service", code)
    if re.fullmatch(r"[2-8]\d{6,7}", code):
        return CodeReport("landline", code, warnings=("the area code is missing",))
    if re.fullmatch(r"1[0-2]\d{9}", code):
        return CodeReport("unassigned", code, warnings=("no operator uses numbers that begin "
                                                        f"with {code[:3]}",))
    problems = _strange(code.lstrip("+")[:_LONGEST], "0123456789")[:1] or [
        _length(len(code), "11 digits of a mobile, or area code and number,")]
    return CodeReport("mobile", problems=tuple(problems))
