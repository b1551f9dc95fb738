"""How well the matcher does on labelled sets, and on the demonstration bank: prints one line a set.

    python bench/matching.py [--data FOLDER] [--lake LAKE --truth FOLDER]

Pairwise precision, recall and F1 of the clusters; F1 counts every true pair, also those blocking never saw.
Only benchmarks and tests may read a truth.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conf.bank import open_bank
from conf.matching import EntityMatching, MatchingConf
from conf.settings import load_settings
from jobs.columns import names
from jobs.core.session import start
from models.matching.clusters import clustered
from models.matching.model import MatchModel
from models.matching.records import RECORD_TYPE, keyed
from models.matching.scoring import score
from models.matching.training import train

HEADER = f"{'set':24}{'records':>9}{'precision':>11}{'recall':>9}{'F1':>9}{'seconds':>9}"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared/data/matching"
    )
    options.add_argument("--lake", type=Path, help="a lake of the demonstration bank")
    options.add_argument("--truth", type=Path, help="its truth/ folder")
    chosen = options.parse_args()
    spark = start(load_settings())
    rules = open_bank("demo").section("matching", MatchingConf).person
    print(HEADER)
    if chosen.lake and chosen.truth:
        report("demonstration bank", *demonstration(spark, chosen.lake, chosen.truth), 0.0)
        return
    for name, records in (("febrl3", febrl(spark, chosen.data)), ("fake_1000", fake(spark, chosen.data))):
        began = time.monotonic()
        found = matched(records.drop("truth"), rules)
        report(name, found, records.selectExpr("record_id", "truth"), time.monotonic() - began)


def matched(records: DataFrame, rules: EntityMatching) -> DataFrame:
    """(record_id, customer) under a model trained on the records themselves."""
    ready = keyed(records.withColumn("kind", F.lit("person")), {"person": rules}, []).localCheckpoint()
    model = train(ready, rules)
    pairs = score(ready, MatchModel(model.rules))
    since = ready.withColumn("since", F.lit("2000-01-01").cast("date"))
    members = clustered(pairs, since, rules)
    joined = ready.select("record_id").join(members, on="record_id", how="left")
    return joined.select("record_id", F.coalesce("first_record_id", "record_id").alias("customer"))


def report(name: str, found: DataFrame, truth: DataFrame, seconds: float) -> None:
    """One line: pairs found, true, and both."""
    both = found.join(truth, on="record_id", how="inner").localCheckpoint()
    together = _pairs(both, "customer"), _pairs(both, "truth"), _pairs(both, "customer", "truth")
    claimed, true, right = together
    precision, recall = right / max(claimed, 1), right / max(true, 1)
    f1 = 2 * right / max(claimed + true, 1)
    print(f"{name:24}{both.count():>9,}{precision:>11.4f}{recall:>9.4f}{f1:>9.4f}{seconds:>9.1f}", flush=True)


def _pairs(rows: DataFrame, *by: str) -> int:
    sizes = rows.groupBy(*by).count()
    total = sizes.agg(F.sum(F.expr("count * (count - 1) / 2"))).first()
    return int(total[0]) if total else 0


def febrl(spark: SparkSession, data: Path) -> DataFrame:
    """FEBRL dataset 3: Australian names and addresses, up to five duplicates each."""
    raw = spark.read.csv(str(data / "febrl/dataset3.csv"), header=True, ignoreLeadingWhiteSpace=True)
    return _records(
        raw.select(
            F.col("rec_id").alias("record_id"),
            F.concat_ws(" ", "given_name", "surname").alias("full"),
            F.try_to_timestamp("date_of_birth", F.lit("yyyyMMdd")).cast("date").alias("birth_date"),
            F.array_compact(F.array(F.concat(F.lit("au.tfn:"), "soc_sec_id"))).alias("ids"),
            F.array().cast("array<string>").alias("emails"),
            F.col("suburb").alias("city"),
            F.concat_ws(" ", "street_number", "address_1").alias("street"),
            F.regexp_extract("rec_id", r"rec-(\d+)-", 1).alias("truth"),
        )
    )


def fake(spark: SparkSession, data: Path) -> DataFrame:
    """Splink's fake_1000: first name, surname, birth date, city, e-mail; very dirty."""
    raw = spark.read.csv(str(data / "fake_1000.csv"), header=True)
    return _records(
        raw.select(
            F.col("unique_id").alias("record_id"),
            F.concat_ws(" ", "first_name", "surname").alias("full"),
            F.try_to_timestamp("dob", F.lit("yyyy-MM-dd")).cast("date").alias("birth_date"),
            F.array().cast("array<string>").alias("ids"),
            F.array_compact(F.array(F.lower("email"))).alias("emails"),
            F.lower("city").alias("city"),
            F.lit(None).cast("string").alias("street"),
            F.col("cluster").alias("truth"),
        )
    )


def _records(raw: DataFrame) -> DataFrame:
    read = names.reading(F.col("full"))
    shaped = raw.withColumns(
        {
            "source": F.lit("file"),
            "name": names.written(F.col("full")),
            "sound": names.sound(read),
            "family": F.element_at(F.split(F.lower("full"), " "), -1),
            "ids": F.when(F.size("ids") > 0, F.col("ids")),
            "emails": F.when(F.size("emails") > 0, F.col("emails")),
        }
    )
    wanted = [part.split(" ") for part in RECORD_TYPE.split(", ")]
    return shaped.select(
        *((F.col(n) if n in shaped.columns else F.lit(None)).cast(t).alias(n) for n, t in wanted), "truth"
    )


def demonstration(spark: SparkSession, lake: Path, truth: Path) -> tuple[DataFrame, DataFrame]:
    """The lake's crosswalk, and which records are one person in truth."""
    walk = spark.read.format("delta").load(str(lake / "identity/crosswalk"))
    people = spark.read.parquet(str(truth / "record_person.parquet"))
    key = F.concat_ws("|", "system", "key").alias("record_id")
    return (
        walk.where("kind = 'person'").selectExpr("party_id AS record_id", "customer_id AS customer"),
        people.select(key, F.col("person_id").alias("truth")).distinct(),
    )


if __name__ == "__main__":
    main()
