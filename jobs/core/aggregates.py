"""A feature source's rows aggregated by customer and date, so that the order of the rows never shows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import reduce
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType, DataType, DecimalType, DoubleType, FloatType, IntegralType

from conf.features import AS_OF, FeatureSource, FeatureSpec
from jobs.core.links import ROW

DIGITS: Final = 6
"""Features are rounded to this many decimals, so that the order of a floating sum never shows in a table."""
COARSE: Final = {"slope": 4, "stddev": 4}
"""Those that lose more digits on the way."""
EXACT: Final = "decimal(38,6)"
"""What floating values are summed as: where a sum is large, its last bits are above those decimals."""
UNITS: Final = "_units_"
"""Prefix of columns that hold a decimal column's values in units of its last place, as two whole numbers: thousand millions, and the
rest. These add up faster than decimals, whose sums outgrow a long, as exactly, and for as many rows as there may be."""
LONG_DIGITS: Final = 18
"""What fits a long."""
THOUSAND_MILLION: Final = 10**9
WHOLE: Final = "decimal(28,0)"
COUNTED: Final = ("count", "days_since", "distinct")
"""Aggregates that are whole numbers whatever they are of."""
KEPT: Final = ("latest", "max", "min", "sum")
"""Those that have no more decimals than what they are of."""
HELD: Final = ("distinct", "latest")
"""Aggregates that hold more than a number for each customer."""


def aggregated(owned: DataFrame, source: FeatureSource, wanted: Mapping[str, FeatureSpec]) -> DataFrame:
    """`owned` (a source's rows with customer_id and as_of) as one row per customer and date, one double a feature.

    Sets and last rows apart: one of them would keep all others from compiled code.
    """
    held = {n: f for n, f in wanted.items() if f.aggregate in HELD}
    plain = {n: f for n, f in wanted.items() if n not in held}
    if not held or not plain:
        return _grouped(owned, source, wanted)
    stated = reduce(Column.__or__, [_value(f, source).isNotNull() for f in held.values()])
    apart = _grouped(owned.where(stated), source, held)
    joined = _grouped(owned, source, plain).join(apart, on=ROW, how="left")
    none = {n: F.coalesce(n, F.lit(0.0)) for n, f in held.items() if f.aggregate == "distinct"}
    return joined.withColumns(none)


def _grouped(owned: DataFrame, source: FeatureSource, wanted: Mapping[str, FeatureSpec]) -> DataFrame:
    values = {n: _value(f, source) for n, f in wanted.items()}
    kinds = owned.select(*[value.alias(n) for n, value in values.items()]).schema
    scales = _summed_as_units(owned, {n: (f, kinds[n].dataType) for n, f in wanted.items()})
    counted = owned
    for of, scale in scales.items():
        counted = _with_units(counted, of, scale)
    made = [
        _sum_of_units(f, source, scales[str(f.of)]).alias(n)
        if f.aggregate == "sum" and f.of in scales
        else _aggregate(f, source, values[n], kinds[n].dataType).alias(n)
        for n, f in wanted.items()
    ]
    return counted.groupBy(*ROW).agg(*made)


def _summed_as_units(owned: DataFrame, wanted: Mapping[str, tuple[FeatureSpec, DataType]]) -> dict[str, int]:
    """The decimal columns that features sum as they are, each with its scale."""
    return {
        f.of: kind.scale
        for f, kind in wanted.values()
        if f.aggregate == "sum" and f.of in owned.columns
        and isinstance(kind, DecimalType) and kind.precision <= LONG_DIGITS
    }  # fmt: skip


def _with_units(owned: DataFrame, name: str, scale: int) -> DataFrame:
    whole = f"{UNITS}{name}"
    counted = owned.withColumn(whole, (F.col(name) * F.lit(Decimal(10**scale))).cast("bigint"))
    large = F.expr(f"{whole} div {THOUSAND_MILLION}")
    return counted.withColumns({f"{whole}_large": large, f"{whole}_rest": F.col(whole) % THOUSAND_MILLION})


def _sum_of_units(feature: FeatureSpec, source: FeatureSource, scale: int) -> Column:
    large, rest = (
        F.sum(_value(feature.model_copy(update={"of": f"{UNITS}{feature.of}_{part}"}), source)).cast(WHOLE)
        for part in ("large", "rest")
    )
    summed = (large * THOUSAND_MILLION + rest).cast("double") / 10**scale
    return summed if scale <= DIGITS else F.round(summed, DIGITS)


def _aggregate(feature: FeatureSpec, source: FeatureSource, value: Column, kind: DataType) -> Column:
    """The feature's aggregate over a customer's rows of a date, as a double of few decimals.

    To round one, Spark writes it out in digits and reads it again: where there is nothing to round, that is left out.
    """
    floating = isinstance(kind, DoubleType | FloatType)
    on, summed = F.col(source.on), value.cast(EXACT) if floating else value
    counted = F.when(value.isNotNull(), on)
    aggregates = {
        "count": lambda: F.count(value),
        "days_since": lambda: F.datediff(F.col(AS_OF), F.max(counted)),
        "distinct": lambda: F.size(F.collect_set(value)),  # no Expand of every row, as count_distinct would
        "latest": lambda: F.max(F.when(value.isNotNull(), F.struct(on, F.col("known_from"), value.alias("v"))))["v"],
        "max": lambda: F.max(value),
        "mean": lambda: F.avg(summed),
        "min": lambda: F.min(value),
        "slope": lambda: F.regr_slope(value.cast("double"), F.datediff(on, F.col(AS_OF)) / 30),
        "stddev": lambda: F.stddev_samp(value.cast("double")),
        "sum": lambda: F.sum(summed),
    }  # fmt: skip
    made = aggregates[feature.aggregate]().cast("double")
    return made if _has_few_decimals(feature, kind) else F.round(made, COARSE.get(feature.aggregate, DIGITS))


def _has_few_decimals(feature: FeatureSpec, kind: DataType) -> bool:
    """Whether the aggregate can have no more than DIGITS decimals."""
    short = isinstance(kind, IntegralType | BooleanType) or (
        isinstance(kind, DecimalType) and kind.scale <= DIGITS
    )
    return feature.aggregate in COUNTED or (feature.aggregate in KEPT and short)


def _value(feature: FeatureSpec, source: FeatureSource) -> Column:
    """What is aggregated: `of` on rows inside the window that pass `where`, else null."""
    inside = F.expr(feature.where) if feature.where else F.lit(True)
    if feature.window_days:
        inside = inside & (F.col(source.on) > F.date_sub(AS_OF, source.lag_days + feature.window_days))
    return F.when(inside, F.expr(feature.of) if feature.of else F.lit(1))
