"""The book at past dates: which contracts ran, and one-pass aggregates of dated rows at several dates at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.features import FeaturesConf
from jobs.core.features import widened
from jobs.core.vectors import stored, with_vectors
from models.core.encoding import MissingFeaturesError

HOLDINGS: Final = "customer_holding"


def running_at(holdings: DataFrame, dates: Sequence[date], roles: Sequence[str]) -> DataFrame:
    """One row per date (as_of), customer and contract that ran at the close of that date in one of `roles`.

    `holdings` has the columns of gold.customer_holding; all of them stay.
    """
    snapshots = F.explode(F.array(*[F.lit(d) for d in dates])).alias("as_of")
    mine = holdings.where(F.col("role").isin(*roles)).select("*", snapshots)
    begun = F.coalesce(F.col("opened_on") <= F.col("as_of"), F.lit(True))
    return mine.where(begun & F.coalesce(F.col("closed_on") > F.col("as_of"), F.lit(True)))


def at_each(
    rows: DataFrame,
    by: Sequence[str],
    dates: Sequence[date],
    aggregates: Callable[[date], Mapping[str, Column]],
) -> DataFrame:
    """One row per group `by` and date (as_of) with the aggregates for that date, in one pass over `rows`."""
    at = [F.struct(F.lit(d).alias("as_of"), *[a.alias(n) for n, a in aggregates(d).items()]) for d in dates]
    return rows.groupBy(*by).agg(F.array(*at).alias("_at")).select(*by, F.inline("_at"))


def within(day: str, after: date, until: date) -> Column:
    """Whether the date column lies in (after, until]."""
    return (F.col(day) > F.lit(after)) & (F.col(day) <= F.lit(until))


def horizon_end(months: int) -> Column:
    """The month's end `months` after as_of, itself a month's end."""
    return F.last_day(F.add_months("as_of", months))


def features_of(
    table: DataFrame, as_of: date, config: FeaturesConf, names: Iterable[str], columns: Sequence[str] = ()
) -> DataFrame:
    """The rows of gold.feature of one date: each with its vector (jobs.core.vectors), `columns` as columns too.

    Raises MissingFeaturesError where one of `names` or `columns` is no longer configured.
    """
    if gone := sorted({*names, *columns} - set(config.names)):
        raise MissingFeaturesError(
            f"no features {', '.join(gone)} under conf/shared/features", "configure them again, or train anew"
        )
    today = with_vectors(table.where(F.col("as_of") == F.lit(as_of)), config)
    known = today.select("customer_id", "as_of", "features", stored(today).column)
    return widened(known, columns, config)
