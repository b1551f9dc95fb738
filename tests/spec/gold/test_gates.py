"""Every gate's yes and its noes, and that silence is a no."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from conf.gates import ContactCap, GatesConf, HoldOut
from jobs.gold.gates import GATES, evaluate, shared_out
from jobs.gold.gates.consent import CONSENT
from jobs.gold.gates.contact_cap import CONTACT_CAP, TAKEN
from jobs.gold.gates.hold_out import HOLD_OUT
from jobs.gold.gates.interface import Gate
from jobs.gold.gates.kyc import KYC
from jobs.gold.gates.product import PRODUCT
from jobs.gold.gates.suitability import SUITABILITY
from jobs.gold.gates.watch_list import WATCH_LIST
from tests.spec.gold.frames import rows

AS_OF = date(2025, 6, 30)
TABLES = {
    "consent": "silver.consent", "suitability": "silver.suitability", "product": "silver.product",
    "watch_list": "silver.watch_list", "campaign_contact": "silver.campaign_contact",
    "golden_record": "identity.golden_record",
}  # fmt: skip
ASKED = "segment string, customer_id string, purpose string, channel string, product_id string, product_family string"


def evidence(spark: SparkSession, names: list[str], **given: list[dict[str, Any]]) -> dict[str, DataFrame]:
    """Frames of evidence; every customer X has the one source record crm|X."""
    frames = {n: rows(spark, t, *given.get(n, [])) for n, t in TABLES.items()}
    links = [(f"crm|{n}", n) for n in names]
    who = [
        (p["customer_id"], p.get("full_name"), p.get("national_id")) for p in given.get("golden_identity", [])
    ]
    identity = "customer_id string, full_name string, national_id string"
    return frames | {
        "crosswalk": spark.createDataFrame(links, "party_id string, customer_id string"),
        "golden_identity": spark.createDataFrame(who, identity).selectExpr("*", "cast(null as string) as latin_name"),
    }  # fmt: skip


def ask(
    spark: SparkSession,
    gate: Gate,
    names: list[str],
    conf: GatesConf | None = None,
    offer: str | None = None,
    **given: list[dict[str, Any]],
) -> dict[str, str]:
    """Customer → `yes` or the reason of the no."""
    asked = spark.createDataFrame([("s", n, "marketing", "sms", offer, None) for n in names], ASKED)
    judged = evaluate([gate], asked, evidence(spark, names, **given), as_of=AS_OF, conf=conf or GatesConf())
    return {r["customer_id"]: "yes" if r["allowed"] else r["denials"][0]["reason"] for r in judged.collect()}


def decision(name: str, channel: str, granted: bool, on: str, until: str | None = "2099-12-31", **more: Any) -> dict[str, Any]:  # fmt: skip
    told = {
        "consent_id": f"{name}{channel}{on}",
        "party_id": f"crm|{name}",
        "purpose": "marketing",
        "version": "v1",
    }
    return {**told, "channel": channel, "granted": granted, "granted_on": on, "expires_on": until, **more}


def test_consent(spark: SparkSession) -> None:
    assert ask(
        spark, CONSENT,
        ["yes", "any", "none", "call", "other", "ended", "endless", "back", "gone", "own", "tie", "late", "last", "ahead", "leaves"],
        consent=[
            decision("yes", "sms", True, "2025-01-01"),
            decision("any", "any", True, "2025-01-01"),
            decision("call", "call", True, "2025-01-01"),
            {**decision("other", "sms", True, "2025-01-01"), "purpose": "profiling"},
            decision("ended", "sms", True, "2024-01-01", "2025-06-29"),
            decision("endless", "sms", True, "2024-01-01", None),
            decision("back", "sms", True, "2024-01-01"), decision("back", "sms", False, "2025-01-01"),
            decision("gone", "sms", True, "2024-01-01"), decision("gone", "any", False, "2025-01-01"),
            decision("own", "sms", False, "2024-01-01"), decision("own", "any", True, "2025-01-01"),
            decision("tie", "sms", True, "2024-01-01"), {**decision("tie", "sms", False, "2024-01-01"), "consent_id": "t2"},
            decision("late", "sms", True, "2025-01-01", known_from="2025-07-01"),
            decision("last", "sms", True, "2025-01-01", "2025-06-30"),
            decision("ahead", "sms", True, "2025-07-01"),
            decision("leaves", "sms", True, "2025-01-01"), decision("leaves", "sms", False, "2025-07-01"),
        ],
    ) == {
        "yes": "yes", "any": "yes", "last": "yes", "none": "no consent recorded", "call": "no consent recorded",
        "other": "no consent recorded", "late": "no consent recorded", "ahead": "no consent recorded", "leaves": "refused", "ended": "expired",
        "endless": "no end stated", "back": "refused", "gone": "refused", "own": "refused", "tie": "refused",
    }  # fmt: skip


def test_kyc(spark: SparkSession) -> None:
    given: list[dict[str, Any]] = [
        {"customer_id": "yes", "kyc_status": "valid", "kyc_expires_on": "2025-07-01"},
        {"customer_id": "today", "kyc_status": "valid", "kyc_expires_on": "2025-06-30"},
        {"customer_id": "endless", "kyc_status": "valid"},
        {"customer_id": "expired", "kyc_status": "expired", "kyc_expires_on": "2030-01-01"},
        {"customer_id": "null"},
    ]
    assert ask(spark, KYC, ["yes", "today", "endless", "expired", "null", "unheard"], golden_record=given) == {
        "yes": "yes", "today": "identity check expired", "endless": "no end stated",
        "expired": "identity check not valid", "null": "no identity check recorded",
        "unheard": "no identity check recorded",
    }  # fmt: skip


def test_suitability(spark: SparkSession) -> None:
    level = {"risk_level": 3, "assessed_on": "2025-01-01", "expires_on": "2025-12-31", "dual_recorded": True}
    given: dict[str, Any] = {
        "suitability": [
            {"party_id": "crm|yes", **level},
            {"party_id": "crm|careful", **level, "risk_level": 2},
            {"party_id": "crm|ended", **level, "expires_on": "2025-06-29"},
            {"party_id": "crm|unrecorded", **level, "dual_recorded": None},
        ],
        "product": [
            {"product_id": "fund", "family": "fund", "risk_level": 3},
            {"product_id": "blank", "family": "fund"},
            {"product_id": "card", "family": "card"},
        ],
    }
    names = ["yes", "careful", "ended", "unrecorded", "unasked"]
    assert ask(spark, SUITABILITY, names, offer="fund", **given) == {
        "yes": "yes", "careful": "product too risky", "ended": "risk questionnaire expired",
        "unrecorded": "not recorded", "unasked": "no risk questionnaire",
    }  # fmt: skip
    assert ask(spark, SUITABILITY, ["unasked"], offer="card", **given) == {"unasked": "yes"}
    assert ask(spark, SUITABILITY, ["yes"], offer="blank", **given) == {"yes": "product without a risk level"}
    assert ask(spark, SUITABILITY, ["yes"], offer="unheard", **given) == {
        "yes": "product not in the catalogue"
    }


def test_product_limits(spark: SparkSession) -> None:
    given: dict[str, Any] = {
        "product": [{"product_id": "p", "family": "loan", "on_sale": True, "min_age": 18, "max_age": 60, "min_income": 100}],
        "golden_record": [
            {"customer_id": "yes", "birth_date": "2007-06-30", "annual_income": 100},
            {"customer_id": "young", "birth_date": "2007-07-01", "annual_income": 100},
            {"customer_id": "poor", "birth_date": "2000-01-01", "annual_income": 99},
            {"customer_id": "ageless", "annual_income": 100},
        ],
    }  # fmt: skip
    aged, poor = (
        "age outside the product's limits, or unknown",
        "income below the product's limit, or unknown",
    )
    assert ask(spark, PRODUCT, ["yes", "young", "poor", "ageless"], offer="p", **given) == {
        "yes": "yes", "young": aged, "poor": poor, "ageless": aged,
    }  # fmt: skip
    assert ask(spark, PRODUCT, ["yes"], offer="q", **given) == {"yes": "no such product on offer"}


def test_watch_list(spark: SparkSession) -> None:
    people = {
        "yes": ("Wang Wei", "1990-01-01", "1"), "sameday": ("LI-NA", "1980-05-05", "2"),
        "namesake": ("Li Na", "1999-09-09", "3"), "number": ("Other Name", "1970-01-01", "x 99"),
        "unborn": ("Li Na", None, "4"), "nameless": (None, "1990-01-01", "5"), "blank": ("Zhao", None, None),
    }  # fmt: skip
    given: dict[str, Any] = {
        "golden_identity": [{"customer_id": c, "full_name": n, "national_id": i} for c, (n, _, i) in people.items()],
        "golden_record": [{"customer_id": c, "kind": "person", "birth_date": b} for c, (_, b, _) in people.items()],
        "watch_list": [
            {"entry_id": "1", "full_name": "Li Na", "birth_date": "1980-05-05"},
            {"entry_id": "2", "full_name": "Somebody", "birth_date": "1950-01-01", "identifier": "X99"},
        ],
    }  # fmt: skip
    hit = "on a watch list, or possibly"
    assert ask(spark, WATCH_LIST, list(people), **given) == {
        "yes": "yes", "namesake": "yes", "sameday": hit, "number": hit, "unborn": hit,
        "nameless": "not screened", "blank": "not screened",
    }  # fmt: skip
    assert ask(spark, WATCH_LIST, ["yes"], **{**given, "watch_list": []}) == {"yes": "not screened"}


def test_contact_cap_and_hold_out(spark: SparkSession) -> None:
    conf = GatesConf(contact_cap=ContactCap(days=30, contacts=2))
    days = {"full": ["2025-06-01", "2025-06-30"], "old": ["2025-05-31", "2025-06-30"], "fresh": []}
    log = [
        {"contact_id": f"{n}{d}", "party_id": f"crm|{n}", "assigned_on": d, "contacted_on": d}
        for n, ds in days.items()
        for d in ds
    ]
    assert ask(spark, CONTACT_CAP, list(days), conf, campaign_contact=log) == {
        "full": "contacted too often lately", "old": "yes", "fresh": "yes",
    }  # fmt: skip
    assert ask(spark, CONTACT_CAP, ["fresh"], conf) == {"fresh": "no log of contacts"}
    half = GatesConf(hold_out=HoldOut(share=0.5))
    names = [f"C{i}" for i in range(200)]
    held = ask(spark, HOLD_OUT, names, half)
    assert held == ask(spark, HOLD_OUT, names, half)
    assert 70 < sum(v == "held out" for v in held.values()) < 130


def test_the_lists_of_one_day_keep_the_cap_together(spark: SparkSession) -> None:
    conf = GatesConf(contact_cap=ContactCap(days=30, contacts=3))
    log = [{"contact_id": d, "party_id": "crm|A", "assigned_on": d, "contacted_on": d} for d in ("2025-06-29", "2025-06-30")]  # fmt: skip
    no = "array(struct('kyc' AS gate, 'expired' AS reason))"
    asked = [("A", "third", True), ("A", "first", False), ("A", "second", True), ("B", "third", True), ("B", "second", True)]  # fmt: skip
    judged = spark.createDataFrame(asked, "customer_id string, segment string, allowed boolean").selectExpr(
        "*", f"if(allowed, filter({no}, x -> false), {no}) AS denials"
    )
    known = evidence(spark, ["A", "B"], campaign_contact=log)
    kept = shared_out(judged, known, ["first", "second", "third"], AS_OF, conf).collect()
    told = {(r["customer_id"], r["segment"]): [d["reason"] for d in r["denials"]] for r in kept}
    assert told == {
        ("A", "first"): ["expired"], ("A", "second"): [], ("A", "third"): [TAKEN], ("B", "second"): [], ("B", "third"): [],
    }  # fmt: skip
    assert {(r["customer_id"], r["segment"]) for r in kept if not r["allowed"]} == {("A", "first"), ("A", "third")}  # fmt: skip


def test_a_bank_without_evidence_lets_nobody_through_and_says_why_at_every_gate(spark: SparkSession) -> None:
    asked = spark.createDataFrame([("s", "C1", "marketing", "sms", None, "card")], ASKED)
    judged = evaluate(GATES, asked, evidence(spark, ["C1"]), as_of=AS_OF, conf=GatesConf())
    row = judged.collect()[0]
    assert not row["allowed"]
    assert {d["gate"] for d in row["denials"]} == {
        "consent", "kyc", "suitability", "product", "watch_list", "contact_cap",
    }  # fmt: skip


def test_a_gate_that_contradicts_itself_says_no(spark: SparkSession) -> None:
    def decide(candidates: DataFrame, *_: Any) -> DataFrame:
        both = candidates.selectExpr("segment", "customer_id", "explode(array(true, false)) AS allowed")
        return both.selectExpr("*", "if(allowed, 'good', 'bad') AS reason", "'1' AS evidence")

    assert ask(spark, Gate("torn", decide, "silent"), ["C1"]) == {"C1": "bad"}
