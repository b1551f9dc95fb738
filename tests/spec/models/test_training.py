from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from mlflow import MlflowClient
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.features import FeaturesConf
from conf.labels import ClvLabel
from conf.models import ModelsSpec
from jobs.core.errors import UsageError
from jobs.core.features import FRAMES, compute_features, compute_features_at, packed
from models.churn import score as churn_score
from models.churn.features import candidates as churn_candidates
from models.churn.labels import outcomes as churn_outcomes
from models.clv import score as clv_score
from models.clv.contribution import contributed
from models.core.champions import Champion
from models.core.encoding import matrix
from models.core.fitting import fitted_and_judged
from models.core.in_force import load
from models.core.known import known_models, spec_of, trainable
from models.core.prepared import prepare
from models.core.reference import SCORE
from models.core.registry import Registry
from models.core.splits import forward_split
from models.core.trainable import Labelled
from models.core.training import train_all
from models.core.versions import card_of, versions
from models.cross_sell import score as cross_sell_score
from tests.spec.models.book import AS_OF, empty, fill
from tests.spec.models.conftest import MODELS, QUICK, Trained, bank_of, reader


def test_every_model_is_found_by_its_folder() -> None:
    assert {"churn", "clv", "cross_sell"} <= set(known_models())
    with pytest.raises(UsageError, match="known are"):
        trainable("horoscope")


def test_what_can_be_foretold_is_learnt_promoted_and_beats_the_naive_score(trained: Trained) -> None:
    for name in ("churn", "cross_sell", "clv"):
        verdict = trained.verdicts[name]
        assert verdict.promoted, str(verdict)
        assert verdict.version == 1
        assert verdict.value is not None
        assert verdict.baseline is not None
        assert verdict.value > verdict.baseline


def test_a_run_says_what_it_was_trained_on(trained: Trained) -> None:
    client = MlflowClient(trained.tracking_uri)
    version = client.get_model_version_by_alias("toy.churn", "champion")
    run = client.get_run(str(version.run_id))
    assert run.data.tags["table.gold.account_daily"] == "7"
    assert run.data.tags["configuration"] == trained.bank.fingerprint
    assert run.data.params["later_dates"] == "2024-06-30"
    assert run.data.params["train_dates"] == "2023-10-31, 2023-12-31"


def test_a_card_says_what_for_on_what_how_well_for_whom_and_what_the_gate_said(trained: Trained) -> None:
    card = card_of("cross_sell", trained.registry)
    for part in ("Data of this training", "Figures on the later window", "By slice", "Fairness", "The gate"):
        assert f"\n## {part}\n" in card
    assert "**Purpose.**" in card
    assert "**Limits.**" in card
    assert "| gold.account_daily | 7 |" in card
    assert "| code | c0de |" in card
    assert re.search(r"\| map_at_3 \| 0\.\d{4} \[0\.\d{4}, 0\.\d{4}\] \|", card)
    assert re.search(r"\| family \| insurance \| [\d,]+ \| 0\.\d{4} \| 0\.\d{4} \| [01]\.\d{4} \[", card)
    assert len(re.findall(r"\| fifth of the score \| \d \|", card)) == 5
    assert "Promoted: beats the naive baseline." in card
    [listed] = [v for v in versions(trained.registry) if v.model == "cross_sell"]
    assert (listed.promoted, listed.data, listed.code) == (True, {"gold.account_daily": 7}, "c0de")
    assert listed.value == trained.verdicts["cross_sell"].value
    assert listed.value is not None
    assert listed.low is not None
    assert listed.value is not None
    assert listed.high is not None
    assert listed.low < listed.value < listed.high


def test_a_champion_keeps_how_its_features_and_scores_lay(trained: Trained) -> None:
    for name in ("churn", "clv", "cross_sell"):
        champion = champion_of(trained, name)
        assert set(champion.reference) == {*champion.features, SCORE}
        for found in champion.reference.values():
            assert found.rows > 0
            # A feature may have no value at all.
            assert sum(found.shares) == pytest.approx(float(found.missing < 1), abs=1e-4)


def test_training_again_on_the_same_book_leaves_the_champion(spark: SparkSession, trained: Trained) -> None:
    [again] = train_all(
        spark,
        reader(spark, trained.frames),
        trained.bank,
        AS_OF,
        trained.tracking_uri,
        trained.artifact_uri,
        names=["churn"],
    )
    assert not again.promoted
    assert again.version == 2
    assert again.value == again.champion
    assert again.reason.startswith("does not beat the champion")
    champion = load("churn", trained.registry)
    assert champion is not None
    assert champion.version == 1


def test_a_champion_taught_by_what_is_barred_by_now_is_still_to_be_beaten(
    spark: SparkSession, trained: Trained, tmp_path: Path
) -> None:
    bank = bank_of(tmp_path, MODELS.replace(QUICK, QUICK[:-1] + ", excluded: [deposits]}", 1))
    model, champion = trainable("churn"), load("churn", trained.registry)
    assert champion is not None
    assert "deposits" in champion.features
    spec, config = spec_of(model, bank), bank.section("features", FeaturesConf)
    past = prepare(reader(spark, trained.frames), [(model, spec)], AS_OF)
    split = forward_split(past.dates(spec, AS_OF), spec.horizon_months, spec.snapshots)
    ready = past.counted(model, spec, split.dates).split(split)
    assert isinstance(ready, Labelled)
    book = compute_features_at(past.frames, config, dates=ready.dates, customers=past.customers)
    result = fitted_and_judged(ready, book, AS_OF, champion)
    assert "deposits" not in result.champion.features
    assert result.verdict.champion == pytest.approx(champion.metrics["auc"])


def test_too_few_cases_are_said_and_nothing_is_registered(
    spark: SparkSession, trained: Trained, tmp_path: Path
) -> None:
    bank = bank_of(tmp_path / "conf", MODELS.replace("min_cases: 50,", "min_cases: 100000,"))
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    verdicts = train_all(
        spark, reader(spark, trained.frames), bank, AS_OF, uri, f"file://{tmp_path}", names=["churn"]
    )
    assert verdicts[0].reason == f"too few cases: {verdicts[0].cases} of 100000 needed"
    assert load("churn", Registry(uri, bank.name)) is None
    assert not (tmp_path / "mlflow.db").exists()


def test_a_history_too_short_says_so(spark: SparkSession, trained: Trained, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    early = date(2023, 8, 15)
    verdicts = train_all(spark, reader(spark, trained.frames), trained.bank, early, uri, f"file://{tmp_path}")
    assert [v.promoted for v in verdicts] == [False] * len(verdicts)
    assert all(v.reason.startswith("too few cases: 0 of") for v in verdicts)


@pytest.fixture(scope="module")
def feature_table(spark: SparkSession, trained: Trained) -> DataFrame:
    """gold.feature of the date, as its job makes it."""
    config = trained.bank.section("features", FeaturesConf)
    frames = {name: trained.frames[table] for name, table in FRAMES.items()}
    people = trained.frames["identity.crosswalk"]
    return packed(compute_features(frames, config, as_of=AS_OF, customers=people), config).persist()


def champion_of(trained: Trained, name: str) -> Champion:
    found = load(name, trained.registry)
    assert found is not None
    return found


def test_churn_scores_equal_native_prediction_and_explain_those_at_risk(
    spark: SparkSession, trained: Trained, feature_table: DataFrame
) -> None:
    model = champion_of(trained, "churn")
    scored = churn_score.build(
        feature_table,
        trained.frames["gold.customer_holding"],
        trained.frames["gold.account_daily"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=model,
    )["models.churn_score"]
    assert scored.columns == churn_score.SCHEMA.names
    rows = scored.orderBy("customer_id").toArrow().to_pandas()
    assert len(rows) > 500
    wide = (
        feature_table.select("customer_id", F.inline("features"))
        .groupBy("customer_id")
        .pivot("name")
        .sum("value")
    )
    known = wide.toArrow().to_pandas().set_index("customer_id").loc[rows["customer_id"]]
    x = matrix(pa.Table.from_pandas(known[list(model.features)], preserve_index=False), model.features)
    np.testing.assert_array_equal(rows["score"], model.scorer.raw(x))
    np.testing.assert_array_equal(rows["probability"], model.calibration.apply(rows["score"].to_numpy()))
    top = rows["percentile"] >= 0.9
    assert top.any()
    assert all(len(r) > 0 for r in rows.loc[top, "reasons"])
    assert all(len(r) == 0 for r in rows.loc[~top, "reasons"])
    assert set(rows.loc[top, "tier"]) == {"high"}
    assert set(rows["model_version"]) == {1}


def test_values_and_offers_are_scored_for_whom_they_concern(
    spark: SparkSession, trained: Trained, feature_table: DataFrame
) -> None:
    frames = trained.frames
    valued = clv_score.build(
        features=feature_table,
        customer_holding=frames["gold.customer_holding"],
        account_daily=frames["gold.account_daily"],
        balance=frames["silver.balance"],
        card_statement=frames["silver.card_statement"],
        loan=frames["silver.loan"],
        product=frames["silver.product"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=champion_of(trained, "clv"),
    )
    assert valued.columns == clv_score.SCHEMA.names
    assert valued.where("expected_value > 0 and size(reasons) > 0").count() > 500
    offered = cross_sell_score.build(
        feature_table,
        frames["gold.customer_holding"],
        frames["silver.product"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=champion_of(trained, "cross_sell"),
    )
    assert offered.columns == cross_sell_score.SCHEMA.names
    held = frames["gold.customer_holding"].where("closed_on is null").select("customer_id", "product_id")
    assert offered.join(held, on=["customer_id", "product_id"], how="left_semi").count() == 0
    ranks = offered.groupBy("customer_id").agg(F.min("rank").alias("first"), F.max("rank") == F.count("*"))
    assert [r["first"] for r in ranks.select("first").distinct().collect()] == [1]


def test_without_a_champion_the_tables_are_empty_but_right(spark: SparkSession, trained: Trained) -> None:
    nothing = churn_score.build(
        trained.frames["gold.customer_holding"],
        trained.frames["gold.customer_holding"],
        trained.frames["gold.account_daily"],
        as_of=AS_OF,
        bank=trained.bank,
        spark=spark,
        model=None,
    )
    for table, output in churn_score.JOB.outputs.items():
        assert nothing[table].columns == output.schema.names
        assert nothing[table].count() == 0


def test_who_leaves_is_who_closed_or_emptied_and_fell_silent(spark: SparkSession, trained: Trained) -> None:
    held = [
        "customer_id",
        "contract_id",
        "account_id",
        "product_id",
        "family",
        "role",
        "share",
        "opened_on",
        "closed_on",
    ]
    people = {
        "closed": date(2024, 3, 1),
        "emptied": None,
        "emptied but busy": None,
        "stays": None,
        "gone before": date(2023, 12, 1),
    }
    start = date(2020, 1, 1)
    rows = [(who, who, who, "p|DP", "deposit", "owner", 1.0, start, end) for who, end in people.items()]
    balances = [(who, date(2023, 12, 31), "closing", 1000.0, start) for who in people]
    later = {"emptied": 10.0, "emptied but busy": 10.0, "stays": 900.0}
    balances += [(who, date(2024, 6, 30), "closing", left, start) for who, left in later.items()]
    booked = [(who, date(2023, 12, 20), "card", "debit", 1, 5.0, start, "b") for who in people]
    booked += [
        (who, date(2024, 6, 20), "card", "debit", 1, 5.0, start, "b") for who in ("emptied but busy", "stays")
    ]
    booked += [("emptied", date(2024, 6, 20), "interest", "credit", 1, 0.1, start, "b")]
    frames = {
        "customer_holding": fill(spark, "gold.customer_holding", rows, held),
        "balance": fill(spark, "silver.balance", balances, ["account_id", "balance_on", "kind", "balance", "known_from"]),
        "account_daily": fill(
            spark, "gold.account_daily", booked,
            ["account_id", "booked_on", "kind", "direction", "transactions", "amount", "known_from", "batch_id"],
        ),
    }  # fmt: skip
    spec, dates = trained.bank.section("models", ModelsSpec).churn, [date(2023, 12, 31)]
    labelled = churn_outcomes(frames, spec, churn_candidates(frames, spec, dates), dates)
    assert {r["customer_id"]: r["label"] for r in labelled.collect()} == {
        "closed": 1.0,
        "emptied": 1.0,
        "emptied but busy": 0.0,
        "stays": 0.0,
    }


def test_what_happens_after_a_date_moves_no_candidate_and_no_context(
    spark: SparkSession, trained: Trained
) -> None:
    day = date(2024, 3, 31)
    columns = [
        "account_id",
        "booked_on",
        "kind",
        "direction",
        "transactions",
        "amount",
        "known_from",
        "batch_id",
    ]
    planted = [
        ("a|C00000-DP", date(2024, 4, 15), "fee", "debit", 1, 9e6, date(2024, 4, 15), "b2"),  # happens later
        ("a|C00001-DP", date(2024, 3, 1), "fee", "debit", 1, 9e6, date(2024, 4, 15), "b2"),  # is known later
    ]
    future = fill(spark, "gold.account_daily", planted, columns)
    section = trained.bank.section("models", ModelsSpec)
    for name, spec in (("churn", section.churn), ("clv", section.clv), ("cross_sell", section.cross_sell)):
        model = trainable(name)
        frames = {n: trained.frames[t] for n, t in {**FRAMES, **model.tables}.items()}
        more = {**frames, "account_daily": frames["account_daily"].unionByName(future)}
        before = model.candidates(frames, spec, [day])
        after = model.candidates(more, spec, [day])
        assert before.exceptAll(after).count() == after.exceptAll(before).count() == 0, name


def test_contribution_is_margin_by_month_and_share_plus_fees_booked_and_yearly(spark: SparkSession) -> None:
    start, day = date(2020, 1, 1), date(2024, 3, 31)
    held = [
        "customer_id",
        "contract_id",
        "account_id",
        "product_id",
        "family",
        "role",
        "share",
        "opened_on",
        "closed_on",
    ]
    rows = [
        ("ann", "a1", "a1", "p|DP", "deposit", "owner", 0.5, start, None),
        ("ann", "l1", "a1", "p|LN", "loan", "owner", 1.0, date(2024, 1, 31), None),
        ("ann", "c1", "a1", "p|CC", "card", "owner", 1.0, start, date(2024, 3, 31)),
    ]
    booked = [
        ("a1", date(2024, 2, 9), "fee", "debit", 1, 8.0, start, "b"),
        ("a1", date(2024, 2, 9), "salary", "credit", 1, 900.0, start, "b"),
    ]
    frames = {
        "customer_holding": fill(spark, "gold.customer_holding", rows, held),
        "product": fill(
            spark, "silver.product",
            [("p|DP", "deposit", 0.012, 0, start, start), ("p|CC", "card", 0.0, 366.0, start, start)],
            ["product_id", "family", "margin", "fee", "valid_from", "known_from"],
        ),
        "balance": fill(
            spark, "silver.balance",
            [
                ("a1", date(2024, 1, 31), "closing", 5000.0, start),  # before the span
                ("a1", date(2024, 2, 15), "closing", 9999.0, start),  # not the month's last
                ("a1", date(2024, 2, 29), "closing", -1000.0, start),  # overdrawn: earns as well
                ("a1", date(2024, 3, 31), "closing", 2000.0, date(2024, 4, 5)),  # known only afterwards
            ],
            ["account_id", "balance_on", "kind", "balance", "known_from"],
        ),
        "card_statement": empty(spark, "silver.card_statement"),
        "loan": fill(
            spark, "silver.loan", [("l1", date(2024, 1, 31), 1200.0, 12, date(2024, 1, 31), date(2024, 1, 31))],
            ["loan_id", "granted_on", "amount", "term_months", "valid_from", "known_from"],
        ),
        "account_daily": fill(
            spark, "gold.account_daily", booked,
            ["account_id", "booked_on", "kind", "direction", "transactions", "amount", "known_from", "batch_id"],
        ),
    }  # fmt: skip
    label, spans = ClvLabel(margins={"loan": 0.12}), {day: (date(2024, 1, 31), day)}
    loan = (1100 + 1000) * 0.12 / 12
    fees = 8 * 0.5 + 366.0 * 60 / 365
    for known_by, balances in ((None, 1000 + 2000), ("as_of", 1000)):
        [row] = contributed(frames, label, {"earned": spans}, known_by=known_by).collect()
        assert row["earned"] == pytest.approx(balances * 0.012 / 12 * 0.5 + loan + fees, abs=0.01)
