"""How well the models score the demonstration bank: each metric beside the naive baseline's and the truth's own.

    python bench/models_oracle.py --lake data/demo/lake --truth data/demo/extracts/truth

Churn: who is really gone within six months of the scores' date, by the truth's log; the oracle ranks by the true
hazard; each other horizon beside it. Value: rank correlation with the truly expected profit of twelve months. Next product: MAP@3 over kinds of
product, adoptions drawn once (fixed seed) from the true chances; the oracle ranks by these. `bench/headline.py` calls
`figures`. Only benchmarks and tests may read truth.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.settings import load_settings
from jobs.core import session, storage
from jobs.core.catalog import Lake
from jobs.demo.catalogue import PRODUCTS
from models.core import metrics
from models.core.metrics import Floats
from models.core.splits import add_months, month_end

KIND_OF = {p.code: p.kind for p in PRODUCTS if p.kind}
KNOWN_MONTHS = 12
Read = Callable[[str], DataFrame]
Scores = tuple[Floats, Floats, Floats]


@dataclass(frozen=True)
class Figure:
    """One line of the table; nan where there is nothing to measure."""

    model: str
    metric: str
    ours: float
    baseline: float
    oracle: float
    cases: int

    @classmethod
    def of(cls, model: str, metric: str, by: Callable[[Floats], float], three: Scores, cases: int) -> Figure:
        """The figure of our score, the naive one and the oracle's, all measured alike."""
        ours, naive, oracle = (by(score) for score in three)
        return cls(model, metric, ours, naive, oracle, cases)


def figures(read: Read, truth: Path) -> list[Figure]:
    """The models' figures at the latest date that each was scored; a model without scores is left out."""
    people = people_of(read("identity.crosswalk"), truth)
    made = [f(read, truth, people) for f in (_churn, _survival, _value, _lifetime, _next_product)]
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


def _churn(read: Read, truth: Path, people: pd.DataFrame) -> list[Figure]:
    scores, day = _latest(read, "models.churn_score", ["customer_id", "probability"])
    if day is None:
        return []
    hazard = pd.read_parquet(truth / "churn_hazard.parquet")
    hazard = hazard[pd.to_datetime(hazard["as_of"]) == pd.Timestamp(month_end(day))]
    gone = pd.read_parquet(truth / "churned.parquet").set_index("person_id")["gone_on"]
    rows = scores.merge(people, on="customer_id").merge(
        hazard[["person_id", "probability_6m"]], on="person_id"
    )
    rows = rows.merge(_feature(read, day, "own_txn_count_90d"), on="customer_id")
    left = pd.to_datetime(rows["person_id"].map(gone))
    rows = rows[~(left <= pd.Timestamp(day))]
    left = left.loc[rows.index]
    y = (left <= pd.Timestamp(add_months(day, 6))).to_numpy(float)
    ours, oracle = rows["probability"].to_numpy(), rows["probability_6m"].to_numpy()
    three, cases = (ours, -rows["own_txn_count_90d"].to_numpy(), oracle), int(y.sum())
    said, true = (metrics.calibration_error(y, p) for p in (ours, oracle))
    return [
        Figure.of("churn", "auc", lambda s: metrics.auc(y, s), three, cases),
        Figure.of("churn", "lift_10", lambda s: metrics.lift_at(y, s), three, cases),
        Figure("churn", "calibration_error", said, metrics.NAN, true, cases),
    ]


def _survival(read: Read, truth: Path, people: pd.DataFrame) -> list[Figure]:
    """Each horizon that the truth reaches; it knows of a year past the end who is gone."""
    columns = ["customer_id", "months", "probability"]
    scores, day = _latest(read, "models.churn_survival", columns)
    if day is None:
        return []
    gone = pd.read_parquet(truth / "churned.parquet").set_index("person_id")["gone_on"]
    rows = scores.merge(people, on="customer_id").merge(
        _feature(read, day, "own_txn_count_90d"), on="customer_id"
    )
    left = pd.to_datetime(rows["person_id"].map(gone))
    rows, left = rows[~(left <= pd.Timestamp(day))], left[~(left <= pd.Timestamp(day))]
    made = []
    for months in sorted(m for m in rows["months"].unique() if m <= KNOWN_MONTHS):
        part = rows[rows["months"] == months]
        y = (left.loc[part.index] <= pd.Timestamp(add_months(day, int(months)))).to_numpy(float)
        said, naive = part["probability"].to_numpy(), -part["own_txn_count_90d"].to_numpy()
        pairs = {"auc": (metrics.auc(y, said), metrics.auc(y, naive)),
                 "calibration_error": (metrics.calibration_error(y, said), metrics.NAN)}  # fmt: skip
        made += [
            Figure("churn", f"{n}_{months}m", a, b, metrics.NAN, int(y.sum())) for n, (a, b) in pairs.items()
        ]
    return made


def _lifetime(read: Read, truth: Path, people: pd.DataFrame) -> list[Figure]:
    """The order of the 12-month value; the truth has neither loss nor discount in it, so no level is compared."""
    columns: list[str | Column] = [
        "customer_id",
        F.col("value_12m").cast("double"),
        F.col("current_value").cast("double"),
    ]
    values, day = _latest(read, "gold.lifetime_value", columns)
    if day is None:
        return []
    future = pd.read_parquet(truth / "future_value.parquet")[["person_id", "expected_profit_12m"]]
    rows = values.merge(people, on="customer_id").merge(future, on="person_id")
    y = rows["expected_profit_12m"].to_numpy()
    three = (rows["value_12m"].to_numpy(), rows["current_value"].to_numpy(), y)
    return [Figure.of("lifetime", "spearman", lambda s: metrics.spearman(y, s), three, len(rows))]


def _value(read: Read, truth: Path, people: pd.DataFrame) -> list[Figure]:
    scores, day = _latest(read, "models.clv_score", ["customer_id", F.col("expected_value").cast("double")])
    if day is None:
        return []
    future = pd.read_parquet(truth / "future_value.parquet")[["person_id", "expected_profit_12m"]]
    naive = _frame(read("gold.customer_value").select("customer_id", F.col("contribution").cast("double")))
    rows = scores.merge(people, on="customer_id").merge(future, on="person_id").merge(naive, on="customer_id")
    y = rows["expected_profit_12m"].to_numpy()
    ours, base = rows["expected_value"].to_numpy(), rows["contribution"].to_numpy()
    return [
        Figure.of("clv", "spearman", lambda s: metrics.spearman(y, s), (ours, base, y), len(rows)),
        Figure.of("clv", "top_tenth_share", lambda s: metrics.top_share(y, s), (ours, base, y), len(rows)),
    ]


def _next_product(read: Read, truth: Path, people: pd.DataFrame) -> list[Figure]:
    scores, day = _latest(read, "models.cross_sell_score", ["customer_id", "product_id", "probability"])
    if day is None:
        return []
    scores["kind"] = scores["product_id"].str.split("|").str[-1].map(KIND_OF)
    # The truth knows kinds, not products: a kind is adopted by any of its products.
    scores["none"] = np.log1p(-scores["probability"].clip(upper=1 - 1e-9))
    by_kind = scores.dropna(subset=["kind"]).groupby(["customer_id", "kind"])["none"].sum().reset_index()
    by_kind["probability"] = -np.expm1(by_kind["none"])
    chances = pd.read_parquet(truth / "propensity.parquet")
    rows = by_kind.merge(people, on="customer_id").merge(chances, on=["person_id", "kind"])
    rows = rows.sort_values(["customer_id", "kind"])
    oracle = rows["probability_6m"].to_numpy()
    y = (np.random.default_rng(7).random(len(rows)) < oracle).astype(float)
    case = pd.factorize(rows["customer_id"])[0]
    popular = rows.groupby("kind")["probability_6m"].transform("mean").to_numpy()
    three = (rows["probability"].to_numpy(), popular, oracle)
    return [
        Figure.of("cross_sell", "map_at_3", lambda s: metrics.map_at_k(case, y, s, 3), three, int(y.sum())),
        # A customer may have three kinds or fewer: which come first tells less than who would take any.
        Figure.of(
            "cross_sell", "top_tenth_share", lambda s: metrics.top_share(oracle, s), three, int(y.sum())
        ),
    ]


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
    print(f"{'model':12}{'metric':20}{'ours':>9}{'naive':>9}{'oracle':>9}{'cases':>8}")
    for f in figures(lambda table: lake.read(spark, table), given.truth):
        print(f"{f.model:12}{f.metric:20}{f.ours:9.4f}{f.baseline:9.4f}{f.oracle:9.4f}{f.cases:8d}")


if __name__ == "__main__":
    main()
