"""Consent: the customer agreed to this purpose on this channel, hasn't taken it back, and it hasn't ended.

For each purpose the last decision about the channel itself counts, else the last one about any channel. A
refusal of any channel after a channel's own consent takes that back; a general consent never lifts a
channel's own refusal. Of decisions on one day the refusal counts.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.gates import GatesConf
from jobs.columns.time import current_as_of
from jobs.gold.gates.interface import CANDIDATE, Evidence, Gate, answer, first_reason

ANY: Final = "any"


def decide(candidates: DataFrame, evidence: Evidence, as_of: date, conf: GatesConf) -> DataFrame:
    """Answers for those who ever decided on the purpose."""
    asked = candidates.select(*CANDIDATE, "purpose", "channel")
    decided = _decisions(evidence, as_of)
    matching = asked.join(decided, on=["customer_id", "purpose"], how="inner").where(
        F.col("decided_for").isin(ANY) | (F.col("decided_for") == F.col("channel"))
    )
    last = matching.groupBy(*CANDIDATE).agg(
        _last(F.col("decided_for") != ANY).alias("own"), _last(F.col("decided_for") == ANY).alias("general")
    )
    counted = F.coalesce("own", "general")
    taken_back = ~F.col("general.granted") & (F.col("general.decided_on") >= F.col("own.decided_on"))
    refused = ~counted["granted"] | F.coalesce(taken_back, F.lit(False))
    endless = counted["expires_on"].isNull()
    ended = F.coalesce(counted["expires_on"] < F.lit(as_of), F.lit(False))
    unended = endless & F.lit(not conf.consent.allow_without_expiry)
    reason = first_reason(
        (refused, "refused"), (ended, "expired"), (unended, "no end stated"), otherwise="given"
    )
    return last.select(*answer(~refused & ~ended & ~unended, reason, counted["version"]))


def _decisions(evidence: Evidence, as_of: date) -> DataFrame:
    """Every decision of every customer known by `as_of`, one row per consent record; what is granted from a later day on isn't yet."""
    consents = current_as_of(evidence["consent"], as_of, "consent_id")
    people = evidence["crosswalk"].select("party_id", "customer_id")
    decided, granted = F.coalesce("granted_on", "valid_from"), F.coalesce("granted", F.lit(False))
    begun = (decided <= F.lit(as_of)) | ~granted
    return (
        consents.where(begun)
        .join(people, on="party_id", how="inner")
        .select(
            "customer_id",
            "purpose",
            F.col("channel").alias("decided_for"),
            decided.alias("decided_on"),
            granted.alias("granted"),
            "expires_on",
            F.col("version").alias("version"),
        )
    )


def _last(which: Column) -> Column:
    """The last decision of a group; of equals the refusal, then the one that ends first."""
    ends = -F.coalesce(F.datediff("expires_on", F.lit("1970-01-01").cast("date")), F.lit(10**6))
    order = F.struct("decided_on", (~F.col("granted")).alias("no"), ends.alias("ends"), "granted", "expires_on", "version")  # fmt: skip
    return F.max(F.when(which, order))


CONSENT = Gate("consent", decide, "no consent recorded")
