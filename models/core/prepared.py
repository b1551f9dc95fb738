"""What training and backtests start from: frames as the bank knew them, a bounded sample of customers, counted labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.models import ModelSpec
from jobs.core.features import FRAMES
from models.core.book import HOLDINGS
from models.core.gate import too_few
from models.core.splits import Split, snapshot_dates
from models.core.trainable import Frames, Labelled, OwnModel, TrainableModel

HISTORY: Final = ("account_daily", "booked_on")
"""The frame and date by which the bank's history is as long as it is."""
BY_CUSTOMER: Final = frozenset({"crosswalk", HOLDINGS})
BY_ACCOUNT: Final = frozenset({"account_daily", "balance"})


@dataclass(frozen=True, slots=True)
class PastBook:
    """`frames` by name, narrowed to `customers` (column customer_id, persisted).

    `first_known`: when the bank's history begins; None where there is none.
    """

    frames: Frames
    customers: DataFrame
    first_known: date | None

    def dates(self, spec: ModelSpec, as_of: date) -> tuple[date, ...]:
        """Past dates whose label windows are complete at `as_of`, oldest first."""
        return snapshot_dates(as_of, self.first_known or as_of, spec.horizon_months, spec.snapshots)

    def counted(self, model: TrainableModel, spec: ModelSpec, dates: tuple[date, ...]) -> Counted:
        """The labels at `dates`, persisted, and how many there are of each date."""
        rows = model.outcomes(self.frames, spec, model.candidates(self.frames, spec, dates), dates).persist()
        return Counted(model, spec, rows, _by_date(rows))


@dataclass(frozen=True, slots=True)
class Counted:
    """A model's labels, and of each date the positive cases and all rows."""

    model: TrainableModel
    spec: ModelSpec
    rows: DataFrame
    by_date: Mapping[date, tuple[int, int]]

    def split(self, split: Split) -> Labelled | str:
        """What trains and judges, or why there are too few cases."""
        cases, rows_train = self._sums(split.train)
        later_cases, rows_later = self._sums(split.later)
        if refusal := too_few(self.spec.gate, cases, later_cases):
            return refusal
        return Labelled(self.model, self.spec, split, self.rows, cases, later_cases, rows_train, rows_later)

    def cases(self, split: Split) -> int:
        """Positive cases in the windows that train."""
        return self._sums(split.train)[0]

    def _sums(self, dates: tuple[date, ...]) -> tuple[int, int]:
        found = [self.by_date.get(d, (0, 0)) for d in dates]
        return sum(c for c, _ in found), sum(n for _, n in found)


def scored_ones(model: TrainableModel, spec: ModelSpec, rows: DataFrame, book: DataFrame) -> Counted:
    """The labels that a scoring would ask for, told by the features in `book`, and how many there are of each date.

    What is never scored would teach the wrong level: that someone rarely has what they may not have says nothing of
    those who may, and the limits that tell them apart may be barred from training.
    """
    asked = F.coalesce(F.expr(model.scored(spec) if model.scored else "true"), F.lit(True))
    known = rows.join(book, on=["customer_id", "as_of"], how="inner").where(asked)
    few = known.select(*rows.columns)
    return Counted(model, spec, few, _by_date(few))


def _by_date(rows: DataFrame) -> dict[date, tuple[int, int]]:
    positive = F.sum((F.col("label") > 0).cast("int")).alias("cases")
    found = rows.groupBy("as_of").agg(positive, F.count("*").alias("rows")).collect()
    return {r["as_of"]: (int(r["cases"]), int(r["rows"])) for r in found}


def prepare(
    read_table: Callable[[str], DataFrame],
    chosen: Sequence[tuple[TrainableModel | OwnModel, ModelSpec]],
    as_of: date,
) -> PastBook:
    """All frames that the chosen models and their features read, as known at the close of `as_of`."""
    wanted = {**FRAMES, **{k: v for m, _ in chosen for k, v in m.tables.items()}}
    frames = {name: as_known_at(read_table(table), as_of) for name, table in wanted.items()}
    most = max(spec.learn.max_customers for _, spec in chosen)
    customers = sampled_customers(frames["crosswalk"], most).persist()
    return PastBook(narrowed(frames, customers), customers, _first_known(frames))


def _first_known(frames: Frames) -> date | None:
    begun = frames[HISTORY[0]].agg(F.min(HISTORY[1])).first()
    found: date | None = begun[0] if begun else None
    return found


def as_known_at(rows: DataFrame, as_of: date) -> DataFrame:
    """What the bank knew at the close of `as_of`; tables without known_from hold the present state only."""
    return rows.where(F.col("known_from") <= F.lit(as_of)) if "known_from" in rows.columns else rows


def narrowed(frames: Frames, customers: DataFrame) -> dict[str, DataFrame]:
    """The frames, with what is read most left to the sampled customers and their accounts."""
    few = F.broadcast(customers)
    kept = {n: f.join(few, on="customer_id", how="left_semi") for n, f in frames.items() if n in BY_CUSTOMER}
    if HOLDINGS not in kept:
        return {**frames, **kept}
    accounts = (
        kept[HOLDINGS].select(F.explode(F.array("account_id", "contract_id")).alias("account_id")).distinct()
    )
    for name in BY_ACCOUNT & set(frames):
        kept[name] = frames[name].join(F.broadcast(accounts), on="account_id", how="left_semi")
    return {**frames, **kept}


def sampled_customers(crosswalk: DataFrame, most: int) -> DataFrame:
    """About `most` customers, the same ones whenever the book is the same; all of them where there are fewer."""
    everyone = crosswalk.select("customer_id").distinct()
    number = everyone.count()
    if number <= most:
        return everyone
    return everyone.where(
        F.pmod(F.xxhash64("customer_id"), F.lit(1_000_000)) < int(1_000_000 * most / number)
    )
