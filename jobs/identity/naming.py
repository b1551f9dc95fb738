"""Parties as they stand, and their names written one way and by sound."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from jobs.columns import names


def parties(party: DataFrame) -> DataFrame:
    """Each party as it stands last, and since when the bank knows it."""
    since = party.groupBy("party_id").agg(F.min("known_from").alias("since"))
    last = latest(party, "party_id").select(
        "party_id",
        "source",
        F.when(F.col("kind") == "organisation", "organisation").otherwise("person").alias("kind"),
        "birth_date",
        "sex",
        (~F.coalesce("is_deleted", F.lit(False))).alias("is_live"),
    )
    return last.join(since, "party_id")


def latest(versions: DataFrame, *key: str) -> DataFrame:
    """The last version of each key, also of keys that are gone (a closing version repeats the last content)."""
    last = Window.partitionBy(*key).orderBy(F.desc("valid_from"), F.desc("known_from"), F.desc("batch_id"))
    return versions.withColumn("_rank", F.row_number().over(last)).where("_rank = 1").drop("_rank")


def names_given(party_name: DataFrame) -> DataFrame:
    """Each party's last names as given."""
    return latest(party_name, "party_id").select(
        "party_id", "full_name", "family_name", "given_name", "latin_name"
    )


def with_names(records: DataFrame) -> DataFrame:
    """Names by writing and by sound; a name that only stands in Latin letters is used as it stands."""
    is_organisation = F.col("kind") == "organisation"
    own = F.coalesce("full_name", F.concat_ws(" ", "family_name", "given_name"), "latin_name")
    given = F.when(own != "", own)
    read = records.withColumn("_given", F.coalesce(given, F.col("latin_name")))
    person, company = names.written(F.col("_given")), names.organisation(F.col("_given"))
    read = read.withColumn("name", F.when(is_organisation, company).otherwise(person))
    to_read = F.when(is_organisation, F.col("name")).otherwise(F.col("_given"))
    read = read.withColumn("_read", names.reading(to_read))
    return read.withColumns(
        {
            "sound": F.when(is_organisation, F.regexp_replace("_read", " ", "")).otherwise(
                names.sound(F.col("_read"))
            ),
            "family": F.get(F.split("_read", " "), F.lit(0)),
        }
    ).drop("_given", "_read", "full_name", "family_name", "given_name", "latin_name")


def named(party: DataFrame, party_name: DataFrame) -> DataFrame:
    """Each party's kind and its names as they are compared: party_id, kind, name, sound, family."""
    kinds = parties(party).select("party_id", "kind")
    whole = with_names(kinds.join(names_given(party_name), on="party_id"))
    return whole.select("party_id", "kind", "name", "sound", "family")
