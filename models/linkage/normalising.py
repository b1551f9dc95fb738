"""Values made comparable: each column by its meaning, as text; what can't be anything is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pandas as pd
from pypinyin import Style, lazy_pinyin
from text_unidecode import unidecode

from conf.linkage import ColumnConf
from models.linkage.birth import dates, without_placeholders
from models.linkage.titles import bare, by_comma

MISSING: Final = frozenset(
    {"", "?", "-", "--", ".", "na", "n/a", "nan", "nat", "none", "null", "nil", "unknown", "missing", "不详", "未知", "无"}
)  # fmt: skip
CJK: Final = re.compile(r"[\u3400-\u9fff]")
STREETS: Final = {
    "street": "st", "road": "rd", "avenue": "ave", "av": "ave", "place": "pl", "drive": "dr", "lane": "ln",
    "court": "ct", "crescent": "cres", "circuit": "cct", "close": "cl", "boulevard": "blvd", "square": "sq",
    "terrace": "tce", "highway": "hwy", "parkway": "pkwy", "trail": "trl", "circle": "cir", "north": "n",
    "south": "s", "east": "e", "west": "w", "apartment": "apt", "suite": "ste", "mount": "mt", "saint": "st",
}  # fmt: skip
OFFICES: Final = {
    "univ": "university", "inst": "institute", "tech": "technology", "dept": "department", "natl": "national", "intl": "international",
    "lab": "laboratory", "labs": "laboratories", "ctr": "center", "centre": "center", "med": "medical", "eng": "engineering",
    "assoc": "association", "bros": "brothers", "mfg": "manufacturing", "svc": "service", "svcs": "services", "mgmt": "management",
    "hosp": "hospital", "coll": "college", "govt": "government", "div": "division",
}  # fmt: skip
"""Usual short forms, written out: a misspelt `universty` is near the whole word and far from its short form."""
LEGAL_FORMS: Final = re.compile(
    r"\b(inc|incorporated|llc|ltd|limited|plc|corp|corporation|co|company|gmbh|ag|sa|sas|sarl|srl|spa|bv|nv|oy|ab|"
    r"as|kg|llp|lp|pty|pte|holdings?|group)\b"
)
BRANCH: Final = "分公司|分行|支行|分店|分部|分所|办事处|营业部|分"
LEGAL_FORMS_ZH: Final = re.compile("(股份有限公司|有限责任公司|有限公司|集团|(?<!分)公司)")
BRACKETS: Final = re.compile(r"[（(](?![^()（）]*(?:分公司|分行|支行|\bbranch\b)).*?[)）]", re.IGNORECASE)
"""What stands in brackets, unless it says that this is a branch."""
PARTS_ZH: Final = re.compile("(?<=[0-9０-９一二三四五六七八九十])(号楼|单元|号|栋|幢|座|楼|层|室|户)")
SEXES: Final = {
    **dict.fromkeys(("m", "male", "man", "1", "男", "mr", "h", "masculino", "männlich"), "m"),
    **dict.fromkeys(
        ("f", "female", "woman", "2", "女", "mrs", "ms", "miss", "w", "femenino", "weiblich"), "f"
    ),
}
NOBODYS: Final = re.compile(
    r"(?:no|none|na|nil|null|noemail|nomail|unknown|notgiven|notprovided|decline[ds]?|refused|noreply)@.*"
)
HOURS: Final = re.compile(r"(\d+) ?h(?:rs?|ours?)?\b\.? ?(?:(\d+) ?m(?:ins?|inutes?)?\.?)?")
FEET: Final = re.compile(
    r"(\d+) ?(?:['′’]|ft\.?|feet|foot) ?(?:(\d+(?:\.\d+)?) ?(?:[\"″”]|''|in\.?|inch(?:es)?)?)?"
)
FEWEST_DIGITS: Final = 7
OWNED: Final = frozenset({"phone", "e-mail", "national id", "passport", "tax id", "registration id"})
MOST_RECORDS: Final = 40
COMMONEST: Final = 0.02
"""What more than MOST_RECORDS bear, and a larger share of those that tell anything, stands for an unknown one."""
RUNNING: Final = "01234567890123456789"
Values = "pd.Series[str]"


def normalised(
    table: pd.DataFrame, columns: dict[str, ColumnConf], source: pd.Series | None = None
) -> pd.DataFrame:
    """`columns` of `table` as text made comparable, missing values as None; index and order as they were.

    Dates are read the way in which most of a source's column can be read.
    """
    return pd.DataFrame(
        {name: _column(table[name], c.meaning, source) for name, c in columns.items()}, table.index
    )


def spelt(values: pd.Series) -> pd.Series:
    """How names sound: Chinese characters as pinyin, everything else as it is."""
    return by_value(values, pinyin)


def pinyin(text: str) -> str:
    """`text` with Chinese characters as pinyin."""
    return "".join(lazy_pinyin(text, style=Style.NORMAL)) if CJK.search(text) else text


def _column(values: pd.Series, meaning: str, source: pd.Series | None) -> pd.Series:
    text = as_text(values)
    if meaning == "date of birth":
        told = (
            [dates(part) for _, part in text.groupby(source.to_numpy(), sort=False)]
            if source is not None
            else []
        )
        return without_placeholders(pd.concat(told).reindex(text.index) if told else dates(text))
    made = by_value(text, NORMALISERS.get(meaning, words))
    return _without_placeholders(made) if meaning in OWNED else made


def _without_placeholders(values: pd.Series) -> pd.Series:
    """Numbers and addresses without those that so many records bear that they can't be anybody's own."""
    count = values.value_counts()
    everybodys = count.index[count > max(COMMONEST * count.sum(), MOST_RECORDS)]
    return values.mask(values.isin(list(everybodys)), None) if len(everybodys) else values


def as_text(values: pd.Series) -> pd.Series:
    """Any column as stripped text, full-width forms as usual ones; whole numbers without a decimal point, dates as ISO."""
    if pd.api.types.is_datetime64_any_dtype(values):
        values = values.dt.strftime("%Y-%m-%d")
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text = values.astype("string").str.normalize("NFKC").str.strip()
    return text.mask(text.str.lower().isin(MISSING)).astype(object).where(lambda v: v.notna(), None)


def by_value(values: pd.Series, clean: Callable[[str], str | None]) -> pd.Series:
    """Each value through `clean`; what that leaves empty is missing."""
    known = {v: clean(v) or None for v in values.dropna().unique()}
    return values.map(known).astype(object).where(lambda v: v.notna(), None)


def words(value: str) -> str:
    """Lower case without accents or punctuation; Chinese characters stay."""
    value = value.lower() if CJK.search(value) else unidecode(value).lower()
    return " ".join(re.sub(r"[^\w\s]|_", " ", value.replace("'", "")).split())


def name(value: str) -> str:
    """A name without title (`Mrs`) and suffix (`Jr`), where anything else is left; empty where it only says that there is none."""
    return bare(words(value.replace("-", " ")))


def full_name(value: str) -> str:
    """A name, the family name last where a comma says that it stands first (`Lee, Ann`)."""
    parts = by_comma(value)
    return name(f"{parts[1]} {name(parts[0])}") if parts else name(value)


def street(value: str) -> str:
    """A street or address with its usual words shortened; in a Chinese one 号, 栋, 室 and the like are only blanks."""
    if CJK.search(value):
        value = PARTS_ZH.sub(" ", value)
    return " ".join(STREETS.get(word, word) for word in words(value).split())


def organisation(value: str) -> str:
    """A name without its legal form, where anything else is left, usual short forms written out; initials (`S. A.`, `b v`) are one word."""
    value = re.sub(r"(?<=\b\w)(?:\. ?| )(?=\w\b)", "", value.replace("&", " and "))
    plain = words(BRACKETS.sub(" ", value)) or words(value)
    free = " ".join(LEGAL_FORMS.sub(" ", LEGAL_FORMS_ZH.sub("", plain)).split())
    return " ".join(OFFICES.get(word, word) for word in (free or plain).split())


def code(value: str) -> str:
    """Letters and digits alone, upper case; a Chinese 15-digit number as the 18-digit one that replaced it."""
    bare = re.sub(r"[^0-9A-Z]", "", value.upper())
    if _made_up(bare):
        return ""
    if re.fullmatch(r"\d{6}\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])\d{3}", bare):
        return upgraded(bare)
    return bare


def upgraded(old: str) -> str:
    """The 18-digit number of a 15-digit Chinese one: century 19, and the check character of GB 11643-1999."""
    body = old[:6] + "19" + old[6:]
    return body + check_character(body)


def check_character(body: str) -> str:
    """The last character of a resident id with these 17 digits (GB 11643-1999)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body))
    return "10X98765432"[total % 11]


def phone(value: str) -> str:
    """The last nine digits, which leave out a country's or a trunk's code however it is written."""
    digits = re.sub(r"\D", "", value.split("x", maxsplit=1)[0].split("ext", maxsplit=1)[0])
    return digits[-9:] if len(digits) >= 5 and not _made_up(digits) else ""


def _made_up(code: str) -> bool:
    """Whether a number is one that is typed where none is known: one digit over and over, or all in order."""
    return len(code) >= FEWEST_DIGITS and (len(set(code)) == 1 or code in RUNNING)


def email(value: str) -> str:
    """Lower case, without blanks; empty where it only says that there is none."""
    bare = re.sub(r"\s", "", value.lower())
    return "" if NOBODYS.fullmatch(bare) else bare


def sex(value: str) -> str:
    """M or f in the languages that we know, else the word itself."""
    return SEXES.get(value.lower().strip(". "), value.lower())


def number(value: str) -> str:
    """A house or unit number: letters and digits without leading zeros."""
    bare = re.sub(r"[^0-9a-z/]", "", value.lower())
    return bare.lstrip("0") or bare


def figure(value: str) -> str:
    """A number without what is written around it; minutes and seconds as seconds, hours and minutes as minutes, feet and inches as
    inches; anything else as words.
    """
    plain = value.strip().lower().replace(",", "")
    for written, ones in ((HOURS, 60), (FEET, 12)):
        if found := written.fullmatch(plain):
            return f"{ones * int(found[1]) + float(found[2] or 0):.10g}"
    if clock := re.fullmatch(r"(\d+):(\d\d)(?::(\d\d))?", plain):
        parts = [int(p) for p in clock.groups() if p is not None]
        return f"{sum(p * 60**i for i, p in enumerate(reversed(parts)))}"
    if alone := re.fullmatch(r"[^\d.\-]{0,4}(-?\d*\.?\d+)\s*[a-z%€]{0,4}", plain):
        return f"{float(alone[1]):.10g}"
    return words(value)


NORMALISERS: Final[dict[str, Callable[[str], str | None]]] = {
    **dict.fromkeys(("given name", "family name"), name),
    "full name": full_name,
    "street": street,
    "full address": street,
    "organisation name": organisation,
    "employer": organisation,
    "national id": code,
    "passport": code,
    "tax id": code,
    "registration id": code,
    "postcode": code,
    "phone": phone,
    "e-mail": email,
    "sex": sex,
    "number": figure,
    "house number": number,
    "unit": number,
    **dict.fromkeys(("encoded name", "encoded text", "encoded number", "encoded date"), str),
    **dict.fromkeys(("encoded code", "encoded category"), str),
}
