"""From a predicate to a file: members, stays, allowed rows, and bytes."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.bank import Bank, open_bank
from conf.segments import SegmentsConf
from jobs.columns.spans import spells
from jobs.core import storage
from jobs.gold import audience, segment_member
from jobs.publish.files import UngatedListError, publish
from tests.spec.gold.frames import rows

AS_OF = date(2025, 6, 30)
SCORES = {
    "clv": "models.clv_score", "churn": "models.churn_score", "cross_sell": "models.cross_sell_score",
    "uplift": "models.uplift",
}  # fmt: skip
SEGMENTS = """
segments:
  savers: {description: d, where: deposits > 0, audience: {purpose: marketing, channel: sms, goal: sms}}
  leaving: {description: d, where: churn_probability > 0.5}
  moved: {description: d, where: "uplift_percentiles['sms'] >= 0.7 and uplift_effects['sms'] > 0"}
  nobody: {description: d, where: deposits < 0, audience: {purpose: marketing, channel: call}}
  over: {description: d, where: "true", valid_to: 2025-06-29, audience: {purpose: marketing, channel: sms}}
"""


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """A bank of its own, with no tree but a temporary one."""
    folder = tmp_path / "conf" / "banks" / "small" / "segments"
    folder.mkdir(parents=True)
    (folder / "segments.yml").write_text(SEGMENTS)
    return Bank("small", (tmp_path / "conf",))


def scores(spark: SparkSession, **given: list[dict[str, Any]]) -> dict[str, DataFrame]:
    return {n: rows(spark, t, *given.get(n, [])) for n, t in SCORES.items()}


def profile(spark: SparkSession) -> DataFrame:
    told = [
        {"customer_id": c, "deposits": d, "branch_id": b}
        for c, d, b in (("B", 5, "=1+1"), ("A", 7, "b,1"), ("C", None, None))
    ]
    return rows(spark, "gold.customer_profile", *told)  # fmt: skip


def test_members_are_those_of_whom_the_predicate_is_true(spark: SparkSession, bank: Bank) -> None:
    churn = [
        {"customer_id": "C", "as_of": AS_OF, "probability": 0.9},
        {"customer_id": "A", "as_of": date(2025, 5, 31), "probability": 0.9},  # of an earlier scoring
        {"customer_id": "B", "as_of": date(2025, 7, 1), "probability": 0.9},  # of a later one
    ]
    built = segment_member.build(profile=profile(spark), bank=bank, as_of=AS_OF, **scores(spark, churn=churn))
    found = sorted((r["segment"], r["customer_id"]) for r in built.collect())
    assert found == [("leaving", "C"), ("savers", "A"), ("savers", "B")]


def test_whom_contact_moves_are_members_and_whom_it_puts_off_are_not(spark: SparkSession, bank: Bank) -> None:
    told = [
        {"customer_id": c, "as_of": day, "goal": goal, "effect": effect, "percentile": place}
        for c, day, goal, effect, place in (
            ("A", AS_OF, "sms", 0.08, 0.9),
            ("A", AS_OF, "call", -0.01, 0.2),
            ("B", AS_OF, "sms", -0.02, 0.8),  # put off, like nearly everybody
            ("B", AS_OF, "call", 0.3, 1.0),  # moved by call, not by message
            ("C", date(2025, 5, 31), "sms", 0.2, 1.0),  # of an earlier scoring
        )
    ]
    built = segment_member.build(profile=profile(spark), bank=bank, as_of=AS_OF, **scores(spark, uplift=told))
    assert [r["customer_id"] for r in built.where("segment = 'moved'").collect()] == ["A"]


def test_a_log_of_entries_and_exits_reads_as_stays(spark: SparkSession) -> None:
    days = [("2025-01-01", False), ("2025-02-01", True), ("2025-03-01", False), ("2025-04-01", False)]
    log = spark.createDataFrame(
        [("s", "A", date.fromisoformat(d), gone) for d, gone in days],
        "segment string, customer_id string, valid_from date, is_deleted boolean",
    )
    stays = sorted((r["entered_on"], r["left_on"]) for r in spells(log, "segment", "customer_id").collect())
    assert [(str(a), str(b)) for a, b in stays] == [("2025-01-01", "2025-02-01"), ("2025-03-01", "None")]


def eligibility(spark: SparkSession, **allowed: bool) -> DataFrame:
    denial = {"gate": "consent", "reason": "refused"}
    told = [
        {"segment": "savers", "customer_id": c, "as_of": AS_OF, "allowed": yes, "channel": "sms",
         "denials": [] if yes else [denial], "versions": []}
        for c, yes in allowed.items()
    ]  # fmt: skip
    return rows(spark, "gold.eligibility", *told)


def listed(spark: SparkSession, judged: DataFrame, bank: Bank) -> DataFrame:
    value = {
        "customer_id": "B",
        "as_of": AS_OF,
        "expected_value": Decimal("-12.50"),
        "reasons": [{"feature": "age", "value": "44", "contribution": 0.1}],
    }
    moved = [
        {"customer_id": "B", "as_of": AS_OF, "goal": "sms", "effect": -0.03, "percentile": 0.1},
        {"customer_id": "B", "as_of": AS_OF, "goal": "call", "effect": 0.2, "percentile": 0.9},
    ]
    return audience.build(
        eligibility=judged, profile=profile(spark), bank=bank, as_of=AS_OF, **scores(spark, clv=[value], uplift=moved)
    )  # fmt: skip


def test_the_list_holds_the_allowed_sorted_defused_and_told_of_in_the_manifest(
    spark: SparkSession, bank: Bank, tmp_path: Path
) -> None:
    judged = eligibility(spark, B=True, A=True, C=False).localCheckpoint()
    members = listed(spark, judged, bank).localCheckpoint()
    folder = storage.as_uri(tmp_path / "a lake" / "audiences")
    (tmp_path / "a lake" / "audiences" / "withdrawn" / "2025-06-30").mkdir(parents=True)
    done = publish(members, judged, bank=bank, as_of=AS_OF, folder=folder)
    assert [(p.segment, p.members) for p in done] == [("nobody", 0), ("savers", 2)]
    home = tmp_path / "a lake" / "audiences" / "savers" / "2025-06-30"
    assert sorted(p.name for p in home.iterdir()) == ["manifest.json", "members.csv"]
    text = (home / "members.csv").read_bytes()
    lines = text.decode().split("\n")
    assert lines[0].startswith("customer_id,channel,product_id,")
    assert [line.split(",")[0].strip('"') for line in lines[1:]] == ["A", "B", ""]
    assert '"b,1"' in lines[1]
    assert "-12.50" in lines[2]
    assert "age = 44" in lines[2]
    effects = {r["customer_id"]: r["uplift_effect"] for r in members.collect()}
    assert effects == {"A": None, "B": -0.03}  # of the audience's goal, not of the one that moves most
    assert "-0.030000" in lines[2]
    assert "'=1+1" in lines[2]
    assert b"\r" not in text
    manifest = json.loads((home / "manifest.json").read_text())
    assert manifest["excluded_by"] == {"consent: refused": 1}
    assert (manifest["candidates"], manifest["members"], manifest["excluded"]) == (3, 2, 1)
    assert manifest["files"]["members.csv"]["sha256"] == hashlib.sha256(text).hexdigest()
    assert not (tmp_path / "a lake" / "audiences" / "withdrawn" / "2025-06-30").exists()

    before = {p: p.read_bytes() for p in (tmp_path / "a lake").rglob("*") if p.is_file()}
    publish(members.repartition(2), judged, bank=bank, as_of=AS_OF, folder=folder)
    assert before == {p: p.read_bytes() for p in (tmp_path / "a lake").rglob("*") if p.is_file()}


def test_a_row_that_no_gate_let_through_stops_every_list(
    spark: SparkSession, bank: Bank, tmp_path: Path
) -> None:
    members = listed(spark, eligibility(spark, A=True, B=True), bank)
    folder = tmp_path / "audiences"
    with pytest.raises(UngatedListError, match="1 rows"):
        publish(
            members,
            eligibility(spark, A=True, B=False),
            bank=bank,
            as_of=AS_OF,
            folder=storage.as_uri(folder),
        )
    assert not folder.exists()
    assert UngatedListError.exit_code == 3


def test_shipped_segments_read_only_what_there_is() -> None:
    for name in ("demo", "berka"):
        open_bank(name).section("segments", SegmentsConf).check(segment_member.readable())
