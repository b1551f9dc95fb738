"""identity.correction: one row per thing that a steward said of a golden value, and whether it is in force.

`onebook steward correct` alone adds rows (jobs/identity/correcting.py); this job reads its own table and only brings the
statuses up to date, so that no rebuild can lose what people said.
"""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.matching import MatchingConf
from jobs.core.job import IfAny, Job, Snapshot
from jobs.core.schema import column, schema
from jobs.identity.candidates import as_stated
from jobs.identity.signed import SIGNATURE, status
from models.matching.decisions import DONE, IN_FORCE, REPLACED, WITHDRAW, WITHDRAWN

SET, REJECT = "set", "reject"
CORRECTIONS: Final = (SET, REJECT, WITHDRAW)
SCHEMA = schema(
    column("correction_id", "string", level=1, category="key", meaning="hash of record, attribute, value, author and time"),
    column("party_id", "string", level=2, category="key", meaning="a record of the customer that is spoken of"),
    column("attribute", "string", level=1, category="key", meaning="golden attribute; an address is spoken of whole"),
    column(
        "correction",
        "string",
        level=2,
        category="reference",
        meaning="set (this is the value), reject (this never is) or withdraw",
    ),
    column(
        "value",
        "string",
        level=5,
        category="direct_identifier",
        meaning="the value as the steward wrote it; null where a withdrawal is of all that was said",
    ),
    *SIGNATURE,
    status(
        "among what was said of the record: in_force, replaced, withdrawn, done (a withdrawal), new (before the next run)"
    ),
    key="correction_id",
    subject="party_id",
    restricted=True,
)  # fmt: skip


def build(correction: DataFrame, bank: Bank) -> DataFrame:
    """Every correction with its status among what was said of the same record and attribute."""
    country = bank.section("matching", MatchingConf).phone_country
    told = judged(as_stated(correction, country), "party_id", "attribute")
    return told.select(*SCHEMA.names)


def judged(words: DataFrame, *owner: str) -> DataFrame:
    """`words` (owner, correction_id, correction, value, form, decided_at, batch) with their `status`.

    The last word counts: what is set replaces what was set before, or the rejection of the same value, which a rejection
    replaces in turn. A withdrawal takes back all that was said of its value until then, or of the attribute where it names
    none. Of one moment the later import counts.
    """
    later = words.select(
        *owner, _moment().alias("_at"), F.col("correction").alias("_word"),
        F.col("form").alias("_form"), F.col("value").isNull().alias("_of_all"),
    )  # fmt: skip
    met = words.select(*owner, "correction_id", "correction", "form", _moment().alias("_said")).join(
        later, on=list(owner), how="inner"
    )
    over = met.where((F.col("_at") > F.col("_said")) & _overrides())
    first = over.groupBy("correction_id").agg(F.min_by("_word", "_at").alias("_first"))
    return (
        words.drop("status")
        .join(first, on="correction_id", how="left")
        .withColumn("status", _status())
        .drop("_first")
    )


def _moment() -> Column:
    return F.struct("decided_at", "batch", "correction_id")


def _overrides() -> Column:
    """Whether the later word touches the earlier one."""
    same = F.col("_form") == F.col("form")
    both_set = (F.col("_word") == SET) & (F.col("correction") == SET)
    of_all = (F.col("_word") == WITHDRAW) & F.col("_of_all")
    return F.coalesce(both_set | of_all | same, F.lit(False))


def _status() -> Column:
    return (
        F.when(F.col("correction") == WITHDRAW, DONE)
        .when(F.col("_first") == WITHDRAW, WITHDRAWN)
        .when(F.col("_first").isNotNull(), REPLACED)
        .otherwise(IN_FORCE)
    )


JOB = Job(
    table="identity.correction",
    inputs={"correction": IfAny("identity.correction")},
    build=build,
    schema=SCHEMA,
    write=Snapshot(followed=True),
    grain="one row per correction of a golden value by a steward",
)
