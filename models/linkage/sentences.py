"""A pair and a cluster in a sentence, in English and in Chinese. Names fields and records, no values."""

from __future__ import annotations

import re
from typing import Final, Literal

from models.linkage.cohesion import Cohesion, Link
from models.linkage.explaining import MISSING, NEGLIGIBLE, OVERALL, Field, PairExplained

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
SHOWN: Final = 3
RARE: Final = 1.0
"""Bits above (below) the level's usual from which a shared value is called rare (common)."""
EXACT: Final = 1e-6
ZH: Final = {
    "same": "一致", "differs": "不同", "a character or two slipped": "有一两个字符之差", "same before the @": "@ 之前一致",
    "stands in the other name's place": "与另一姓名字段互换", "initial or short form": "首字母或简称", "forms of one name": "同一名字的不同叫法",
    "one name of a double one": "复姓之一", "one digit slipped": "有一位数字之差",
    "two parts agree, or day and month swapped": "两部分一致或日月颠倒", "same year": "同一年",
    "a checked number shared": "有相同且校验通过的号码", "a number shared": "有相同的号码", "a digit or two slipped": "有一两位数字之差",
    "numbers differ": "号码不同", "written alike": "写法一致", "same name": "名称一致", "sounds alike": "读音相同",
    "sounds nearly alike": "读音相近", "similar": "相似", "same family name": "姓氏相同", "names differ": "姓名不同",
    "nearly the same words": "用词几乎一致", "most rare words of one in the other": "一方的多数少见词见于另一方",
    "some rare words in both": "双方有部分少见词相同", "agree as far as known": "已知部分一致", "a year or two apart": "相差一两年",
    "one apart": "相差一", "within 2 %": "相差不超过2%", "within 10 %": "相差不超过10%",
    "same day": "同一天", "day and month swapped, or one part wrong": "日月颠倒或一部分有误", "dates differ": "日期不同",
    "same sex": "性别一致", "sexes differ": "性别不同", "an address shared": "有相同的地址", "addresses differ": "地址不同",
    "same street": "同一街道", "same street and city": "同一城市同一街道", "similar street": "街道相似", "same city": "同一城市",
    "all weights": "各字段权重之和", "all names": "全部姓名", "whole address": "完整地址", "names swapped": "姓与名互换",
    "one source": "是否同一来源", "missing": "缺失",
}  # fmt: skip
OVERALL_EN: Final = {
    "all weights": "the fields' weights as a whole",
    "one source": "whether one source gave both",
}


def level(found: str, language: Language) -> str:
    """What was found, in words; a level of one's own configuration stands as it was named."""
    if language == "en":
        return found
    if alike := re.fullmatch(r"alike \((.+)\)", found):
        return f"相似（{alike[1]}）"
    return ZH.get(found, f"“{found}”")


def pair(told: PairExplained, language: Language) -> str:
    """The whole reasoning about a pair in a few sentences."""
    parts = _verdict, _weighing, _missing, _reranked
    return ("" if language == "zh" else " ").join(text for part in parts if (text := part(told, language)))


def percent(probability: float) -> str:
    """A probability that never claims certainty."""
    if probability > 1 - EXACT:
        return "> 0.999999"
    return "< 0.000001" if probability < EXACT else f"{probability:.6f}".rstrip("0").rstrip(".")


def _verdict(told: PairExplained, language: Language) -> str:
    likely, left, right = percent(told.probability), told.record_l, told.record_r
    if told.certain:
        return _by_rule(told, language)
    above = told.probability >= told.threshold
    if language == "zh":
        head = f"记录 {left} 与 {right} {'判定为同一客户' if told.same_customer else '判定为不同客户'}，概率 {likely}（阈值 {told.threshold:g}）。"
        why = (
            "这一对本身并不强，是其他记录把它们连在一起的。"
            if told.same_customer
            else "虽高于阈值，但两组记录的平均概率不足，因此没有合并。"
        )
    else:
        verdict = "are taken for one customer" if told.same_customer else "are taken for different customers"
        head = f"Records {left} and {right} {verdict}: probability {likely}, threshold {told.threshold:g}."
        why = (
            "Their own link is weak; other records bring them together."
            if told.same_customer
            else "They would pass, but their groups as wholes don't, so they weren't joined."
        )
    return head if above == told.same_customer else f"{head}{'' if language == 'zh' else ' '}{why}"


def _by_rule(told: PairExplained, language: Language) -> str:
    likely, left, right = percent(told.probability), told.record_l, told.record_r
    if language == "zh":
        return f"记录 {left} 与 {right} 由确定性规则 {told.certain} 直接合并；按权重概率为 {likely}。"
    return f"Records {left} and {right} are joined by the exact rule {told.certain}; by weight their probability is {likely}."


def by_steward(link: Link, language: Language) -> str:
    """A link that a person decided."""
    if language == "zh":
        return f"记录 {link.record_l} 与 {link.record_r} 由数据管理员判定为同一客户。"
    return f"Records {link.record_l} and {link.record_r} are joined by a steward's decision."


def _weighing(told: PairExplained, language: Language) -> str:
    ordered = sorted((f for f in told.fields if f.found != MISSING), key=lambda f: -f.weight)
    speak = [_said(f, language) for f in ordered if f.weight > NEGLIGIBLE][:SHOWN]
    against = [_said(f, language) for f in reversed(ordered) if f.weight < -NEGLIGIBLE][:SHOWN]
    fields = told.weight - told.prior
    if language == "zh":
        parts = [f"支持的有：{'、'.join(speak)}"] * bool(speak) + [f"反对的有：{'、'.join(against)}"] * bool(
            against
        )
        return f"{'；'.join(parts or ['没有字段能说明什么'])}。各字段合计 {fields:+.1f} 比特，起点为 {told.prior:+.1f} 比特。"
    parts = [f"for it speak {_listed(speak)}"] * bool(speak) + [f"against it {_listed(against)}"] * bool(
        against
    )
    body = "; ".join(parts or ["no field says anything"])
    return (
        f"{body[0].upper()}{body[1:]}. All fields weigh {fields:+.1f} bits, on a start of {told.prior:+.1f}."
    )


def _said(field: Field, language: Language) -> str:
    surplus = field.weight - field.usual if field.usual is not None and field.best else 0.0
    rare = "" if abs(surplus) < RARE else "rare" if surplus > 0 else "common"
    if language == "zh":
        note = {"": "", "rare": "且罕见", "common": "但常见"}[rare]
        return f"{field.field}（{level(field.found, 'zh')}{note}，{field.weight:+.1f}）"
    note = {"": "", "rare": " and rare", "common": " but common"}[rare]
    return f"{field.field} ({level(field.found, 'en')}{note}, {field.weight:+.1f})"


def _missing(told: PairExplained, language: Language) -> str:
    names = [f.field for f in told.fields if f.found == MISSING]
    if not names:
        return ""
    if language == "zh":
        return f"{'、'.join(names)} 至少一方缺失，不作判断。"
    return f"Missing on a side, and so silent: {_listed(names)}."


def _reranked(told: PairExplained, language: Language) -> str:
    alone = percent(told.weighed)
    if told.by_clusters:
        return (
            f"仅按权重概率为 {alone}；可供重排模型学习的记录对太少，结果由权重形成的聚类决定。"
            if language == "zh"
            else f"By the weights alone it would be {alone}; the re-ranker had too few pairs to learn from, so the clusters of the weights decided."
        )
    if told.reranking is None:
        return ""
    moved = {f.field: f.reranker or 0.0 for f in told.fields} | told.reranking.overall
    most = [name for name in sorted(moved, key=lambda n: -abs(moved[n])) if abs(moved[name]) > NEGLIGIBLE][
        :SHOWN
    ]
    told_of = [
        f"{overall(name, language)}{'（' if language == 'zh' else ' ('}{moved[name]:+.1f}{'）' if language == 'zh' else ')'}"
        for name in most
    ]
    if language == "zh":
        rest = f"其余 {told.reranking.rest:+.1f} 比特来自后续校准。" * (abs(told.reranking.rest) > NEGLIGIBLE)
        return f"仅按权重概率为 {alone}；从本文件聚类中学习的重排模型给出最终概率，主要依据：{'、'.join(told_of)}。{rest}"
    rest = f" The remaining {told.reranking.rest:+.1f} bits come from what follows the re-ranker." * (
        abs(told.reranking.rest) > NEGLIGIBLE
    )
    return (
        f"By the weights alone it would be {alone}; the re-ranker, which learnt from this file's clusters, "
        f"made it what it is, chiefly by {_listed(told_of)}.{rest}"
    )


def overall(name: str, language: Language) -> str:
    """What the re-ranker saw of several fields together, in words; a field stands as it is named."""
    if name not in OVERALL:
        return name
    return ZH[name] if language == "zh" else OVERALL_EN.get(name, name)


def cluster(told: Cohesion, language: Language) -> str:
    """What holds a cluster together."""
    if len(told.records) == 1:
        return (
            f"客户 {told.customer_id} 只有一条记录。"
            if language == "zh"
            else f"Customer {told.customer_id} is one record alone."
        )
    if language == "zh":
        head = f"客户 {told.customer_id} 由 {len(told.records)} 条记录、{len(told.links)} 条链接组成。"
        return head + _weakest(told, "zh") + _seam(told, "zh")
    head = f"Customer {told.customer_id} holds {len(told.records)} records by {len(told.links)} link{'s' * (len(told.links) != 1)}."
    return f"{head} {_weakest(told, 'en')}{_seam(told, 'en')}"


def _weakest(told: Cohesion, language: Language) -> str:
    link = told.weakest
    if language == "zh":
        if link is None:
            return "没有任何单独一条链接决定其成立。"
        return f"最弱的关键链接是 {link.record_l}–{link.record_r}（{percent(link.probability)}）：若它不成立，{'、'.join(link.splits_off)} 将被拆出。"
    if link is None:
        return "No single link carries it: if any one fell, it would hold."
    return (
        f"The weakest link that carries it is {link.record_l}–{link.record_r} ({percent(link.probability)}): "
        f"if it fell, {_listed(link.splits_off)} would be split off."
    )


def _seam(told: Cohesion, language: Language) -> str:
    if told.seam is None or len(told.records) == 2:
        return ""
    off, average, best = told.seam.right, percent(told.seam.average), percent(told.seam.strongest)
    if language == "zh":
        return f"最薄弱处在 {'、'.join(off)} 与其余记录之间：平均概率 {average}，最强 {best}。"
    return f" It is thinnest between {_listed(off)} and the rest: {average} on average, {best} at best."


def _listed(names: list[str] | tuple[str, ...]) -> str:
    """A, b and c."""
    if not names:
        return ""
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
