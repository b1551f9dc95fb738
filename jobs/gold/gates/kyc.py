"""KYC: the customer's identity check is valid and ends after the day."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.gates import GatesConf
from jobs.gold.gates.interface import CANDIDATE, Evidence, Gate, answer, first_reason


def decide(candidates: DataFrame, evidence: Evidence, as_of: date, _: GatesConf) -> DataFrame:
    """Answers for every customer whose status is known."""
    known = evidence["golden_record"].select("customer_id", "kyc_status", "kyc_expires_on")
    rows = candidates.select(*CANDIDATE).join(known, on="customer_id", how="inner")
    status, ends = F.col("kyc_status"), F.col("kyc_expires_on")
    told = rows.where(status.isNotNull())
    allowed = (status == "valid") & F.coalesce(ends > F.lit(as_of), F.lit(False))
    reason = first_reason(
        (status != "valid", "identity check not valid"),
        (ends.isNull(), "no end stated"),
        (ends <= F.lit(as_of), "identity check expired"),
        otherwise="valid",
    )
    return told.select(*answer(allowed, reason, ends))


KYC = Gate("kyc", decide, "no identity check recorded")
