"""Hold-out: a fixed share of customers is never addressed, so that what campaigns do can be told from what happens."""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from conf.gates import GatesConf
from jobs.gold.gates.interface import Evidence, Gate, answer, first_reason

STEPS: Final = 10_000


def decide(candidates: DataFrame, _evidence: Evidence, _as_of: date, conf: GatesConf) -> DataFrame:
    """Answers for everybody: by a hash of salt and customer id, the same on every day and machine."""
    salted = F.sha2(F.concat(F.lit(conf.hold_out.salt + "|"), F.col("customer_id")), 256)
    step = F.conv(F.substring(salted, 1, 8), 16, 10).cast("bigint") % STEPS
    held = step < round(conf.hold_out.share * STEPS)
    reason = first_reason((held, "held out"), otherwise="not held out")
    return candidates.select(*answer(~held, reason, F.lit(conf.hold_out.salt)))


HOLD_OUT = Gate("hold_out", decide, "hold-out unknown")
