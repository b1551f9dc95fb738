"""Complaints with and without a cause go in; what they are about, how that moves and in which words comes out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession

from conf.bank import TREE, Bank, open_bank
from jobs.core import storage
from jobs.core.catalog import Lake
from jobs.core.context import Run
from jobs.core.job import Job
from jobs.core.ledger import Entry, open_ledger
from jobs.core.step import Step
from jobs.gold import complaint_model, complaint_phrase, complaint_tone, complaint_topic, complaint_trend
from jobs.gold.complaints import told
from jobs.registry import registry
from tests.spec.gold.frames import rows

MONTH, TODAY = date(2025, 6, 1), date(2025, 6, 20)
SAID = {"fee": "账户被扣了年费，要求退还", "app": "手机银行登录总是闪退", "queue": "网点排队等了一个多小时"}
PRODUCT = {"fee": "p|CARD", "app": "p|APP", "queue": "p|DEP"}
AROUND = ("请尽快处理", "希望给个说法", "太失望了", "客户来电", "再次投诉")
Given = list[dict[str, Any]]


def complaint(
    number: int, cause: str | None, product: str | None, on: date, known: date | None = None
) -> dict[str, Any]:
    return {
        "complaint_id": f"c{number:04d}", "party_id": f"p{number:04d}", "received_on": on, "cause": cause,
        "product_id": product, "valid_from": on, "known_from": known or on,
    }  # fmt: skip


def text(number: int, words: str, on: date, known: date | None = None) -> dict[str, Any]:
    told = {"complaint_id": f"c{number:04d}", "party_id": f"p{number:04d}", "text": words}
    return {**told, "valid_from": on, "known_from": known or on}


def book(many: int = 180, labelled: float = 0.5, seed: int = 1) -> tuple[Given, Given, dict[str, str]]:
    """Complaints of half a year, some labelled, their texts, and the truth by complaint; apps come up in June."""
    rng = np.random.default_rng(seed)
    complaints, texts, truth = [], [], {}
    for i in range(many):
        on = date(2025, 1, 1) + timedelta(days=int(i * 170 / many))
        cause = "app" if on >= MONTH and rng.random() < 0.8 else str(rng.choice(list(SAID)))
        known = bool(rng.random() < labelled)
        complaints.append(
            complaint(i, cause if known else None, PRODUCT[cause] if rng.random() < 0.8 else None, on)
        )
        before, after = rng.choice(AROUND, 2)
        texts.append(text(i, f"{before}：{SAID[cause]}，单号{i}13。{after}", on))
        truth[f"c{i:04d}"] = cause
    return complaints, texts, truth


@dataclass(frozen=True)
class Read:
    """A book's tables as frames."""

    complaint: DataFrame
    text: DataFrame
    truth: dict[str, str]
    model: DataFrame
    topic: DataFrame


@pytest.fixture(scope="module")
def bank() -> Bank:
    return open_bank("demo")


@pytest.fixture(scope="module")
def read(spark: SparkSession, bank: Bank) -> Iterator[Read]:
    complaints, texts, truth = book()
    frames = rows(spark, "silver.complaint", *complaints), rows(spark, "silver.complaint_text", *texts)
    model = complaint_model.build(
        *frames, rows(spark, "gold.complaint_model"), bank=bank, as_of=TODAY
    ).persist()
    topic = complaint_topic.build(*frames, model).persist()
    yield Read(*frames, truth, model, topic)
    for frame in (model, topic):
        frame.unpersist()


def test_what_was_recorded_stays_and_the_rest_is_foretold_with_its_probability(read: Read) -> None:
    assert read.topic.columns == complaint_topic.SCHEMA.names
    found = {r["complaint_id"]: r for r in read.topic.collect()}
    assert set(found) == set(read.truth)
    given = {r["complaint_id"]: r["cause"] for r in read.complaint.collect()}
    for key, row in found.items():
        assert row["cause_given"] == (given[key] is not None)
        assert (row["cause_probability"] is None) == row["cause_given"]
        assert row["cause"] == (given[key] or row["cause"])
        assert (row["model_month"] == MONTH) == (not row["cause_given"] or not row["product_given"])
    asked = [r for r in found.values() if not r["cause_given"]]
    assert len(asked) > 50
    assert np.mean([r["cause"] == read.truth[r["complaint_id"]] for r in asked]) > 0.95
    products = [r for r in found.values() if not r["product_given"]]
    assert np.mean([r["product_id"] == PRODUCT[read.truth[r["complaint_id"]]] for r in products]) > 0.95


def test_the_model_is_judged_keeps_no_text_and_is_the_same_again(
    spark: SparkSession, bank: Bank, read: Read
) -> None:
    told = {r["target"]: r for r in read.model.collect()}
    assert set(told) == {"cause", "product"}
    cause = told["cause"]
    assert (cause["refused"], cause["month"], set(cause["classes"])) == (None, MONTH, set(SAID))
    assert cause["macro_f1_low"] > cause["baseline_macro_f1"]
    assert SAID["fee"] not in cause["model"]
    fresh = rows(spark, "gold.complaint_model")
    turned = (
        read.complaint.orderBy("party_id", ascending=False),
        read.text.orderBy("party_id", ascending=False),
    )
    again = complaint_model.build(*turned, fresh, bank=bank, as_of=TODAY).collect()
    assert sorted(map(tuple, again)) == sorted(map(tuple, read.model.collect()))


def test_what_is_known_since_the_month_began_teaches_nothing(
    spark: SparkSession, bank: Bank, read: Read
) -> None:
    wrong = [complaint(900 + i, "fee", "p|CARD", date(2025, 5, 5), MONTH) for i in range(60)]
    words = [text(900 + i, SAID["app"], date(2025, 5, 5), MONTH) for i in range(60)]
    later = (
        read.complaint.unionByName(rows(spark, "silver.complaint", *wrong)),
        read.text.unionByName(rows(spark, "silver.complaint_text", *words)),
    )
    found = complaint_model.build(*later, rows(spark, "gold.complaint_model"), bank=bank, as_of=TODAY)
    assert sorted(map(tuple, found.collect())) == sorted(map(tuple, read.model.collect()))


def test_the_months_model_stands_until_the_next_month(spark: SparkSession, bank: Bank, read: Read) -> None:
    none = rows(spark, "silver.complaint"), rows(spark, "silver.complaint_text")
    same = complaint_model.build(*none, read.model, bank=bank, as_of=date(2025, 6, 30))
    assert sorted(map(tuple, same.collect())) == sorted(map(tuple, read.model.collect()))
    july = complaint_model.build(*none, read.model, bank=bank, as_of=date(2025, 7, 1)).collect()
    assert {(r["month"], r["model"]) for r in july} == {(date(2025, 7, 1), None)}


@pytest.mark.parametrize(
    ("labelled", "guessing", "why"),
    [(0.1, False, "too few cases: "), (1.0, True, "does not beat the commonest class beyond noise")],
)
def test_too_few_labels_or_labels_that_the_words_do_not_tell_are_refused_and_nothing_is_foretold(
    spark: SparkSession, bank: Bank, labelled: float, guessing: bool, why: str
) -> None:
    complaints, texts, _ = book(labelled=labelled)
    if guessing:
        mixed = np.random.default_rng(5).permutation([c["cause"] for c in complaints])
        complaints = [{**c, "cause": str(m)} for c, m in zip(complaints, mixed, strict=True)]
    complaints.append(complaint(990, None, None, MONTH))
    texts.append(text(990, SAID["fee"], MONTH))
    given = [{**c, "product_id": None} for c in complaints]
    frames = rows(spark, "silver.complaint", *given), rows(spark, "silver.complaint_text", *texts)
    model = complaint_model.build(*frames, rows(spark, "gold.complaint_model"), bank=bank, as_of=TODAY)
    reasons = {r["target"]: (r["refused"], r["model"]) for r in model.collect()}
    assert reasons["cause"][0].startswith(why)
    assert reasons["product"][0].startswith("too few cases: 0 labelled of 50 needed")
    assert {m for _, m in reasons.values()} == {None}
    [row] = complaint_topic.build(*frames, model).where("complaint_id = 'c0990'").collect()
    assert (row["cause"], row["cause_given"], row["cause_probability"], row["model_month"]) == (
        None,
        False,
        None,
        None,
    )


def test_the_last_version_of_a_complaint_counts_and_one_without_words_is_left_as_it_is(
    spark: SparkSession, read: Read
) -> None:
    complaints = rows(
        spark, "silver.complaint",
        complaint(1, None, "p|DEP", date(2025, 6, 1)), {**complaint(1, "fee", "p|CARD", date(2025, 6, 1)), "valid_from": date(2025, 6, 9)},
        complaint(2, None, None, date(2025, 6, 2)),
        complaint(3, None, None, date(2025, 6, 3)),
    )  # fmt: skip
    texts = rows(
        spark,
        "silver.complaint_text",
        text(1, SAID["app"], date(2025, 6, 1)),
        text(3, "  ", date(2025, 6, 3)),
    )
    told = {r["complaint_id"]: r for r in complaint_topic.build(complaints, texts, read.model).collect()}
    assert (told["c0001"]["cause"], told["c0001"]["product_id"], told["c0001"]["cause_given"]) == (
        "fee",
        "p|CARD",
        True,
    )
    for key in ("c0002", "c0003"):
        assert (told[key]["cause"], told[key]["product_id"], told[key]["model_month"]) == (None, None, None)


def test_a_cause_that_comes_up_is_a_rise_and_what_comes_later_moves_no_month(bank: Bank, read: Read) -> None:
    built = complaint_trend.build(read.topic, bank=bank, as_of=TODAY)
    assert built.columns == complaint_trend.SCHEMA.names
    told = {(r["target"], r["month"], r["class_name"]): r for r in built.collect()}
    june = told["cause", MONTH, "app"]
    assert (june["change"], june["q"] < 0.05, june["ratio"] > 1.5) == ("rise", True, True)
    assert 0 < june["foretold"] < june["complaints"]
    for month in {m for _, m, _ in told}:
        shares = [r["share"] for (t, m, _), r in told.items() if (t, m) == ("cause", month)]
        assert sum(shares) == pytest.approx(1)
    may = complaint_trend.build(read.topic, bank=bank, as_of=date(2025, 5, 31)).collect()
    assert max(r["month"] for r in may) == date(2025, 5, 1)
    counts = {(r["target"], r["month"], r["class_name"]): (r["complaints"], r["share"]) for r in may}
    assert all((told[k]["complaints"], told[k]["share"]) == v for k, v in counts.items())


def test_phrases_drive_a_class_have_no_digit_and_are_said_by_five_customers(
    spark: SparkSession, bank: Bank, read: Read
) -> None:
    # One customer, ten times: his words are no phrase.
    mine = [{**complaint(800 + i, "fee", "p|CARD", MONTH), "party_id": "p!"} for i in range(10)]
    name = [text(800 + i, f"欧阳独{'甲乙丙丁戊己庚辛壬癸'[i]}被扣了年费", MONTH) for i in range(10)]
    more = rows(spark, "silver.complaint", *mine), rows(spark, "silver.complaint_text", *name)
    topic = read.topic.unionByName(complaint_topic.build(*more, read.model))
    texts = read.text.unionByName(more[1])
    built = complaint_phrase.build(topic, texts, bank=bank, as_of=TODAY)
    assert built.columns == complaint_phrase.SCHEMA.names
    told = built.collect()
    fee = {r["phrase"] for r in told if (r["target"], r["class_name"]) == ("cause", "fee")}
    assert any("年费" in phrase for phrase in fee)
    assert not any("欧阳" in r["phrase"] for r in told)
    assert all(r["complaints"] >= 5 and not any(map(str.isdigit, r["phrase"])) for r in told)
    assert {r["class_name"] for r in told if r["target"] == "product"} <= set(PRODUCT.values())


class Days:
    """A lake whose complaints arrive day by day, and the jobs that read them."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self.lake = spark, Lake(storage.as_uri(folder))
        self.ledger = open_ledger(self.lake.uri)

    def deliver(self, complaints: Given, texts: Given, on: date) -> None:
        for table, given in (("silver.complaint", complaints), ("silver.complaint_text", texts)):
            schema = registry().schemas[table]
            version = self.lake.append(rows(self.spark, table, *given), table, schema, {})
            self.ledger.enter(None, Entry(table, on, "written", version=version))

    def run(self, job: Job, as_of: date) -> Entry:
        run = Run(
            lake=self.lake, ledger=self.ledger, bank=Bank("demo", (TREE,)), as_of=as_of, code="c",
            run_id=self.ledger.begin("demo", as_of, "c", "f"), schemas=registry().schemas, champions=lambda *_: None,
        )  # fmt: skip
        return Step(run, job, self.spark.newSession()).take()[0]

    def day(self, as_of: date) -> dict[str, Entry]:
        jobs = (complaint_model.JOB, complaint_topic.JOB, complaint_trend.JOB, complaint_phrase.JOB)
        return {job.table: self.run(job, as_of) for job in jobs}

    def topics(self) -> list[Any]:
        return sorted(map(tuple, self.lake.read(self.spark, "gold.complaint_topic").collect()))


def test_a_days_complaints_are_read_alone_and_nobody_can_tell_afterwards(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days, (complaints, texts, _) = Days(spark, tmp_path / "lake"), book()
    days.deliver(complaints, texts, TODAY)
    first = days.day(TODAY)
    assert first["gold.complaint_topic"].rows_out == len(complaints)
    seen: list[int] = []

    def counting(complaint: DataFrame, text: DataFrame) -> DataFrame:
        seen.append(complaint.count())
        return told(complaint, text)

    monkeypatch.setattr("jobs.gold.complaint_topic.told", counting)
    on = TODAY + timedelta(days=1)
    days.deliver([complaint(700, None, None, on)], [text(700, SAID["queue"], on)], on)
    second = days.day(on)
    assert seen == [1]
    assert second["gold.complaint_model"].version == first["gold.complaint_model"].version
    whole = complaint_topic.build(
        *(
            days.lake.read(spark, t)
            for t in ("silver.complaint", "silver.complaint_text", "gold.complaint_model")
        )
    )
    assert days.topics() == sorted(map(tuple, whole.collect()))
    assert len(days.topics()) == len(complaints) + 1
    assert (
        days.run(complaint_topic.JOB, on + timedelta(days=1)).version
        == second["gold.complaint_topic"].version
    )
    assert len(seen) == 2  # the whole build above, and no further one


def test_each_version_of_the_words_has_its_tone_and_the_terms_that_tell_it(
    spark: SparkSession, bank: Bank
) -> None:
    first, second = date(2025, 6, 1), date(2025, 6, 9)
    texts = rows(
        spark, "silver.complaint_text",
        text(1, "请尽快处理", first), text(1, "再次来电，太失望了", second),
        text(2, "感谢客服，处理很及时", second, known=TODAY), text(3, "12345", first),
    )  # fmt: skip
    built = complaint_tone.build(texts, bank=bank)
    assert built.columns == complaint_tone.SCHEMA.names
    told = {(r["complaint_id"], r["valid_from"]): r for r in built.collect()}
    assert told["c0001", first]["tone"] == 0
    assert told["c0001", second]["tone"] < -0.5
    assert [(t["term"], t["value"]) for t in told["c0001", second]["terms"]] == [("失望", -2.99)]
    assert told["c0001", second]["said_on"] == first
    assert told["c0002", second]["tone"] > 0.5
    assert (told["c0003", first]["tone"], told["c0003", first]["terms"]) == (None, [])
    assert "处理" not in str(sorted(map(tuple, told.values())))


def test_a_days_words_are_heard_alone(spark: SparkSession, tmp_path: Path, bank: Bank) -> None:
    days, on = Days(spark, tmp_path / "lake"), TODAY + timedelta(days=1)
    days.deliver([], [text(1, SAID["fee"], TODAY), text(2, "太失望了", TODAY)], TODAY)
    first = days.run(complaint_tone.JOB, TODAY)
    days.deliver([], [text(2, "谢谢，很满意", on)], on)
    second = days.run(complaint_tone.JOB, on)
    assert (first.rows_out, second.rows_out) == (2, 1)
    whole = complaint_tone.build(days.lake.read(spark, "silver.complaint_text"), bank=bank)
    assert _tones(days.lake.read(spark, "gold.complaint_tone")) == _tones(whole)
    assert days.run(complaint_tone.JOB, on + timedelta(days=1)).version == second.version


def _tones(rows: DataFrame) -> list[tuple[Any, ...]]:
    return sorted((r["complaint_id"], r["valid_from"], r["tone"]) for r in rows.collect())
