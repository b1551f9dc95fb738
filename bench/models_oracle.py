"""How well the models score the demonstration bank: each metric beside the naive baseline's and the truth's own.

    python bench/models_oracle.py --lake data/demo/lake --truth data/extracts/demo/truth

Ours with the 95 % interval of 200 resamples of customers. Churn: who is really gone within six months of the scores' date, by the truth's log; the oracle ranks by the true
hazard of the same month's end; each other horizon beside it. Value: rank correlation with the truly expected profit of
twelve months. Next product: MAP@3 over kinds of product, adoptions drawn once (fixed seed) from the true chances; the
oracle ranks by these, popularity by their means, which no bank knows. Beside it the mean of twenty such draws, and popularity as a
bank knows it: who took up what in the six months before. `bench/headline.py` calls `figures`. Only benchmarks and tests may read truth.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from functools import partial
from pathlib import Path

if not __package__:  # run as a script: this folder would hide the package `models` behind models.py
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import pandas as pd
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from bench.beside import Beside, Figure, Read, frame, latest
from bench.offers import next_product
from conf.settings import load_settings
from jobs.core import session, storage
from jobs.core.catalog import Lake
from models.core.bootstrap import DRAWS
from models.core.evaluation import Scored
from models.core.splits import add_months, month_end

KNOWN_MONTHS = 12


def figures(read: Read, truth: Path, draws: int = DRAWS) -> list[Figure]:
    """The models' figures at the latest date that each was scored; a model without scores is left out."""
    people = people_of(read("identity.crosswalk"), truth)
    made = [f(read, truth, people, draws) for f in (_churn, _survival, _value, _lifetime, next_product)]
    return [figure for part in made for figure in part]


def people_of(crosswalk: DataFrame, truth: Path) -> pd.DataFrame:
    """customer_id → person_id, the person that most of a customer's records are of."""
    records = pd.read_parquet(truth / "record_person.parquet")
    records["party_id"] = records["system"] + "|" + records["key"].astype(str)
    linked = frame(crosswalk.select("party_id", "customer_id")).merge(
        records[["party_id", "person_id"]].drop_duplicates("party_id"), on="party_id"
    )
    sizes = linked.groupby(["customer_id", "person_id"]).size().rename("records").reset_index()
    best = sizes.sort_values(["records", "person_id"], ascending=[False, True])
    return best.drop_duplicates("customer_id")[["customer_id", "person_id"]]


def _churn(read: Read, truth: Path, people: pd.DataFrame, draws: int) -> list[Figure]:
    scores, day = latest(read, "models.churn_score", ["customer_id", "probability"])
    if day is None:
        return []
    hazard = pd.read_parquet(truth / "churn_hazard.parquet")
    hazard = hazard[pd.to_datetime(hazard["as_of"]) == pd.Timestamp(month_end(day))]
    rows = scores.merge(people, on="customer_id").merge(
        hazard[["person_id", "probability_6m"]], on="person_id"
    )
    rows = _still_there(rows.merge(_feature(read, day, "own_txn_count_90d"), on="customer_id"), truth, day)
    y = (rows["left"] <= pd.Timestamp(add_months(day, 6))).to_numpy(float)
    three = Beside(
        Scored.of(y, rows["probability"].to_numpy()),
        -rows["own_txn_count_90d"].to_numpy(),
        rows["probability_6m"].to_numpy(),
    )
    names = {n: n for n in ("auc", "lift_10", "calibration_error")}
    return three.figures("churn", "probability", names, int(y.sum()), draws)


def _survival(read: Read, truth: Path, people: pd.DataFrame, draws: int) -> list[Figure]:
    """Each horizon that the truth reaches; it knows of a year past the end who is gone."""
    columns = ["customer_id", "months", "probability"]
    scores, day = latest(read, "models.churn_survival", columns)
    if day is None:
        return []
    rows = scores.merge(people, on="customer_id")
    rows = _still_there(rows.merge(_feature(read, day, "own_txn_count_90d"), on="customer_id"), truth, day)
    known = sorted(int(m) for m in rows["months"].unique() if m <= KNOWN_MONTHS)
    made = partial(_by_horizon, day=day, draws=draws)
    return [figure for m in known for figure in made(rows[rows["months"] == m], months=m)]


def _by_horizon(rows: pd.DataFrame, *, months: int, day: date, draws: int) -> list[Figure]:
    y = (rows["left"] <= pd.Timestamp(add_months(day, months))).to_numpy(float)
    two = Beside(Scored.of(y, rows["probability"].to_numpy()), -rows["own_txn_count_90d"].to_numpy())
    names = {n: f"{n}_{months}m" for n in ("auc", "calibration_error")}
    return two.figures("churn", "probability", names, int(y.sum()), draws)


def _still_there(rows: pd.DataFrame, truth: Path, day: date) -> pd.DataFrame:
    """The rows of who hasn't truly gone by the date, with the day on which they `left`."""
    gone = pd.read_parquet(truth / "churned.parquet").set_index("person_id")["gone_on"]
    rows = rows.assign(left=pd.to_datetime(rows["person_id"].map(gone)))
    return rows[~(rows["left"] <= pd.Timestamp(day))]


def _lifetime(read: Read, truth: Path, people: pd.DataFrame, draws: int) -> list[Figure]:
    """The order of the 12-month value. The truth's profit knows neither loss nor discount, so no level is compared, and the
    value before loss is what it judges; beside it the value as the table holds it.
    """
    money = {n: F.col(n).cast("double") for n in ("value_12m", "expected_loss_12m", "current_value")}
    values, day = latest(read, "gold.lifetime_value", ["customer_id", *money.values()])
    if day is None:
        return []
    runs = F.sum(F.col("contribution_rate") - F.col("cost_to_serve")).cast("double").alias("runs_now")
    naive = frame(read("gold.customer_value_family").groupBy("customer_id").agg(runs))
    rows = values.merge(people, on="customer_id").merge(_profit(truth), on="person_id")
    rows = rows.merge(naive, on="customer_id")
    y, worth = rows["expected_profit_12m"].to_numpy(), rows["value_12m"].to_numpy()
    before = Beside(
        Scored.of(y, worth + rows["expected_loss_12m"].to_numpy()), rows["runs_now"].to_numpy(), y
    )
    after = Beside(Scored.of(y, worth), rows["current_value"].to_numpy(), y)
    told = ((before, "spearman"), (after, "spearman_less_loss"))
    return [f for b, n in told for f in b.figures("lifetime", "value", {"spearman": n}, len(rows), draws)]


def _value(read: Read, truth: Path, people: pd.DataFrame, draws: int) -> list[Figure]:
    """The order; the truth counts other margins than the bank does, and no growth, so no level is compared."""
    scores, day = latest(read, "models.clv_score", ["customer_id", F.col("expected_value").cast("double")])
    if day is None:
        return []
    naive = frame(read("gold.customer_value").select("customer_id", F.col("contribution").cast("double")))
    rows = scores.merge(people, on="customer_id").merge(_profit(truth), on="person_id")
    rows = rows.merge(naive, on="customer_id")
    y = rows["expected_profit_12m"].to_numpy()
    three = Beside(Scored.of(y, rows["expected_value"].to_numpy()), rows["contribution"].to_numpy(), y)
    names = {n: n for n in ("spearman", "top_tenth_share")}
    return three.figures("clv", "value", names, len(rows), draws)


def _profit(truth: Path) -> pd.DataFrame:
    return pd.read_parquet(truth / "future_value.parquet")[["person_id", "expected_profit_12m"]]


def _feature(read: Read, day: date, name: str) -> pd.DataFrame:
    named = F.filter("features", lambda f: f["name"] == name)[0]["value"].alias(name)
    return frame(read("gold.feature").where(F.col("as_of") == F.lit(day)).select("customer_id", named))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lake", required=True)
    parser.add_argument("--truth", type=Path, required=True)
    given = parser.parse_args()
    spark: SparkSession = session.start(load_settings())
    lake = Lake(storage.as_uri(given.lake))
    print(f"{'model':12}{'metric':22}{'ours':>8}{'low':>8}{'high':>8}{'naive':>8}{'oracle':>8}{'cases':>8}")
    for f in figures(lambda table: lake.read(spark, table), given.truth):
        told = "".join(f"{value:8.4f}" for value in (f.ours, f.low, f.high, f.baseline, f.oracle))
        print(f"{f.model:12}{f.metric:22}{told}{f.cases:8d}")


if __name__ == "__main__":
    main()
