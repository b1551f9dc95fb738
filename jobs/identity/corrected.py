"""What stewards say of golden values, laid over what records state: a value set stands above all others, a rejected one is none."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.contracts import STEWARD
from conf.survivorship import SurvivorshipConf
from jobs.core.shared import sent
from jobs.identity.candidates import STATED, as_stated
from jobs.identity.correction import REJECT, SET, judged
from jobs.identity.survivorship import valid
from models.matching.decisions import DONE, IN_FORCE


def corrected(stated: DataFrame, correction: DataFrame, crosswalk: DataFrame, country: str) -> DataFrame:
    """`stated` (as `candidates.of_customers` gives it) with the corrections in force.

    A correction goes with the record that it names, gone or not, to whichever customer that belongs to, if one with a live
    record. Of two that a merge brings to one customer the later counts, a withdrawal too. A bank without corrections pays for the question alone.
    """
    words = correction.where(F.col("status").isin(IN_FORCE, DONE))
    if words.isEmpty():
        return stated
    live = crosswalk.where("is_live").select("customer_id").distinct()
    owned = crosswalk.select("party_id", "customer_id", "kind").join(live, on="customer_id", how="left_semi")
    mine = as_stated(words.join(owned, on="party_id", how="inner"), country).where(
        "stated IS NOT NULL OR value IS NULL"
    )
    standing = judged(mine, "customer_id", "attribute").where(F.col("status") == IN_FORCE).localCheckpoint()
    never = (
        standing.where(F.col("correction") == REJECT).select("customer_id", "attribute", "form").distinct()
    )
    left = stated.join(sent(never, never.count()), on=["customer_id", "attribute", "form"], how="left_anti")
    return left.unionByName(as_candidates(standing.where(F.col("correction") == SET)).select(*left.columns))


def as_candidates(words: DataFrame, *beside: str) -> DataFrame:
    """Values set (`as_stated`, with whose they are) as candidates: of the source STEWARD, stated when they were said."""
    return words.select(
        *beside,
        "customer_id",
        "kind",
        "party_id",
        F.lit(STEWARD).alias("source"),
        "attribute",
        F.col("stated").alias("value"),
        "form",
        "parts",
        F.lit(STATED).alias("verified"),
        F.to_date("decided_at").alias("valid_from"),
    )


def unfit(words: DataFrame, conf: SurvivorshipConf, country: str) -> DataFrame:
    """Of `words` (line, correction, attribute, value, decided_at, party_id, customer_id, kind) those that could never hold:
    (line, attribute, is_value), is_value false where the attribute has no such value, true where its `valid` refuses it.
    """
    told = as_stated(words.where("value IS NOT NULL"), country)
    nothing = told.where("stated IS NULL").select("line", "attribute", F.lit(False).alias("is_value"))
    asked = as_candidates(told.where((F.col("correction") == SET) & F.col("stated").isNotNull()), "line")
    refused = asked.join(valid(asked, conf).select("line"), on="line", how="left_anti")
    return nothing.unionByName(refused.select("line", "attribute", F.lit(True).alias("is_value")))
