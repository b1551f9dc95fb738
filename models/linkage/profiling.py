"""What the columns of a table may mean: from their names in several languages, and from what they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pandas as pd

from models.linkage.birth import dates
from models.linkage.normalising import LEGAL_FORMS, LEGAL_FORMS_ZH, SEXES, as_text, words

SAMPLE: Final = 5_000
FEW: Final = 10
MANY: Final = 20
MOST_SOURCES: Final = 50
MOST_YEARS: Final = 5
OFTEN: Final = 20
"""Records to each of a few words that make them a category."""
LEGAL: Final = 0.1
LONG: Final = 4
DIGITS: Final = 0.3
"""Shares of names with a legal form, and with a digit, and words of a name, above which they aren't people's."""
# In this order: the first that fits a column's name and isn't refuted by its values.
BY_NAME: Final = (
    (r"\b(cluster|truth|true|entity id|label|gold|oracle|ground truth)\b", "truth"),
    (r"\b(src|source|system|data source|dataset|origin|shop|list|provider|supplier|vendor|catalog|catalogue|registry|feed)\b", "source"),
    (r"\b(email|e mail|mail address|邮箱|电子邮件)\b|邮箱", "e-mail"),
    (r"\b(phone|telephone|tel|mobile|cell|fax)\b|电话|手机", "phone"),
    (r"\b(birth ?place|place of birth)\b|籍贯", "birthplace"),
    (r"\b(date of birth|birth ?date|dob|born|birth|birthday|birth year|year of birth|geburtsdatum|naissance)\b|出生", "date of birth"),
    (r"\b(sex|gender|geschlecht)\b|性别", "sex"),
    (r"\b(passport)\b|护照", "passport"),
    (r"\b(tax|vat|tin|ein)\b|税号", "tax id"),
    (r"\b(ssn|soc sec id|social security|national id|nin|nino|id number|identity|ric)\b|身份证|证件", "national id"),
    (r"\b(registration|uscc|credit code|company number|uen|lei|licen[cs]e|isbn|issn|ean|gtin|upc|barcode|doi)\b|信用代码", "registration id"),
    (r"\b(title|description|abstract|authors?|publisher|venue|journal|album|url|web|web ?site|site|homepage)\b|标题", "text"),
    (r"\b(artist|director|legal rep(resentative)?|contact (person|name))\b|法人|联系人", "full name"),
    (r"\b(middle ?name|middle initial|middle|second name)\b", "middle name"),
    (r"\b(given ?name|first ?name|forename|fname|vorname|prenom|name first)\b", "given name"),
    (r"\b(family ?name|last ?name|surname|lname|nachname|nom|sname|name last)\b|^姓$", "family name"),
    (r"\b(organi[sz]ation|company|business|firm|org|name org|legal name)\b|公司|企业", "organisation name"),
    (r"\b(employer)\b|单位", "employer"),
    (r"\b(street ?(number|no|num)|house( ?(number|no|num|nr))?|hnr|hausnummer|building)\b|门牌", "house number"),
    (r"\b(unit|apartment|apt|flat|suite)( number| no)?\b", "unit"),
    (r"\b(post ?code|zip|zip ?code|postal ?code|postal|plz)\b|邮编", "postcode"),
    (r"\b(suburb|town|city|village|locality|municipality|ort|place)\b|城市|市$", "town"),
    (r"\b(state|province|county|region|district|bundesland)\b|省", "region"),
    (r"\b(country|nation|nationality)\b|国", "country"),
    (r"\b(street|address ?\d|addr ?\d|street ?name|addr line ?\d?|address line ?\d?|strasse)\b|街", "street"),
    (r"\b(address|addr|addr full|full address)\b|地址", "full address"),
    (r"\b(full ?name|name|name full|person)\b|姓名|名称", "full name"),
    (r"\b(rec id|record id|unique id|row id|rid|uid|key|id|record key|customer id|client id)\b|^编号$|客户号", "key"),
    (r"\b(date|updated|created|modified|timestamp|as of|last seen)\b|日期", "record date"),
    (r"\byear\b", "source"),
    (r"\b(age|year|price|pages|length|duration|runtime|track|lat|latitude|lon|lng|longitude|founded|established)\b|年龄|年份", "number"),
    (r"\b(category|kind|type|genre|language|colou?r|brand|cuisine|occupation|job|profession|trade|industry|sector|format)\b|职业|行业",
     "category"),
)  # fmt: skip

YEAR: Final = r"^(?:1[6-9]|20)\d\d$"
SHAPES: Final = {
    "e-mail": ("@", 0.5), "phone": (r"\d.*\d.*\d.*\d.*\d", 0.5), "house number": (r"\d", 0.5), "number": (r"\d", 0.8),
    **dict.fromkeys(("national id", "passport", "tax id", "registration id"), (r"\d", 0.5)),
}  # fmt: skip
"""What a share of the values must hold, or the name is wrong."""
BY_VALUE: Final = (
    (
        "national id",
        r"^[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]$",
        0.5,
        "its values read like resident ids",
    ),
    ("registration id", r"^9[0-9A-Z]{17}$", 0.5, "its values read like credit codes"),
    ("phone", r"^\+?[\d\s()/-]{7,}$", 0.8, "its values read like phone numbers"),
    ("key", r"^[A-Za-z]*[-_]?\d+$", 0.9, "it names every row once"),
    ("full name", r"^[\u3400-\u9fff]{2,4}$", 0.8, "its values read like Chinese names"),
)


@dataclass(frozen=True)
class Column:
    """A column as found: the share of rows that have it, its distinct values, the meaning proposed and why."""

    name: str
    filled: float
    distinct: int
    meaning: str
    because: str


def profile(table: pd.DataFrame) -> list[Column]:
    """Each column of `table` with a proposed meaning; `ignore` where nothing speaks for one."""
    return [_profiled(name, as_text(table[name])) for name in map(str, table.columns)]


def _profiled(name: str, values: pd.Series) -> Column:
    held = values.dropna()
    distinct = int(held.nunique())
    filled = len(held) / max(len(values), 1)
    sample = held.drop_duplicates().head(SAMPLE)
    if not distinct:
        return Column(name, 0.0, 0, "ignore", "it is empty")
    meaning, because = _by_name(name, sample, unique=distinct == len(values), rows=len(held)) or _by_values(
        sample, unique=distinct == len(values), rows=len(held)
    )
    if distinct == 1 and len(held) > FEW and meaning not in {"source", "truth"}:
        return Column(name, filled, 1, "ignore", "it holds one value only")
    return Column(name, filled, distinct, meaning, because)


def _by_name(name: str, sample: pd.Series, *, unique: bool, rows: int) -> tuple[str, str] | None:
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = " ".join(re.sub(r"[_\W]+", " ", plain).lower().split())
    for pattern, meaning in BY_NAME:
        if re.search(pattern, plain) and _plausible(meaning, sample, unique=unique, rows=rows):
            found = _whose(sample) if meaning == "full name" else meaning
            return found, f"its name reads like {found}"
    return None


def _whose(sample: pd.Series) -> str:
    """Whether a column of names is one of people, of organisations, or of things."""
    plain = sample.map(words)
    if plain.map(lambda v: bool(LEGAL_FORMS.search(v) or LEGAL_FORMS_ZH.search(v))).mean() > LEGAL:
        return "organisation name"
    long = plain.str.split().str.len().median() > LONG
    return "text" if long or _share(plain, r"\d") > DIGITS else "full name"


def _plausible(meaning: str, sample: pd.Series, *, unique: bool, rows: int) -> bool:
    """Whether the values don't refute what the name says."""
    if meaning in SHAPES:
        pattern, least = SHAPES[meaning]
        return _share(sample, pattern) > least
    match meaning:
        case "key":
            return unique
        case "source":  # a register's years are few, a book's many
            return len(sample) <= (MOST_YEARS if _share(sample, YEAR) > 0.5 else MOST_SOURCES)
        case "date of birth":
            return _dated(sample) > 0.5 or _share(sample, YEAR) > 0.5
        case "record date":
            return _dated(sample) > 0.5
        case "sex":
            return sample.str.lower().isin(SEXES).mean() > 0.5 or len(sample) <= 4
        case (
            "full address" | "street" | "text"
        ):  # a handful of values, over and over, is a code, or Mr and Mrs
            return len(sample) > FEW or rows < 3 * len(sample)
        case _:
            return True


def _by_values(sample: pd.Series, *, unique: bool, rows: int) -> tuple[str, str]:
    if _share(sample, r"^[^@\s]+@[^@\s]+\.\w+$") > 0.5:
        return "e-mail", "its values read like e-mail addresses"
    if _dated(sample) > 0.8:
        return "record date", "its values read like dates"
    if sample.str.lower().isin(SEXES).mean() > 0.9:
        return "sex", "its values read like a sex"
    for meaning, pattern, least, because in BY_VALUE:
        if _share(sample, pattern) > least and (meaning != "key" or unique) and _several(meaning, sample):
            return meaning, because
    words = _share(sample, r"[A-Za-z\u3400-\u9fff]") > 0.8
    if words and len(sample) > MANY:
        return "text", "it holds words"
    if words and rows >= OFTEN * len(sample):
        return "category", "it holds a few words over and over"
    return "ignore", "nothing tells what it is"


def _several(meaning: str, sample: pd.Series) -> bool:
    """Whether there are as many values as people or phones would have."""
    return meaning not in {"phone", "full name"} or len(sample) > MANY


def _share(sample: pd.Series, pattern: str) -> float:
    return float(sample.str.contains(pattern, regex=True).mean())


def _dated(sample: pd.Series) -> float:
    shaped = sample.str.contains(
        r"^(?:\d{8}|\d{1,4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,4}日?|\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4})"
    )
    if shaped.mean() <= 0.3:
        return 0.0
    read = dates(sample).dropna().astype(str)
    year = pd.to_numeric(read.str[:4], errors="coerce")
    return float(((read.str.len() == 8) & year.between(1850, 2100)).sum() / len(sample))


def proposed_yaml(columns: list[Column]) -> str:
    """A match.yaml of what was found, to be read and mended by a person."""
    lines = [
        "# Proposed from the file's columns: name → meaning. Mend what is wrong; docs/linkage.md lists the meanings.",
        "columns:",
    ]
    width = max(len(_quoted(c.name)) + len(c.meaning) for c in columns) + 3
    for c in columns:
        entry = f"{_quoted(c.name)}: {c.meaning}"
        lines.append(f"  {entry:<{width}}# {c.because}; {c.filled:.0%} filled, {c.distinct:,} values")
    return "\n".join(lines) + "\n"


def _quoted(name: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][\w ]*", name) and name.lower() not in {
        "yes",
        "no",
        "true",
        "false",
        "null",
        "on",
        "off",
        "y",
        "n",
    }
    return name if plain else "'" + name.replace("'", "''") + "'"
