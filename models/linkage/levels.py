"""The levels of each column's comparison, as they follow from its meaning."""

from __future__ import annotations

from typing import Final

from splink import comparison_level_library as cll
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from conf.linkage import ColumnConf
from models.linkage.rarity import WORDED

CODES: Final = frozenset({"national id", "passport", "tax id", "registration id"})
NUMBERS: Final = frozenset({"house number", "unit", "postcode"})
SHORTENED: Final = frozenset({"given name", "middle name"})
"""What is written as an initial, or short."""
LEAST_SHARE: Final = 0.00001
"""A value rarer than this counts as this rare."""


def column_id(place: int) -> str:
    """The name that a column has inside the engine."""
    return f"c{place}"


def levels(c: str, conf: ColumnConf, other: str | None) -> list[ComparisonLevelCreator]:
    """The levels that follow from a meaning (or as configured), best first, the rest last."""
    if conf.levels:
        return _as_configured(c, conf)
    made = _by_meaning(c, conf.meaning, other)
    if conf.sound:
        made.insert(1, _custom(f"{c}_sound_l = {c}_sound_r", "sounds alike"))
    rare = conf.term_frequencies
    if rare or (rare is None and conf.meaning not in {"sex", "date of birth", *CODES, "phone", "e-mail"}):
        made[0].configure(tf_adjustment_column=c, tf_adjustment_weight=1.0, tf_minimum_u_value=LEAST_SHARE)
    return [*made, cll.ElseLevel().configure(label_for_charts="differs")]


def _as_configured(c: str, conf: ColumnConf) -> list[ComparisonLevelCreator]:
    made = [
        (cll.CustomLevel(level.sql) if level.sql else cll.ElseLevel()).configure(label_for_charts=level.label)
        for level in conf.levels
    ]
    if conf.term_frequencies:
        made[0].configure(tf_adjustment_column=c, tf_adjustment_weight=1.0, tf_minimum_u_value=LEAST_SHARE)
        made[0].configure(disable_tf_exact_match_detection=True)
    return made


def _by_meaning(c: str, meaning: str, other: str | None) -> list[ComparisonLevelCreator]:
    same = cll.ExactMatchLevel(c).configure(label_for_charts="same")
    if meaning in {"sex", "category", "country", "region", "encoded code", "encoded category"}:
        return [same]
    if meaning == "date of birth":
        return _dates(c)
    if meaning == "number":
        return _figures(c)
    if meaning in CODES | NUMBERS | {"phone"}:
        slip = cll.DamerauLevenshteinLevel(c, 1) if meaning in NUMBERS else cll.DamerauLevenshteinLevel(c, 2)
        return [same, slip.configure(label_for_charts="a character or two slipped")]
    if meaning == "e-mail":
        local = f"split_part({c}_l, '@', 1) = split_part({c}_r, '@', 1)"
        return [same, _custom(local, "same before the @"), _like(c, 0.9)]
    if meaning in WORDED:
        return [
            same,
            _custom(_words_shared(c, "greatest", 0.85), "nearly the same words"),
            _like(c, 0.92),
            _custom(_words_shared(c, "least", 0.8), "most rare words of one in the other"),
            _custom(_words_shared(c, "least", 0.45), "some rare words in both"),
            _like(c, 0.8),
        ]
    swapped = [_custom(f"{c}_l = {other}_r", "stands in the other name's place")] if other else []
    short = [_custom(_called(c), "forms of one name"), _custom(_begins(c), "initial or short form")]
    short = short if meaning in SHORTENED else []
    double = [_custom(_within(c), "one name of a double one")] if meaning == "family name" else []
    return [same, _like(c, 0.92), *swapped, *double, *short, _like(c, 0.8)]


def _within(c: str) -> str:
    """Whether the words of one of both stand in the other."""
    return " OR ".join(f"(' ' || {c}_{a} || ' ') LIKE ('% ' || {c}_{b} || ' %')" for a, b in ("lr", "rl"))


def _called(c: str) -> str:
    """Whether both may stand for one name (models.linkage.callnames)."""
    return f"array_length(array_intersect({c}_called_l, {c}_called_r)) > 0"


def _begins(c: str) -> str:
    """Whether one of both is the beginning of the other."""
    left, right = (f"substr({c}_{a}, 1, length({c}_{b})) = {c}_{b}" for a, b in ("lr", "rl"))
    return f"{left} OR {right}"


def _dates(c: str) -> list[ComparisonLevelCreator]:
    """Dates are yyyymmdd, or yyyymm, or yyyy where no more is known."""
    y, m, d = (f"substr({c}_{{0}}, {a}, {n})" for a, n in ((1, 4), (5, 2), (7, 2)))
    eq = [f"{part.format('l')} = {part.format('r')}" for part in (y, m, d)]
    whole = f"length({c}_l) = 8 AND length({c}_r) = 8"
    swap = f"{m.format('l')} = {d.format('r')} AND {d.format('l')} = {m.format('r')} AND {eq[0]}"
    two = " OR ".join(f"({a} AND {b})" for a, b in ((eq[0], eq[1]), (eq[0], eq[2]), (eq[1], eq[2])))
    known = f"least(length({c}_l), length({c}_r))"
    apart = f"abs(CAST({y.format('l')} AS INTEGER) - CAST({y.format('r')} AS INTEGER))"
    return [
        _custom(f"{whole} AND {c}_l = {c}_r", "same"),
        _custom(f"{whole} AND damerau_levenshtein({c}_l, {c}_r) <= 1", "one digit slipped"),
        _custom(f"substr({c}_l, 1, {known}) = substr({c}_r, 1, {known})", "agree as far as known"),
        _custom(f"{whole} AND (({swap}) OR {two})", "two parts agree, or day and month swapped"),
        _custom(eq[0], "same year"),
        _custom(f"{apart} <= 2", "a year or two apart"),
    ]


def _figures(c: str) -> list[ComparisonLevelCreator]:
    left, right = (f"TRY_CAST({c}_{side} AS DOUBLE)" for side in "lr")
    apart, larger = f"abs({left} - {right})", f"greatest(abs({left}), abs({right}))"
    return [
        cll.ExactMatchLevel(c).configure(label_for_charts="same"),
        _custom(f"{apart} <= 1", "one apart"),
        _custom(f"{apart} <= 0.02 * {larger}", "within 2 %"),
        _custom(f"{apart} <= 3", "two or three apart"),
        _custom(f"{apart} <= 0.1 * {larger}", "within 10 %"),
    ]


def _words_shared(c: str, of: str, least: float) -> str:
    """Whether the words of both (`rare_words`) make up a share of those of the record with the most or `least`."""
    left, right = f"{c}_words_l", f"{c}_words_r"
    shared = f"array_length(array_intersect({left}, {right}))"
    return f"{shared} >= {least} * {of}(array_length({left}), array_length({right}))"


def _like(c: str, least: float) -> ComparisonLevelCreator:
    return cll.JaroWinklerLevel(c, least).configure(label_for_charts=f"alike (Jaro-Winkler ≥ {least})")


def _custom(sql: str, label: str) -> ComparisonLevelCreator:
    return cll.CustomLevel(sql, base_dialect_str="duckdb").configure(label_for_charts=label)
