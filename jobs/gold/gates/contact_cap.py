"""Contact cap: the customer wasn't contacted too often lately, all campaigns, channels and lists of the day together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.gates import GatesConf
from jobs.columns.time import as_known
from jobs.gold.gates.interface import CANDIDATE, DENIAL, Evidence, Gate, answer, first_reason

NAME: Final = "contact_cap"
TAKEN: Final = "other lists of the day fill the cap"


def decide(candidates: DataFrame, evidence: Evidence, as_of: date, conf: GatesConf) -> DataFrame:
    """Answers for everybody, once the bank has delivered a log of contacts at all."""
    cap = conf.contact_cap
    counts, log = _made(evidence, as_of, conf), as_known(evidence["campaign_contact"], as_of)
    last = log.agg(F.max("known_from").alias("log_until"))
    if not cap.allow_empty_log:
        last = last.where(F.col("log_until").isNotNull())
    rows = candidates.select(*CANDIDATE).join(counts, on="customer_id", how="left")
    full = F.coalesce(F.col("contacts"), F.lit(0)) >= cap.contacts
    reason = first_reason((full, "contacted too often lately"), otherwise="below the cap")
    return rows.crossJoin(F.broadcast(last)).select(*answer(~full, reason, F.col("log_until")))


def shared_out(
    judged: DataFrame, evidence: Evidence, order: Sequence[str], as_of: date, conf: GatesConf
) -> DataFrame:
    """`judged` (as evaluate gives) with the day's lists, too, held to the cap: each may become a contact.

    Whom every gate lets onto more lists than there is room for stays on the first ones, in the `order` of segments.
    """
    lists = F.array(*[F.lit(name) for name in order])
    first = Window.partitionBy("customer_id").orderBy(
        F.desc("allowed"), F.array_position(lists, F.col("segment")), "segment"
    )
    counted = judged.withColumn("_place", F.row_number().over(first)).join(
        _made(evidence, as_of, conf), on="customer_id", how="left"
    )
    due = F.coalesce("contacts", F.lit(0)) + F.col("_place")
    over = F.col("allowed") & (due > conf.contact_cap.contacts)
    denied = F.array(F.struct(F.lit(NAME).alias("gate"), F.lit(TAKEN).alias("reason")))
    told = {
        "denials": F.when(over, denied.cast(f"array<{DENIAL}>")).otherwise(F.col("denials")),
        "allowed": F.col("allowed") & ~over,
    }
    return counted.withColumns(told).drop("_place", "contacts")


def _made(evidence: Evidence, as_of: date, conf: GatesConf) -> DataFrame:
    """(customer_id, contacts): contacts within the cap's days."""
    recent = F.col("contacted_on").between(
        F.lit(as_of - timedelta(days=conf.contact_cap.days - 1)), F.lit(as_of)
    )
    people = evidence["crosswalk"].select("party_id", "customer_id")
    made = as_known(evidence["campaign_contact"], as_of).where(recent).join(people, on="party_id")
    return made.groupBy("customer_id").agg(F.count("*").alias("contacts"))


CONTACT_CAP = Gate(NAME, decide, "no log of contacts")
