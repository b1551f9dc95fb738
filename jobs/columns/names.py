"""Names of people and organisations, written one way and by sound (pinyin)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, cast

import pyarrow as pa
from pypinyin import lazy_pinyin
from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql.pandas.functions import arrow_udf

FULL_WIDTH: Final = "".join(chr(c) for c in range(0xFF01, 0xFF5F))
HALF_WIDTH: Final = "".join(chr(c) for c in range(0x21, 0x7F))
TITLES: Final = r"\s*(先生|女士|小姐|太太)$"
COMPOUND_SURNAMES: Final = (
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛", "尉迟", "公羊", "赫连",
    "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容", "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于",
    "司空", "闾丘", "令狐", "百里", "东郭", "南门", "呼延", "歐陽", "司馬", "諸葛", "東方",
)  # fmt: skip
# Readings that a character has only as a surname; general dictionaries give the everyday one.
SURNAME_READINGS: Final = {
    "单": "shan", "單": "shan", "仇": "qiu", "解": "xie", "任": "ren", "曾": "zeng", "查": "zha", "盖": "ge", "区": "ou",
    "朴": "piao", "繁": "po", "缪": "miao", "翟": "zhai", "覃": "qin", "员": "yun", "秘": "bi", "折": "she", "种": "chong",
    "召": "shao", "那": "na", "万俟": "moqi", "尉迟": "yuchi", "乐": "yue", "冼": "xian", "华": "hua", "纪": "ji",
}  # fmt: skip
PLACE: Final = (
    r"^(中国|北京|上海|天津|重庆|[\p{IsHan}]{2,3}(省|市|自治区)|广东|江苏|浙江|山东|河南|四川|湖北|湖南|福建|安徽|河北|"
    r"辽宁|陕西|江西|广西|云南|贵州|山西|吉林|黑龙江|甘肃|海南|内蒙古|宁夏|青海|新疆|西藏|深圳|广州|杭州|南京|成都|武汉|"
    r"西安|苏州|青岛|大连|厦门|宁波)(市|省)?(?!有限|股份|集团|公司)(?=..)"
)
# At least two letters of the name itself must be left.
LEGAL_FORM: Final = (
    r"(?<=..)((集团)?(股份)?(有限)?(责任)?公司|集团|个体工商户|合伙企业|"
    r"[,.\s]+(co[.,\s]*)?(ltd|limited|inc|llc|corp|gmbh|ag|s\.?r\.?o|a\.?s|spol\.? s r\.?o)[.\s]*)$"
)


def plain(name: Column) -> Column:
    """Lower case, full-width letters made plain, outer blanks gone."""
    return F.lower(F.trim(F.translate(name, FULL_WIDTH, HALF_WIDTH)))


def written(name: Column) -> Column:
    """A person's name as one string of letters: no blanks, dots, or titles. Null where nothing is left."""
    bare = F.regexp_replace(_untitled(name), r"[^\p{L}]", "")
    return F.when(bare != "", bare)


def reading(name: Column) -> Column:
    """Family name, a blank, and the rest, in Latin letters: 张小明 → `zhang xiaoming`.

    A name already in Latin letters keeps its order and its first blank. Runs in Arrow batches.
    """
    return _readings(_untitled(name))


def sound(read: Column) -> Column:
    """One key for both orders of a name's parts: `wei zhang` and `zhang wei` give the same."""
    words = F.split(read, " ")
    first, rest = F.get(words, F.lit(0)), F.concat_ws("", F.slice(words, 2, 9))
    last = F.get(words, F.size(words) - 1)
    turned = F.concat(last, F.array_join(F.slice(words, 1, F.greatest(F.size(words) - 1, F.lit(0))), ""))
    return F.least(F.concat(first, rest), F.concat(rest, first), turned)


def organisation(name: Column) -> Column:
    """An organisation's own name: without brackets, place in front, and legal form. Null where nothing is left."""
    bare = F.regexp_replace(plain(name), r"[(（【\[][^)）】\]]*[)）】\]]", "")
    for pattern in (PLACE, LEGAL_FORM, LEGAL_FORM):
        bare = F.regexp_replace(bare, pattern, "")
    letters = F.regexp_replace(bare, r"[^\p{L}\p{N}]", "")
    return F.when(letters != "", letters)


def _untitled(name: Column) -> Column:
    return F.regexp_replace(plain(name), TITLES, "")


def _readings(names: Column) -> Column:
    def spell(batch: pa.Array) -> pa.Array:
        known: dict[str | None, str | None] = {None: None}
        for name in batch.to_pylist():
            if name not in known:
                known[name] = spelled(name)
        return pa.array([known[name] for name in batch.to_pylist()], pa.string())

    as_udf: Any = arrow_udf  # its overloads leave the usual call out
    return cast(Column, as_udf(spell, "string")(names))


def spelled(name: str) -> str | None:
    """One plain name's reading; see `reading`."""
    han = "".join(c for c in name if "\u3400" <= c <= "\u9fff")
    if not han:
        words = ["".join(c for c in word if c.isalpha()) for word in name.replace("-", " ").split()]
        return " ".join(word for word in words if word) or None
    cut = 2 if han[:2] in COMPOUND_SURNAMES and len(han) > 2 else 1
    family = SURNAME_READINGS.get(han[:cut]) or _pinyin(han[:cut])
    return f"{family} {_pinyin(han[cut:])}".strip()


@lru_cache(maxsize=65_536)
def _pinyin(han: str) -> str:
    # Spelling takes a dozen microseconds, and a bank's customers share their families' and given names.
    return "".join(lazy_pinyin(han))
