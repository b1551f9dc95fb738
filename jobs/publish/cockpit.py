"""The cockpit: one page of how the book, its models, lists and warnings stand. Counts and figures only, nobody's data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.columns.spans import standing
from jobs.core.catalog import Lake
from jobs.core.ledger import Entry
from jobs.core.quality import TABLE as QUALITY
from jobs.publish import charts

TEMPLATE: Final = Path(__file__).with_name("cockpit.html.jinja")
SHOWN: Final = 10
"""Features that drifted most."""
SCORE: Final = "score"
"""The subject of gold.model_drift that is the model's own output."""
Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Cockpit:
    """What the page shows of a business date, and of the `days` before it; each a few rows."""

    bank: str
    as_of: date
    tables: Rows
    retrain: Rows
    drift: Rows
    score_drift: Rows
    outcomes: Rows
    segments: Rows
    alerts: Rows
    warned: Rows
    quality: Rows
    identity: Rows

    def html(self) -> str:
        """The whole page; it needs no other file."""
        facts = {name: getattr(self, name) for name in self.__slots__}
        pictures = {
            "drift_picture": charts.score_drift(self.score_drift),
            "calibration_picture": charts.calibration([r for r in self.outcomes if r["attribute"] != "all"]),
            "segment_picture": charts.bars(
                [(r["segment"], r["members"]) for r in self.segments], "customers"
            ),
        }
        return _template().render(**facts, **pictures)


@dataclass(frozen=True, slots=True)
class Gathering:
    """Reads a lake for the cockpit at `as_of`; every question is aggregated before it is collected."""

    lake: Lake
    spark: SparkSession
    as_of: date
    days: int

    def cockpit(self, bank: str, entries: Sequence[Entry]) -> Cockpit:
        """The page's facts; a table that doesn't exist yet leaves its part empty."""
        return Cockpit(
            bank=bank,
            as_of=self.as_of,
            tables=_troubled(entries),
            retrain=self._last("gold.model_retrain", "model"),
            drift=self._drifted(),
            score_drift=self._score_drift(),
            outcomes=self._outcomes(),
            segments=self._segments(),
            alerts=self._alerts(),
            warned=self._last("gold.alert_outcome", "alert"),
            quality=self._quality(),
            identity=self._identity(),
        )

    def _read(self, table: str) -> DataFrame | None:
        return self.lake.read(self.spark, table) if self.lake.version(table) is not None else None

    def _dated(self, table: str) -> DataFrame | None:
        """Rows of the days that the page reaches back."""
        rows, first = self._read(table), self.as_of - timedelta(self.days)
        return None if rows is None else rows.where(F.col("as_of").between(F.lit(first), F.lit(self.as_of)))

    def _last(self, table: str, *order: str) -> Rows:
        """The rows of a table's last date."""
        rows = self._dated(table)
        if rows is None:
            return []
        last = rows.agg(F.max("as_of").alias("as_of"))
        return _collected(rows.join(F.broadcast(last), on="as_of", how="inner").orderBy(*order))

    def _drifted(self) -> Rows:
        """The features that lie furthest from training."""
        found = [r for r in self._last("gold.model_drift", "model") if r["subject"] != SCORE]
        return sorted(found, key=lambda r: (-(r["psi"] or 0), r["model"], r["subject"]))[:SHOWN]

    def _score_drift(self) -> Rows:
        rows = self._dated("gold.model_drift")
        return (
            []
            if rows is None
            else _collected(rows.where(F.col("subject") == SCORE).orderBy("model", "as_of"))
        )

    def _outcomes(self) -> Rows:
        """The youngest judged scores of each model, by slice; however long ago, since a horizon is months."""
        rows = self._read("gold.model_outcome")
        if rows is None:
            return []
        known = rows.where(F.col("as_of") <= F.lit(self.as_of))
        last = known.groupBy("model").agg(F.max("scored_on").alias("scored_on"))
        young = known.join(F.broadcast(last), on=["model", "scored_on"], how="inner")
        return _collected(young.orderBy("model", F.col("attribute") != "all", "attribute", "group_name"))

    def _segments(self) -> Rows:
        """Members at the date, and who came and went in these days."""
        history = self._read("gold.segment_history")
        if history is None:
            return []
        members = standing(history, "segment", "customer_id", at=self.as_of)
        first = self.as_of - timedelta(self.days)
        recent = history.where(F.col("valid_from").between(F.lit(first), F.lit(self.as_of)))
        moved = recent.groupBy("segment").agg(
            F.count_if(~F.col("is_deleted")).alias("entered"), F.count_if("is_deleted").alias("left")
        )
        sizes = members.groupBy("segment").agg(F.count("*").alias("members"))
        rows = sizes.join(moved, on="segment", how="full").na.fill(0).orderBy("segment")
        return _collected(rows)

    def _alerts(self) -> Rows:
        history = self._read("gold.alert_history")
        if history is None:
            return []
        rows = standing(history, "customer_id", "alert", at=self.as_of)
        told = rows.groupBy("alert", "level").agg(
            F.count("*").alias("standing"), F.count_if("within_budget").alias("within_budget")
        )
        return _collected(told.orderBy("alert", "level"))

    def _quality(self) -> Rows:
        rows = self._read(QUALITY)
        if rows is None:
            return []
        today = rows.where((F.col("as_of") == F.lit(self.as_of)) & ~F.col("outcome").isin("ok", "skipped"))
        return _collected(today.orderBy("outcome", "table", "rule"))

    def _identity(self) -> Rows:
        """The measures of the last day and of the one before; of several items the largest."""
        rows = self._dated("identity.watch")
        if rows is None:
            return []
        told = rows.groupBy("measure", "as_of").agg(F.max("value").alias("value")).orderBy("measure", "as_of")
        by_measure: dict[str, list[float]] = {}
        for row in told.collect():
            by_measure.setdefault(row["measure"], []).append(row["value"])
        return [
            {"measure": name, "value": values[-1], "before": values[-2] if len(values) > 1 else None}
            for name, values in by_measure.items()
        ]


def _troubled(entries: Sequence[Entry]) -> Rows:
    """Tables that failed, or that were built on one that did."""
    return [
        {"table": e.table, "outcome": e.outcome, "message": e.message, "stale": ", ".join(e.stale)}
        for e in entries
        if e.outcome == "failed" or e.stale
    ]


def _collected(rows: DataFrame) -> Rows:
    return [r.asDict() for r in rows.collect()]


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
