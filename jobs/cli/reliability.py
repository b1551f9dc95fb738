"""`onebook reliability`: how often each source is right, by attribute, told from how the sources agree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from pyspark.sql import functions as F
from ruamel.yaml import YAML

from conf.matching import MatchingConf
from conf.survivorship import SurvivorshipConf
from conf.wording import near
from jobs.cli import output
from jobs.cli.options import AsJson, BankName, ConfAt, LakeAt, Place, Verbose, place
from jobs.core.errors import UsageError
from jobs.identity import golden_record
from jobs.identity.candidates import ATTRIBUTES, STATED_IN, of_customers
from jobs.identity.survivorship import valid

if TYPE_CHECKING:
    import pandas as pd

    from jobs.identity.reliability import Reliability

COLUMNS: Final = ("attribute", "source", "statements", "agree with another", "checked by two", "right")
PARTS: Final = 1_000_000
HEAD: Final = "# Written by `onebook reliability`: the share of each source's statements that is right, as far as sources check one another.\n"  # fmt: skip


def command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    attribute: Annotated[
        list[str] | None, typer.Option("--attribute", help="Only this attribute; may be repeated.")
    ] = None,
    customers: Annotated[int, typer.Option(min=1000, help="Look at some so many customers.")] = 50_000,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="Write it as YAML; it belongs in banks/<bank>/survivorship/ of a configuration tree.",
        ),
    ] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """How often each source is right, told from how sources agree on the same customers; no truth is needed."""
    from jobs.identity.reliability import reliabilities  # noqa: PLC0415 - pandas only where needed

    _known(attribute or [])
    where = place(bank, None, lake, conf).existing()
    rules = where.bank.section("survivorship", SurvivorshipConf)
    lives = _measurable(rules, attribute)
    stated = _stated(where, rules, customers, list(lives))
    if stated.empty:
        raise UsageError(f"no record states {', '.join(lives)}", "name another attribute, or load more")
    found = list(reliabilities(stated, lives))
    if not json:
        output.table("how often each source is right", COLUMNS, [_row(one) for one in found], COLUMNS[2:])
    if out is not None:
        _write(out, found)
    if json:
        output.as_json({"sources": [asdict(one) for one in found], "file": str(out) if out else None})
    elif out is not None:
        _tell(out, rules, found)


def _known(attributes: list[str]) -> None:
    for name in attributes:
        if name not in ATTRIBUTES:
            raise UsageError(f"{name} is no golden attribute", near(name, ATTRIBUTES))


def _measurable(rules: SurvivorshipConf, wanted: list[str] | None) -> dict[str, int | None]:
    """Attribute → half-life. Where the earliest statement counts, sources differ by right."""
    lives = {n: rules.of(n).half_life_days for n in ATTRIBUTES if "earliest" not in rules.of(n).rules}
    for name in wanted or []:
        if name not in lives:
            raise UsageError(
                f"of {name} the earliest statement counts: sources differ by right", "name another attribute"
            )
    return {name: life for name, life in lives.items() if not wanted or name in wanted}


def _stated(where: Place, rules: SurvivorshipConf, customers: int, attributes: list[str]) -> pd.DataFrame:
    """What the records of some so many customers state, the same customers each time: hashes, nobody's values."""
    tables = {name: golden_record.JOB.input_tables[name] for name in ("crosswalk", *STATED_IN)}
    where.holding(tables.values())
    read = {name: where.lake.state(where.spark, table) for name, table in tables.items()}
    walk = read.pop("crosswalk")
    share = customers / max(1, walk.where("is_live").agg(F.count_distinct("customer_id")).collect()[0][0])
    drawn = walk.where(F.pmod(F.xxhash64("customer_id"), F.lit(PARTS)) < int(PARTS * min(1.0, share)))
    country = where.bank.section("matching", MatchingConf).phone_country
    rows = valid(of_customers(drawn, country=country, **read), rules).where(
        F.col("attribute").isin(attributes)
    )
    hashed = [F.xxhash64(name).alias(name) for name in ("customer_id", "form")]
    frame: pd.DataFrame = (
        rows.select(*hashed, "attribute", "source", F.unix_date("valid_from").alias("day"))
        .toArrow()
        .to_pandas()
    )
    return frame


def _row(one: Reliability) -> tuple[Any, ...]:
    told = "" if one.right is None else f"{one.right:.3f}"
    return (one.attribute, one.source, one.statements, f"{one.agreeing:.3f}", one.checked, told)


def _write(file: Path, found: list[Reliability]) -> None:
    """The section `survivorship` with each measured attribute's reliability; what the file holds of others stays."""
    by_attribute: dict[str, dict[str, float]] = defaultdict(dict)
    for one in found:
        if one.right is not None:
            by_attribute[one.attribute][one.source] = round(one.right, 3)
    if not by_attribute:
        problem = "nothing to write: no attribute has three sources that check one another"
        raise UsageError(problem, "say under `trust` which source is to be believed")
    yaml = YAML(typ="safe")
    yaml.default_flow_style = False
    made = (yaml.load(file) if file.is_file() else None) or {}
    attributes = made.setdefault("attributes", {})
    for name, shares in by_attribute.items():
        attributes[name] = {**(attributes.get(name) or {}), "reliability": shares}
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as stream:
        stream.write(HEAD)
        yaml.dump(made, stream)


def _tell(file: Path, rules: SurvivorshipConf, found: list[Reliability]) -> None:
    output.say(f"wrote {file}; it counts once it lies in banks/<bank>/survivorship/ of a configuration tree")
    measured = {one.attribute for one in found if one.right is not None}
    if idle := sorted(n for n in measured if "vote" not in rules.of(n).rules):
        output.say(f"not asked, as no `vote` is among their rules: {', '.join(idle)}")
