"""How well the models score the demonstration bank: each metric beside the naive baseline's and the truth's own.

    python bench/models_oracle.py --lake data/demo/lake --truth data/extracts/demo/truth

Ours with the 95 % interval of 200 resamples of customers. Churn: who is really gone within six months of the scores' date, by the truth's log; the oracle ranks by the true
hazard of the same month's end; each other horizon beside it. Value: rank correlation with the truly expected profit of
twelve months. Next product: MAP@3 over kinds of product, adoptions drawn once (fixed seed) from the true chances; the
oracle ranks by these. `bench/headline.py` calls `figures`. Only benchmarks and tests may read truth.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

if not __package__:  # run as a script: this folder would hide the package `models` behind models.py
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.settings import load_settings
from jobs.core import session, storage
from jobs.core.catalog import Lake
from jobs.demo.catalogue import PRODUCTS
from models.core.bootstrap import DRAWS
from models.core.evaluation import ERROR, FIGURES, Scored, with_intervals
from models.core.metrics import NAN, Floats
from models.core.splits import add_months, month_end
from models.core.trainable import Kind

KIND_OF = {p.code: p.kind for p in PRODUCTS if p.kind}
KNOWN_MONTHS = 12
Read = Callable[[str], DataFrame]


@dataclass(frozen=True)
class Figure:
    """One line of the table, ours with its interval; nan where there is nothing to measure."""

    model: str
    metric: str
    ours: float
    low: float
    high: float
    baseline: float
    oracle: float
    cases: int


@dataclass(frozen=True)
class Beside:
    """Scores of the same rows, measured alike; no oracle where the truth doesn't say so much."""

    ours: Scored
    naive: Floats
    oracle: Floats | None = None
    group: np.ndarray | None = None
    """Whose row it is, where somebody has several: they are drawn together."""

    def figures(self, model: str, kind: Kind, names: dict[str, str], cases: int, draws: int) -> list[Figure]:
        """The figures of `names` (as measured → as told)."""
        told = with_intervals(kind, self.ours, names=names, group=self.group, draws=draws)
        return [
            Figure(model, names[n], t.value, t.low, t.high, self._naive(kind, n), self._best(kind, n), cases)
            for n, t in told.items()
        ]

    def _naive(self, kind: Kind, name: str) -> float:
        # The naive scores order; they aren't probabilities.
        return NAN if name == ERROR[kind] else self._by(self.naive, kind, name)

    def _best(self, kind: Kind, name: str) -> float:
        return NAN if self.oracle is None else self._by(self.oracle, kind, name)

    def _by(self, score: Floats, kind: Kind, name: str) -> float:
        return FIGURES[kind][name](replace(self.ours, raw=score, calibrated=score))


def figures(read: Read, truth: Path, draws: int = DRAWS) -> list[Figure]:
    """The models' figures at the latest date that each was scored; a model without scores is left out."""
    people = people_of(read("identity.crosswalk"), truth)
    made = [f(read, truth, people, draws) for f in (_churn, _survival, _value, _lifetime, _next_product)]
    return [figure for part in made for figure in part]


def people_of(crosswalk: DataFrame, truth: Path) -> pd.DataFrame:
    """customer_id → person_id, the person that most of a customer's records are of."""
    records = pd.read_parquet(truth / "record_person.parquet")
    records["party_id"] = records["system"] + "|" + records["key"].astype(str)
    linked = _frame(crosswalk.select("party_id", "customer_id")).merge(
        records[["party_id", "person_id"]].drop_duplicates("party_id"), on="party_id"
    )
    sizes = linked.groupby(["customer_id", "person_id"]).size().rename("records").reset_index()
    best = sizes.sort_values(["records", "person_id"], ascending=[False, True])
    return best.drop_duplicates("customer_id")[["customer_id", "person_id"]]


def _churn(read: Read, truth: Path, people: pd.DataFrame, draws: int) -> list[Figure]:
    scores, day = _latest(read, "models.churn_score", ["customer_id", "probability"])
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
    scores, day = _latest(read, "models.churn_survival", columns)
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
    values, day = _latest(read, "gold.lifetime_value", ["customer_id", *money.values()])
    if day is None:
        return []
    runs = F.sum(F.col("contribution_rate") - F.col("cost_to_serve")).cast("double").alias("runs_now")
    naive = _frame(read("gold.customer_value_family").groupBy("customer_id").agg(runs))
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
    scores, day = _latest(read, "models.clv_score", ["customer_id", F.col("expected_value").cast("double")])
    if day is None:
        return []
    naive = _frame(read("gold.customer_value").select("customer_id", F.col("contribution").cast("double")))
    rows = scores.merge(people, on="customer_id").merge(_profit(truth), on="person_id")
    rows = rows.merge(naive, on="customer_id")
    y = rows["expected_profit_12m"].to_numpy()
    three = Beside(Scored.of(y, rows["expected_value"].to_numpy()), rows["contribution"].to_numpy(), y)
    names = {n: n for n in ("spearman", "top_tenth_share")}
    return three.figures("clv", "value", names, len(rows), draws)


def _profit(truth: Path) -> pd.DataFrame:
    return pd.read_parquet(truth / "future_value.parquet")[["person_id", "expected_profit_12m"]]


def _next_product(read: Read, truth: Path, people: pd.DataFrame, draws: int) -> list[Figure]:
    scores, day = _latest(read, "models.cross_sell_score", ["customer_id", "product_id", "probability"])
    if day is None:
        return []
    chances = pd.read_parquet(truth / "propensity.parquet")
    rows = _by_kind(scores).merge(people, on="customer_id").merge(chances, on=["person_id", "kind"])
    rows = rows.sort_values(["customer_id", "kind"])
    oracle, said = rows["probability_6m"].to_numpy(), rows["probability"].to_numpy()
    y = (np.random.default_rng(7).random(len(rows)) < oracle).astype(float)
    case = np.asarray(pd.factorize(rows["customer_id"])[0], dtype=np.int64)
    popular = rows.groupby("kind")["probability_6m"].transform("mean").to_numpy()
    first = Beside(Scored(y, said, said, case), popular, oracle, case)
    # A customer may have three kinds or fewer: which come first tells less than who would take any.
    anyone = Beside(Scored.of(oracle, said), popular, oracle, case)
    number = int(y.sum())
    return [
        *first.figures("cross_sell", "ranking", {"map_at_3": "map_at_3"}, number, draws),
        *anyone.figures("cross_sell", "value", {"top_tenth_share": "top_tenth_share"}, number, draws),
    ]


def _by_kind(scores: pd.DataFrame) -> pd.DataFrame:
    """customer_id, kind, probability: the truth knows kinds, not products; a kind is adopted by any of its products."""
    kind = scores["product_id"].str.split("|").str[-1].map(KIND_OF)
    none = np.log1p(-scores["probability"].clip(upper=1 - 1e-9))
    rows = scores.assign(kind=kind, none=none).dropna(subset=["kind"])
    by_kind = rows.groupby(["customer_id", "kind"])["none"].sum().reset_index()
    return by_kind.assign(probability=-np.expm1(by_kind["none"])).drop(columns="none")


def _latest(read: Read, table: str, columns: Iterable[str | Column]) -> tuple[pd.DataFrame, date | None]:
    scores = read(table)
    last = scores.agg(F.max("as_of")).collect()[0][0]
    return _frame(scores.where(F.col("as_of") == F.lit(last)).select(*columns)), last


def _feature(read: Read, day: date, name: str) -> pd.DataFrame:
    named = F.filter("features", lambda f: f["name"] == name)[0]["value"].alias(name)
    return _frame(read("gold.feature").where(F.col("as_of") == F.lit(day)).select("customer_id", named))


def _frame(rows: DataFrame) -> pd.DataFrame:
    return pd.DataFrame(rows.toArrow().to_pandas())


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
