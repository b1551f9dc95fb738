"""identity.match_record: one row per source record, made ready to compare: names by sound, numbers written one way."""

from __future__ import annotations

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.bank import Bank
from conf.matching import EntityMatching, Kind, MatchingConf
from jobs.columns import ids, names, phones
from jobs.core.job import IfAny, Job, Snapshot, Touched
from jobs.core.schema import column, schema
from jobs.identity.age import aged
from jobs.identity.naming import latest, names_given, parties, with_names
from models.matching.records import keyed

SCHEMA = schema(
    column(
        "record_id", "string", level=2, category="key", meaning="party id: source and the source's own key"
    ),
    column("source", "string", level=1, category="technical", meaning="system that delivered the record"),
    column("kind", "string", level=2, category="reference", meaning="person or organisation"),
    column("since", "date", level=1, category="time", meaning="first date on which the bank knew the record"),
    column(
        "late",
        "int",
        level=1,
        category="technical",
        meaning="0, or place among the records that came when younger ones were known already",
    ),
    column("is_live", "boolean", level=1, category="technical", meaning="false once the source left it out"),
    column("name", "string", level=4, category="direct_identifier", meaning="name written one way"),
    column(
        "sound", "string", level=4, category="direct_identifier", meaning="name by sound, in either order"
    ),
    column("family", "string", level=4, category="direct_identifier", meaning="family name by sound"),
    column("birth_date", "date", level=3, category="quasi_identifier", meaning="date of birth"),
    column("sex", "string", level=3, category="quasi_identifier", meaning="F or M"),
    column("ids", "array<string>", level=5, category="direct_identifier", meaning="scheme:number ever given"),
    column(
        "checked_ids",
        "array<string>",
        level=5,
        category="direct_identifier",
        meaning="those given now whose own check digits are right",
    ),
    column(
        "number",
        "string",
        level=5,
        category="direct_identifier",
        meaning="first number given now, as scheme:number",
    ),
    column(
        "phones", "array<string>", level=4, category="direct_identifier", meaning="phone numbers ever given"
    ),
    column("emails", "array<string>", level=4, category="direct_identifier", meaning="e-mails ever given"),
    column("region", "string", level=3, category="direct_identifier", meaning="region of the first address"),
    column("city", "string", level=3, category="direct_identifier", meaning="city"),
    column(
        "street", "string", level=4, category="direct_identifier", meaning="street, letters and digits only"
    ),
    column("postcode", "string", level=3, category="direct_identifier", meaning="postcode"),
    column("keys", "array<bigint>", level=4, category="direct_identifier", meaning="hashes to compare by"),
    column(
        "slots",
        "array<string>",
        level=5,
        category="direct_identifier",
        meaning="name=value of which a customer has one",
    ),
    column(
        "soft_slots",
        "array<string>",
        level=4,
        category="direct_identifier",
        meaning="name=value of which a customer has one, unless joined firmly",
    ),
    key="record_id",
    subject="record_id",
    restricted=True,
)


def build(
    party: DataFrame,
    party_name: DataFrame,
    identifier: DataFrame,
    contact_point: DataFrame,
    address: DataFrame,
    known: DataFrame,
    *,
    bank: Bank,
) -> DataFrame:
    """Every record the bank ever knew; one that its source dropped stays, so that its customer keeps its id.

    `known` is this table as it stands: what it says of a record's age is never changed.
    """
    conf = bank.section("matching", MatchingConf)
    described = [
        names_given(party_name),
        _numbers(identifier),
        _contacts(contact_point, conf.phone_country),
        _addresses(address),
    ]
    whole = reduce(
        lambda left, right: left.join(right, "party_id", "left"), described, aged(parties(party), known)
    )
    named = with_names(_completed(whole)).withColumnRenamed("party_id", "record_id")
    rules: dict[Kind, EntityMatching] = {"person": conf.person, "organisation": conf.organisation}
    return keyed(named, rules, conf.unique_sources).select(*SCHEMA.names)


def _numbers(identifier: DataFrame) -> DataFrame:
    written = identifier.withColumn("_number", ids.written(F.col("value")))
    key = ids.normalised(F.col("scheme"), F.col("_number"))
    last = Window.partitionBy("identifier_id").orderBy("valid_from", "known_from", "batch_id")
    known = written.withColumns(
        {
            "_key": key,
            "_is_last": F.lead("party_id").over(last).isNull(),
            "_checked": ids.is_checked(F.col("scheme"), F.col("_number")),
        }
    )
    upgraded = ids.upgraded_resident_id(F.col("_number"))
    tells = (F.col("scheme") == "cn.ric") & (
        F.col("_checked") | (F.length("_number") == ids.OLD_RESIDENT_LENGTH)
    )
    now = F.col("_is_last")
    return known.groupBy("party_id").agg(
        _set(F.col("_key")).alias("ids"),
        _set(F.when(now & F.col("_checked"), F.col("_key"))).alias("checked_ids"),
        F.min(F.when(now, F.col("_key"))).alias("number"),
        F.min(F.when(now & tells, upgraded)).alias("_resident"),
    )


def _completed(records: DataFrame) -> DataFrame:
    """Birth date and sex from the resident id where the source doesn't state them."""
    return records.withColumns(
        {
            "birth_date": F.coalesce("birth_date", ids.resident_birth_date(F.col("_resident"))),
            "sex": F.coalesce("sex", ids.resident_sex(F.col("_resident"))),
        }
    ).drop("_resident")


def _contacts(contact_point: DataFrame, country: str) -> DataFrame:
    is_mail = F.col("kind") == "email"
    value = F.col("value")
    return contact_point.groupBy("party_id").agg(
        _set(F.when(~is_mail, phones.phone(value, country))).alias("phones"),
        _set(F.when(is_mail, phones.email(value))).alias("emails"),
    )


def _set(values: Column) -> Column:
    found = F.sort_array(F.collect_set(values))
    return F.when(F.size(found) > 0, found)


def _addresses(address: DataFrame) -> DataFrame:
    parts = F.struct(F.lower("region").alias("region"), F.lower("city").alias("city"), _street(), "postcode")
    first = (
        latest(address, "address_id")
        .groupBy("party_id")
        .agg(F.min_by(parts, F.struct(_standing(), "address_id")).alias("at"))
    )
    return first.select("party_id", "at.*")


def _street() -> Column:
    whole = names.plain(F.concat_ws("", "district", "street"))
    bare = F.regexp_replace(whole, r"[^\p{L}\p{N}]", "")
    return F.when(F.col("street").isNotNull() & (bare != ""), bare).alias("street")


def _standing() -> Column:
    """Home before registered before work: where a person lives says most."""
    order = F.array(F.lit("home"), F.lit("registered"), F.lit("work"))
    place = F.array_position(order, F.col("kind"))
    return F.when(place > 0, place).otherwise(9)


JOB = Job(
    table="identity.match_record",
    inputs={
        "party": Touched("silver.party", by="party_id"),
        "party_name": Touched("silver.party_name", by="party_id"),
        "identifier": Touched("silver.identifier", by="party_id", via="identifier_id"),
        "contact_point": Touched("silver.contact_point", by="party_id"),
        "address": Touched("silver.address", by="party_id"),
        "known": IfAny("identity.match_record"),
    },
    build=build,
    schema=SCHEMA,
    write=Snapshot(followed=True),
    grain="one row per source record of a person or organisation",
)
