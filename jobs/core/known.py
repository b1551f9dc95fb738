"""A feature source's rows as known at each date: what had been told by then, and had happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.features import AS_OF, FeatureSource, FeatureSpec
from jobs.columns.time import as_known
from jobs.core.links import at_dates
from jobs.core.shared import Once, shared

VERSIONS: Final = "versions"


@dataclass(frozen=True, slots=True)
class Known:
    """The rows of `tables` (frames by table name) at `dates`. A state that several of `sources` read is made once."""

    tables: Mapping[str, DataFrame]
    dates: Sequence[date]
    sources: Sequence[FeatureSource]
    _made: Once[FeatureSource] = field(default_factory=Once)

    def rows(self, source: FeatureSource, wanted: Mapping[str, FeatureSpec]) -> DataFrame:
        """Rows known and happened by each date (as_of); of versions the last of each key, of events none older than
        the longest window of `wanted`. Raises KeyError where the source's table isn't there.
        """
        if source.shape != VERSIONS:
            return self._events(source, _longest(wanted))
        state = _state(source)
        if Counter(map(_state, self.sources))[state] == 1:
            return self._last(source)
        return self._made.get(state, lambda: shared(self._last(source)))

    def _events(self, source: FeatureSource, longest: int | None) -> DataFrame:
        on = F.col(source.on)
        happened = self._happened(source, longest)
        return (
            happened if longest is None else happened.where(on > F.date_sub(AS_OF, source.lag_days + longest))
        )

    def _happened(self, source: FeatureSource, longest: int | None = None) -> DataFrame:
        """The same bounds stand twice: as literals around all dates, by which files are skipped, and by date."""
        lag, on = timedelta(days=source.lag_days), F.col(source.on)
        near = as_known(self.tables[source.table], max(self.dates)).where(on <= F.lit(max(self.dates) - lag))
        if longest is not None:
            near = near.where(on > F.lit(min(self.dates) - lag - timedelta(days=longest)))
        told = (F.col("known_from") <= F.col(AS_OF)) & (on <= F.date_sub(AS_OF, source.lag_days))
        return at_dates(near, self.dates).where(told)

    def _last(self, source: FeatureSource) -> DataFrame:
        """The last row of each key and date by (its date, known_from, batch); deleted keys are gone.

        As jobs.columns.time.current, by an aggregate in place of a window: states of facts (balances,
        statements) run to many rows a key, and an aggregate combines them before they are shuffled.
        """
        rows = self._happened(source)
        first, key = [source.on, "known_from", "batch_id"], [*source.key, AS_OF]
        others = [c for c in rows.columns if c not in (*first, *key)]
        packed_row = F.struct(*[F.col(c) for c in (*first, *others)])
        last = rows.groupBy(*key).agg(F.max(packed_row).alias("_last")).select(*key, "_last.*")
        return last.where(~F.coalesce("is_deleted", F.lit(False))) if "is_deleted" in rows.columns else last


def _state(source: FeatureSource) -> FeatureSource:
    """The source without what tells whose the rows are: two with the same read the same state."""
    return source.model_copy(update={"entity": "customer", "roles": (), "through": ()})


def _longest(wanted: Mapping[str, FeatureSpec]) -> int | None:
    """The longest window in days; None where one has no bound."""
    windows = [f.window_days for f in wanted.values()]
    return None if any(w is None for w in windows) else max(w for w in windows if w is not None)
