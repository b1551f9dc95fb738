"""What customers contributed in the months after a date: the horizon's total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.models import ClvSpec
from models.clv.contribution import contributed
from models.core.splits import add_months


def outcomes(
    frames: Mapping[str, DataFrame], spec: ClvSpec, rows: DataFrame, dates: Sequence[date]
) -> DataFrame:
    """The candidates with label: contribution in (as_of, as_of + horizon], in the bank's currency."""
    spans = {d: (d, add_months(d, spec.horizon_months)) for d in dates}
    earned = contributed(frames, spec.label, {"label": spans}, known_by=None)
    joined = rows.join(earned, on=["customer_id", "as_of"], how="left")
    return joined.withColumn("label", F.coalesce("label", F.lit(0.0)))
