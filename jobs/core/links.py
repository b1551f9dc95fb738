"""Who is behind an account, a loan, a card or a source record, as known at each snapshot date.

Links from accounts, loans and cards to parties are read as known at the date. Links from parties to customers are
today's: which records are one person is knowledge about identity, not about what they did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.features import AS_OF
from jobs.columns.time import as_known, current, in_force
from jobs.core.shared import Once, shared_and_sent

ROW: Final = ["customer_id", AS_OF]


@dataclass(frozen=True, slots=True)
class Links:
    """The links of `frames` (holding, loan, card, relationship, crosswalk) at `dates`; each kind is made once, at first use."""

    frames: Mapping[str, DataFrame]
    dates: Sequence[date]
    _made: Once[tuple[str, ...]] = field(default_factory=Once)

    def of(self, entity: str, roles: Sequence[str] = ()) -> DataFrame:
        """(`entity`_id, customer_id, as_of), or for parties (party_id, customer_id). Raises KeyError for a customer."""
        key = (entity, *roles) if entity == "account" else (entity,)
        return self._once(key, lambda: self._make(entity, roles))

    def related(self, kinds: Sequence[str]) -> DataFrame:
        """(customer_id, other_customer_id, as_of): pairs in both directions, related by one of `kinds`, never oneself."""
        return self._once(("related", *kinds), lambda: self._relations(kinds))

    def _once(self, key: tuple[str, ...], make: Callable[[], DataFrame]) -> DataFrame:
        """Few links are sent to every worker. Many are hashed, as rows run to many a link: neither needs sorting."""
        return self._made.get(key, lambda: shared_and_sent(make(), otherwise="shuffle_hash"))

    def _relations(self, kinds: Sequence[str]) -> DataFrame:
        """Relationships as known at each date; one that was ended by then is gone."""
        told = self._current("relationship").where(F.col("kind").isin(*kinds))
        there = told.where(in_force(F.col(AS_OF)))
        pairs = there.select("party_id", "other_party_id", AS_OF).join(
            self.of("party"), on="party_id", how="inner"
        )
        theirs = self.of("party").select(
            F.col("party_id").alias("other_party_id"), F.col("customer_id").alias("other_customer_id")
        )
        one_way = pairs.join(theirs, on="other_party_id", how="inner").where(
            "customer_id <> other_customer_id"
        )
        back = one_way.select(
            F.col("other_customer_id").alias("customer_id"),
            F.col("customer_id").alias("other_customer_id"),
            AS_OF,
        )
        return one_way.select("customer_id", "other_customer_id", AS_OF).unionByName(back).distinct()

    def _make(self, entity: str, roles: Sequence[str]) -> DataFrame:
        match entity:
            case "party":
                return self.frames["crosswalk"].select("party_id", "customer_id")
            case "account":
                return self._accounts(roles)
            case _:
                return self._contracts(entity)

    def _accounts(self, roles: Sequence[str]) -> DataFrame:
        """Everyone in one of `roles` by each date, closed contracts included."""
        held = self._current("holding")
        begun = held.where(F.coalesce(F.col("opened_on") <= F.col(AS_OF), F.lit(True)))
        mine = begun.where(F.col("role").isin(*roles)).select("party_id", "account_id", AS_OF)
        linked = mine.join(self.of("party"), on="party_id", how="inner")
        return linked.select("account_id", *ROW).distinct()

    def _contracts(self, entity: str) -> DataFrame:
        """The party that a loan or card names, or else the owners of its account."""
        key = f"{entity}_id"
        contracts = self._current(entity).select(key, "party_id", "account_id", AS_OF)
        named = contracts.join(self.of("party"), on="party_id", how="inner")
        owners = self.of("account", ("owner", "joint"))
        unnamed = contracts.where(F.col("party_id").isNull()).join(
            owners, on=["account_id", AS_OF], how="inner"
        )
        return named.select(key, *ROW).unionByName(unnamed.select(key, *ROW)).distinct()

    def _current(self, entity: str) -> DataFrame:
        """The state of each key as known at the close of each date."""
        known = at_dates(as_known(self.frames[entity], max(self.dates)), self.dates)
        return current(known.where(F.col("known_from") <= F.col(AS_OF)), f"{entity}_id", AS_OF)


def at_dates(rows: DataFrame, dates: Sequence[date]) -> DataFrame:
    """Each row once for each date, in a column as_of."""
    days = [F.lit(d) for d in dates]
    return rows.withColumn(AS_OF, days[0] if len(days) == 1 else F.explode(F.array(*days)))
