"""Contact cap: the customer wasn't contacted too often lately, all campaigns and channels together."""

from __future__ import annotations

from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.gates import GatesConf
from jobs.columns.time import as_known
from jobs.gold.gates.interface import CANDIDATE, Evidence, Gate, answer, first_reason


def decide(candidates: DataFrame, evidence: Evidence, as_of: date, conf: GatesConf) -> DataFrame:
    """Answers for everybody, once the bank has delivered a log of contacts at all."""
    cap = conf.contact_cap
    log = as_known(evidence["campaign_contact"], as_of)
    recent = F.col("contacted_on").between(F.lit(as_of - timedelta(days=cap.days - 1)), F.lit(as_of))
    people = evidence["crosswalk"].select("party_id", "customer_id")
    made = log.where(recent).join(people, on="party_id", how="inner")
    counts = made.groupBy("customer_id").agg(F.count("*").alias("contacts"))
    last = log.agg(F.max("known_from").alias("log_until"))
    if not cap.allow_empty_log:
        last = last.where(F.col("log_until").isNotNull())
    rows = candidates.select(*CANDIDATE).join(counts, on="customer_id", how="left")
    full = F.coalesce(F.col("contacts"), F.lit(0)) >= cap.contacts
    reason = first_reason((full, "contacted too often lately"), otherwise="below the cap")
    return rows.crossJoin(F.broadcast(last)).select(*answer(~full, reason, F.col("log_until")))


CONTACT_CAP = Gate("contact_cap", decide, "no log of contacts")
