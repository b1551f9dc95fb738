"""What the columns of a table may mean: from their names in several languages, and from what they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import pandas as pd

from models.linkage.birth import dates
from models.linkage.normalising import SEXES, as_text

SAMPLE: Final = 5_000
FEW: Final = 10
# In this order: the first that fits a column's name and isn't refuted by its values.
BY_NAME: Final = (
    (r"\b(cluster|truth|true|entity id|label|gold|oracle|ground truth)\b", "truth"),
    (r"\b(src|source|system|data source|dataset|origin)\b", "source"),
    (r"\b(email|e mail|mail address|邮箱|电子邮件)\b|邮箱", "e-mail"),
    (r"\b(phone|telephone|tel|mobile|cell|fax)\b|电话|手机", "phone"),
    (r"\b(date of birth|birth ?date|dob|born|birthday|geburtsdatum|naissance)\b|出生", "date of birth"),
    (r"\b(sex|gender|geschlecht)\b|性别", "sex"),
    (r"\b(passport)\b|护照", "passport"),
    (r"\b(tax|vat|tin|ein)\b|税号", "tax id"),
    (r"\b(ssn|soc sec id|social security|national id|nin|nino|id number|identity|ric)\b|身份证|证件", "national id"),
    (r"\b(registration|uscc|credit code|company number|uen|lei|licen[cs]e)\b|信用代码", "registration id"),
    (r"\b(middle ?name|middle initial|middle|second name)\b", "middle name"),
    (r"\b(given ?name|first ?name|forename|fname|vorname|prenom|name first)\b", "given name"),
    (r"\b(family ?name|last ?name|surname|lname|nachname|nom|sname|name last)\b|^姓$", "family name"),
    (r"\b(organi[sz]ation|company|business|firm|org|name org|legal name)\b|公司|企业", "organisation name"),
    (r"\b(employer)\b|单位", "employer"),
    (r"\b(street ?(number|no|num)|house ?(number|no|num)|hnr|building)\b|门牌", "house number"),
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
    (r"\b(age)\b|年龄", "ignore"),
)  # fmt: skip


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
        sample, unique=distinct == len(values)
    )
    if distinct == 1 and len(held) > FEW and meaning not in {"source", "truth"}:
        return Column(name, filled, 1, "ignore", "it holds one value only")
    return Column(name, filled, distinct, meaning, because)


def _by_name(name: str, sample: pd.Series, *, unique: bool, rows: int) -> tuple[str, str] | None:
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = " ".join(re.sub(r"[_\W]+", " ", plain).lower().split())
    for pattern, meaning in BY_NAME:
        if re.search(pattern, plain) and _plausible(meaning, sample, unique=unique, rows=rows):
            return meaning, f"its name reads like {meaning}"
    return None


def _plausible(meaning: str, sample: pd.Series, *, unique: bool, rows: int) -> bool:
    """Whether the values don't refute what the name says."""
    match meaning:
        case "key":
            return unique
        case "e-mail":
            return _share(sample, "@") > 0.5
        case "phone":
            return _share(sample, r"\d.*\d.*\d.*\d.*\d") > 0.5
        case "date of birth" | "record date":
            return _dated(sample) > 0.5
        case "sex":
            return sample.str.lower().isin(SEXES).mean() > 0.5 or len(sample) <= 4
        case "national id" | "passport" | "tax id" | "registration id":
            return _share(sample, r"\d") > 0.5
        case "full address" | "street":
            return len(sample) > FEW or rows < 3 * len(
                sample
            )  # a handful of values, over and over, is a code
        case "house number":
            return _share(sample, r"\d") > 0.5
        case _:
            return True


def _by_values(sample: pd.Series, *, unique: bool) -> tuple[str, str]:
    distinct = len(sample)
    if _share(sample, r"^[^@\s]+@[^@\s]+\.\w+$") > 0.5:
        return "e-mail", "its values read like e-mail addresses"
    if _dated(sample) > 0.8:
        return "record date", "its values read like dates"
    if sample.str.lower().isin(SEXES).mean() > 0.9:
        return "sex", "its values read like a sex"
    if _share(sample, r"^\+?[\d\s()/-]{7,}$") > 0.8 and distinct > 20:
        return "phone", "its values read like phone numbers"
    if unique and _share(sample, r"^[A-Za-z]*[-_]?\d+$") > 0.9:
        return "key", "it names every row once"
    if _share(sample, r"[A-Za-z\u3400-\u9fff]") > 0.8 and distinct > 20:
        return "text", "it holds words"
    return "ignore", "nothing tells what it is"


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
