"""Watch list: the customer was screened against every list, and neither number nor name with birth date is on one.

Screening needs something to screen and something to screen against: a customer without a name, a person
without birth date and number, or a bank that was delivered no list gets no answer, which is a no. A name
alone is a hit where either birth date is missing. The answer says that there is a hit, never which.
"""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.gates import GatesConf
from jobs.columns.time import current_as_of
from jobs.gold.gates.interface import CANDIDATE, Evidence, Gate, answer, first_reason


def decide(candidates: DataFrame, evidence: Evidence, as_of: date, _: GatesConf) -> DataFrame:
    """Answers for those who can be screened."""
    listed = current_as_of(evidence["watch_list"], as_of, "entry_id")
    edition = listed.agg(F.max("known_from").alias("edition")).where(F.col("edition").isNotNull())
    wanted = candidates.select("customer_id").distinct()
    people = _screenable(evidence).join(wanted, on="customer_id", how="left_semi")
    hits = _hits(people, listed).withColumn("hit", F.lit(True))
    screened = people.select("customer_id").distinct().join(hits, on="customer_id", how="left")
    rows = candidates.select(*CANDIDATE).join(screened, on="customer_id", how="inner")
    hit = F.coalesce("hit", F.lit(False))
    told = rows.crossJoin(F.broadcast(edition))  # no list, no row, no answer
    reason = first_reason((hit, "on a watch list, or possibly"), otherwise="not listed")
    return told.select(*answer(~hit, reason, F.col("edition")))


def _screenable(evidence: Evidence) -> DataFrame:
    """Every name that a customer goes by with birth date and number; one row per customer and name."""
    born = evidence["golden_record"].select("customer_id", "kind", "birth_date")
    who = evidence["golden_identity"].join(born, on="customer_id", how="inner")
    names = F.explode(F.array_distinct(F.array(_plain("full_name"), _plain("latin_name")))).alias("name")
    rows = who.select("customer_id", "kind", "birth_date", _plain("national_id").alias("number"), names)
    known = F.col("birth_date").isNotNull() | (F.col("number") != "")
    return rows.where((F.col("name") != "") & known)


def _hits(people: DataFrame, listed: DataFrame) -> DataFrame:
    """Customers with a listed number, or a listed name and no different birth date."""
    entries = listed.select(
        _plain("identifier").alias("number"),
        _plain("full_name").alias("name"),
        F.col("birth_date").alias("_born"),
    )
    numbers = entries.where(F.col("number") != "").select("number").distinct()
    by_number = people.join(numbers, on="number", how="inner").select("customer_id")
    named = people.join(entries.where(F.col("name") != "").select("name", "_born"), on="name", how="inner")
    same_day = F.coalesce(F.col("birth_date") == F.col("_born"), F.lit(True))
    by_name = named.where(same_day).select("customer_id")
    return by_number.unionByName(by_name).distinct()


def _plain(name: str) -> Column:
    """Upper case without spaces and punctuation; empty where there is none."""
    return F.coalesce(F.upper(F.regexp_replace(name, r"[\s\p{Punct}·•．，－]", "")), F.lit(""))


WATCH_LIST = Gate("watch_list", decide, "not screened")
