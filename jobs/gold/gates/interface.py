"""The one interface of all gates. Closed by default: no answer is a no, and so is an unknown one.

Candidates have the columns segment, customer_id, purpose, channel, product_id, product_family (the last two
null where no product is offered). A gate returns its answers: segment, customer_id, allowed (boolean),
reason, evidence (the version of what it was decided on; never a personal value). It answers only those it
has evidence for. Contradicting answers are a no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.gates import GatesConf

Evidence = Mapping[str, DataFrame]
Decide = Callable[[DataFrame, Evidence, date, GatesConf], DataFrame]
CANDIDATE: Final = ("segment", "customer_id")
ANSWER: Final = (*CANDIDATE, "allowed", "reason", "evidence")
DENIAL: Final = "struct<gate:string,reason:string>"
VERSION: Final = "struct<gate:string,evidence:string>"


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate: its name, what it reads, how it decides, and the reason given where it has no answer."""

    name: str
    decide: Decide
    unanswered: str


def evaluate(
    gates: Sequence[Gate], candidates: DataFrame, evidence: Evidence, *, as_of: date, conf: GatesConf
) -> DataFrame:
    """One row per candidate: `allowed`, `denials` (gate and reason, sorted), `versions` (gate and evidence)."""
    answers = None
    for gate in gates:
        told = _answers(gate, candidates, evidence, as_of, conf)
        answers = told if answers is None else answers.unionByName(told)
    if answers is None:
        raise ValueError("without gates nobody may be addressed")
    grouped = answers.groupBy(*CANDIDATE).agg(F.sort_array(F.collect_set("answer")).alias("answers"))
    rows = candidates.join(grouped, on=list(CANDIDATE), how="left")
    denials = F.flatten(F.array(*[_denials(gate) for gate in gates])).cast(f"array<{DENIAL}>")
    versions = F.transform(
        F.coalesce("answers", F.array().cast(_answers_type())), lambda a: F.struct(a["gate"], a["evidence"])
    )
    judged = rows.withColumns({"denials": denials, "versions": versions.cast(f"array<{VERSION}>")})
    return judged.withColumn("allowed", F.size("denials") == 0).drop("answers")


def _answers(
    gate: Gate, candidates: DataFrame, evidence: Evidence, as_of: date, conf: GatesConf
) -> DataFrame:
    """A gate's answers, each with its gate's name."""
    told = gate.decide(candidates, evidence, as_of, conf)
    answer = F.struct(
        F.lit(gate.name).alias("gate"),
        F.coalesce(F.col("allowed"), F.lit(False)).alias("allowed"),
        F.coalesce(F.col("reason"), F.lit(gate.unanswered)).alias("reason"),
        F.coalesce(F.col("evidence").cast("string"), F.lit("")).alias("evidence"),
    )
    return told.select(*CANDIDATE, answer.alias("answer"))


def _denials(gate: Gate) -> Column:
    """The reasons for which a gate says no: those it gives, or that it gives no answer."""
    mine = F.filter(F.col("answers"), lambda a: a["gate"] == gate.name)
    noes = F.filter(mine, lambda a: ~a["allowed"])
    named = F.transform(noes, lambda a: F.struct(a["gate"], a["reason"]))
    silent = F.array(F.struct(F.lit(gate.name).alias("gate"), F.lit(gate.unanswered).alias("reason")))
    answered = F.coalesce(F.size(mine), F.lit(0)) > 0
    return F.when(answered, named).otherwise(silent).cast(f"array<{DENIAL}>")


def _answers_type() -> str:
    return "array<struct<gate:string,allowed:boolean,reason:string,evidence:string>>"


def answer(allowed: Column, reason: Column, evidence: Column) -> list[Column | str]:
    """The columns of an answer, to be selected from candidates joined to their evidence."""
    return [
        *CANDIDATE,
        allowed.alias("allowed"),
        reason.alias("reason"),
        evidence.cast("string").alias("evidence"),
    ]


def first_reason(*cases: tuple[Column, str], otherwise: str) -> Column:
    """The reason of the first case that is true."""
    reason = F.lit(otherwise)
    for condition, text in reversed(cases):
        reason = F.when(condition, text).otherwise(reason)
    return reason
