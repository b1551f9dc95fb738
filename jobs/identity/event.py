"""identity.event: one row per birth, merge, split and retirement of a customer id, replayed from the dated crosswalk."""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from jobs.core.job import Job, Output, Snapshot
from jobs.core.schema import column, schema
from jobs.core.shared import shared
from jobs.identity.crosswalk import customer_id

MUST_LINKED: Final = "a steward's must-link"
CANNOT_LINKED: Final = "a steward's cannot-link"
SCHEMA = schema(
    column(
        "event_id",
        "string",
        level=1,
        category="key",
        meaning="hash of customer, kind, date and other customer",
    ),
    column("customer_id", "string", level=2, category="key", meaning="the customer it happened to"),
    column("kind", "string", level=2, category="reference", meaning="birth, merge, split, retire or return"),
    column("on", "date", level=1, category="time", meaning="business date"),
    column("other_customer_id", "string", level=2, category="key", meaning="merged into, or split off"),
    column("records", "bigint", level=1, category="technical", meaning="source records concerned"),
    column("cause", "string", level=2, category="technical", meaning="what brought it about"),
    key="event_id",
    subject="customer_id",
)
REDIRECT = schema(
    column("old_customer_id", "string", level=2, category="key", meaning="an id that was given out once"),
    column("customer_id", "string", level=2, category="key", meaning="the id that stands for it now"),
    key="old_customer_id",
    subject="customer_id",
)


def build(history: DataFrame, crosswalk: DataFrame, decision: DataFrame) -> dict[str, DataFrame]:
    """Every event so far. A rebuild from the dated crosswalk replays the same events with the same ids."""
    moves = shared(moved(history))
    sizes = shared(sized(moves))
    parted = partings(moves, decided(moves, history, decision))
    events = births(history, sizes).unionByName(parted).unionByName(retirements(sizes, moves))
    key = F.concat_ws("|", "customer_id", "kind", F.col("on").cast("string"), "other_customer_id")
    named = events.withColumn("event_id", F.sha2(key, 256).substr(1, 32))
    return {
        "identity.event": named.select(*SCHEMA.names),
        "identity.redirect": redirects(history, crosswalk).select(*REDIRECT.names),
    }


def moved(history: DataFrame) -> DataFrame:
    """Each change of a record's customer: (party_id, came from, went to, on); null is nowhere."""
    order = Window.partitionBy("party_id").orderBy("on")
    went_to = F.when(~F.col("is_deleted"), F.col("customer_id"))
    steps = history.select("party_id", "since", F.col("valid_from").alias("on"), went_to.alias("went_to"))
    steps = steps.withColumn("came_from", F.lag("went_to").over(order))
    return steps.where(~F.col("came_from").eqNullSafe(F.col("went_to")))


def sized(moves: DataFrame) -> DataFrame:
    """(customer_id, on, before, after): its records before and after each date on which it changed."""
    left = moves.where("came_from IS NOT NULL").select(
        F.col("came_from").alias("customer_id"), "on", F.lit(-1).alias("change")
    )
    came = moves.where("went_to IS NOT NULL").select(
        F.col("went_to").alias("customer_id"), "on", F.lit(1).alias("change")
    )
    daily = left.unionByName(came).groupBy("customer_id", "on").agg(F.sum("change").alias("change"))
    after = F.sum("change").over(Window.partitionBy("customer_id").orderBy("on"))
    return daily.withColumn("after", after).withColumn("before", F.col("after") - F.col("change"))


def births(history: DataFrame, sizes: DataFrame) -> DataFrame:
    """The first time of an id, dated when its oldest record was known; later times are returns."""
    first = Window.partitionBy("customer_id").orderBy("on")
    began = sizes.where("before = 0 AND after > 0").withColumn("_nth", F.row_number().over(first))
    oldest = history.groupBy("customer_id").agg(F.min("since").alias("_since"))
    dated = began.join(oldest, on="customer_id", how="inner")
    is_birth = F.col("_nth") == 1
    return dated.select(
        "customer_id",
        F.when(is_birth, "birth").otherwise("return").alias("kind"),
        F.when(is_birth, F.least("_since", "on")).otherwise(F.col("on")).alias("on"),
        _none().alias("other_customer_id"),
        F.col("after").alias("records"),
        F.when(is_birth, "first record").otherwise("its oldest record stands apart again").alias("cause"),
    )


def partings(moves: DataFrame, by_steward: DataFrame) -> DataFrame:
    """Records that went from one customer to another: a merge where the record that named it went along, else a
    split, also where the rest of it merged elsewhere on that day.
    """
    between = moves.where("came_from IS NOT NULL AND went_to IS NOT NULL")
    names_it = customer_id(F.col("party_id")) == F.col("came_from")
    counted = between.groupBy("came_from", "went_to", "on").agg(
        F.count("*").alias("records"), F.max(names_it).alias("_is_merge")
    )
    told = counted.join(by_steward, on=["came_from", "went_to", "on"], how="left")
    found = F.when(F.col("_is_merge"), "records found to be one").otherwise("records found to be two")
    return told.select(
        F.col("came_from").alias("customer_id"),
        F.when(F.col("_is_merge"), "merge").otherwise("split").alias("kind"),
        "on",
        F.col("went_to").alias("other_customer_id"),
        "records",
        F.coalesce("_decided", found).alias("cause"),
    )


def decided(moves: DataFrame, history: DataFrame, decision: DataFrame) -> DataFrame:
    """Moves that a decision brought about (came_from, went_to, on, _decided): of a must-link's two records one came
    to where the other is, of a cannot-link's one left where the other was. Decisions are few: they go to the data.
    """
    words = decision.where("decision <> 'withdraw'").select("record_l", "record_r", "decision", "known_from")
    ends = words.unionByName(
        words.selectExpr("record_r AS record_l", "record_l AS record_r", "decision", "known_from")
    )
    moved_by = moves.join(F.broadcast(ends), on=F.col("party_id") == F.col("record_l"), how="inner")
    other = _spans(history).withColumnRenamed("party_id", "record_r")
    both = moved_by.where("known_from <= on").join(other, on="record_r", how="inner")
    is_after = F.expr("began <= on AND (ended IS NULL OR ended > on)")
    is_before = F.expr("began < on AND (ended IS NULL OR ended >= on)")
    sided = both.groupBy("came_from", "went_to", "on", "record_l", "record_r", "decision").agg(
        F.max(F.when(is_after, F.col("there"))).alias("after"),
        F.max(F.when(is_before, F.col("there"))).alias("before"),
    )
    joined = sided.where("decision = 'must_link' AND after <=> went_to AND NOT before <=> came_from")
    parted = sided.where("decision = 'cannot_link' AND before <=> came_from AND NOT after <=> went_to")
    told = joined.withColumn("_decided", F.lit(MUST_LINKED)).unionByName(
        parted.withColumn("_decided", F.lit(CANNOT_LINKED))
    )
    return told.groupBy("came_from", "went_to", "on").agg(F.min("_decided").alias("_decided"))


def _spans(history: DataFrame) -> DataFrame:
    """Where each record was and when: (party_id, there, began, ended), `ended` being the first day elsewhere."""
    order = Window.partitionBy("party_id").orderBy("valid_from")
    return history.select(
        "party_id",
        F.when(~F.col("is_deleted"), F.col("customer_id")).alias("there"),
        F.col("valid_from").alias("began"),
        F.lead("valid_from").over(order).alias("ended"),
    )


def retirements(sizes: DataFrame, moves: DataFrame) -> DataFrame:
    """Ids whose last record was erased rather than moved."""
    gone = moves.where("went_to IS NULL").select(F.col("came_from").alias("customer_id"), "on")
    lost = gone.groupBy("customer_id", "on").agg(F.count("*").alias("records"))
    ended = sizes.where("after = 0").select("customer_id", "on")
    return lost.join(ended, on=["customer_id", "on"], how="inner").select(
        "customer_id",
        F.lit("retire").alias("kind"),
        "on",
        _none().alias("other_customer_id"),
        "records",
        F.lit("no record is left").alias("cause"),
    )


def redirects(history: DataFrame, crosswalk: DataFrame) -> DataFrame:
    """Ids once given out that no customer bears now: the customer that holds their oldest record stands for them."""
    given = history.select(F.col("customer_id").alias("old_customer_id")).distinct()
    borne = crosswalk.select(F.col("customer_id").alias("old_customer_id")).distinct()
    retired = given.join(borne, on="old_customer_id", how="left_anti")
    named_after = crosswalk.select(customer_id(F.col("party_id")).alias("old_customer_id"), "customer_id")
    return retired.join(named_after, on="old_customer_id", how="inner")


def _none() -> Column:
    return F.lit(None).cast("string")


JOB = Job(
    table="identity.event",
    inputs={
        "history": "identity.crosswalk_history",
        "crosswalk": "identity.crosswalk",
        "decision": "identity.decision",
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(),
    grain="one row per birth, merge, split, retirement or return of a customer id",
    also={"identity.redirect": Output(REDIRECT, Snapshot())},
)
