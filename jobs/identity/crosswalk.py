"""identity.crosswalk: one row per source record, with the customer it belongs to.

A customer's id follows from its oldest record (first known, then lowest id), so that it is the same whether days
were run one by one or in one pass, an addition never renames anyone, the older id survives a merge, and on a
split the part that holds the oldest record keeps it. Stewards' decisions in force (identity.decision) are obeyed by
every build.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.matching import Kind, MatchingConf
from jobs.core.job import TOUCHED, History, Job, Output, Snapshot, Touched, Widened
from jobs.core.schema import column, schema
from jobs.core.shared import shared, shared_and_sent
from jobs.identity.decision import in_force
from models.matching.clusters import clustered

ID_DIGITS = 16
ALONE = "alone"

SCHEMA = schema(
    column(
        "party_id",
        "string",
        level=2,
        category="key",
        meaning="source record: source and the source's own key",
    ),
    column("customer_id", "string", level=2, category="key", meaning="the customer, for ever"),
    column("source", "string", level=1, category="technical", meaning="system that delivered the record"),
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("since", "date", level=1, category="time", meaning="first date on which the bank knew the record"),
    column("is_live", "boolean", level=1, category="technical", meaning="false once the source left it out"),
    column(
        "linked_to", "string", level=2, category="key", meaning="record by which it joined, null if alone"
    ),
    column(
        "linked_by",
        "string",
        level=2,
        category="model",
        meaning="exact rule's name, probability, steward, or alone",
    ),
    column("probability", "double", level=3, category="model", meaning="probability of that link"),
    column(
        "component",
        "string",
        level=2,
        category="key",
        meaning="lowest of the records that likely links or decisions hang it together with: decided together",
    ),
    key="party_id",
    subject="customer_id",
)
HISTORY = schema(
    column(
        "party_id",
        "string",
        level=2,
        category="key",
        meaning="source record: source and the source's own key",
    ),
    column("customer_id", "string", level=2, category="key", meaning="the customer it belonged to"),
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("since", "date", level=1, category="time", meaning="first date on which the bank knew the record"),
    column(
        "valid_from", "date", level=1, category="time", meaning="business date from which it belonged there"
    ),
    column(
        "is_deleted", "boolean", level=1, category="technical", meaning="true where the record was erased"
    ),
    key=("party_id", "valid_from"),
    subject="customer_id",
)


def build(
    match_record: DataFrame, match_pair: DataFrame, decision: DataFrame, *, bank: Bank, as_of: date
) -> dict[str, DataFrame]:
    """The current crosswalk, and the same as a dated log (from which identity.event is replayed).

    Of a day that changed little only whole components are seen: what hangs together is decided together.
    """
    conf = bank.section("matching", MatchingConf)
    obeyed = in_force(decision)
    members = _members(match_record, match_pair, obeyed, conf, "person").unionByName(
        _members(match_record, match_pair, obeyed, conf, "organisation")
    )
    records = match_record.withColumnRenamed("record_id", "party_id")
    joined = records.join(members.withColumnRenamed("record_id", "party_id"), on="party_id", how="left")
    named = joined.withColumns(
        {
            "customer_id": customer_id(F.coalesce("first_record_id", "party_id")),
            "linked_by": F.coalesce("linked_by", F.lit(ALONE)),
            "component": F.coalesce("component", "party_id"),
        }
    )
    crosswalk = shared(named.select(*SCHEMA.names))
    dated = crosswalk.withColumns({"valid_from": F.lit(as_of), "is_deleted": F.lit(False)})
    return {"identity.crosswalk": crosswalk, "identity.crosswalk_history": dated.select(*HISTORY.names)}


def hanging_together(keys: DataFrame, pairs: DataFrame, known: DataFrame) -> DataFrame:
    """All records (TOUCHED) of the components that touched ones are of or, by a pair of theirs, may now be of.

    A link that is new has its lower end among the touched, one that is gone lay within a component.
    """
    own = F.col(TOUCHED)
    mine = pairs.join(keys, on=F.col("record_l") == own, how="left_semi")
    ends = shared_and_sent(keys.unionByName(mine.select(F.col("record_r").alias(TOUCHED))).distinct())
    met = known.join(ends, on=F.col("party_id") == own, how="left_semi").select("component").distinct()
    others = known.join(shared_and_sent(met), on="component", how="left_semi")
    return ends.unionByName(others.select(F.col("party_id").alias(TOUCHED))).distinct()


def _linked(keys: DataFrame, match_pair: DataFrame, decision: DataFrame, known: DataFrame) -> DataFrame:
    pairs = match_pair.select("record_l", "record_r").unionByName(decision.select("record_l", "record_r"))
    return hanging_together(keys, pairs, known)


def customer_id(first_record_id: Column) -> Column:
    """C and sixteen hexadecimal digits, from the oldest record's id (64 bits of SHA-256)."""
    return F.concat(F.lit("C"), F.upper(F.substring(F.sha2(first_record_id, 256), 1, ID_DIGITS)))


def _members(
    records: DataFrame, pairs: DataFrame, obeyed: DataFrame, conf: MatchingConf, kind: Kind
) -> DataFrame:
    of_kind = F.col("kind") == kind
    one_task = conf.engine == "duckdb"
    return clustered(pairs.where(of_kind), records.where(of_kind), conf.of(kind), obeyed, one_task=one_task)


JOB = Job(
    table="identity.crosswalk",
    inputs={
        "match_record": Touched("identity.match_record", by="record_id"),
        "match_pair": Touched("identity.match_pair", by="record_l"),
        "decision": Touched("identity.decision", by="record_l"),
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(followed=True),
    grain="one row per source record, with its customer",
    widened=Widened(
        {
            "match_pair": "identity.match_pair",
            "decision": "identity.decision",
            "known": "identity.crosswalk",
        },
        _linked,
    ),
    also={"identity.crosswalk_history": Output(HISTORY, History(key=("party_id",)))},
)
