"""How identity grows with the bank: time, pairs, memory and accuracy at several sizes, for bench/matching.py --scale.

For each size the demonstration bank's own deliveries of one day are taken in and matched by the usual commands, each
in a process of its own, then those of the next day. `first` is the whole book, `day` the second delivery; seconds are
the steps' own, and per million records of the book. Memory is the largest of the processes of a run.
With `splink` the same records are matched by Splink on DuckDB as well, at the threshold that suits it best.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd
from pyspark.sql import DataFrame

from bench import labelled, splink_alone
from conf.bank import Bank, open_bank
from conf.linkage import LinkageConf
from conf.matching import Kind, MatchingConf
from models.linkage.evaluation import Evaluation, evaluate
from models.matching.blocking import keys_sql, pairs_sql, usable_sql

RECORDS_PER_CUSTOMER: Final = 5.75
FIRST, SECOND = date(2025, 12, 30), date(2025, 12, 31)
STEPS: Final = ("identity.match_record", "identity.match_pair", "identity.crosswalk")
HEADER: Final = (
    f"{'records':>10} {'run':8}{'taken in':>9}{'pairs/record':>13}{'match_record':>14}{'match_pair':>12}{'crosswalk':>11}"
    f"{'s/million':>11}{'GB':>6}{'precision':>11}{'recall':>8}{'F1':>8}"
)
MEANINGS: Final = {
    "record_id": "key", "person_id": "truth", "name": "full name", "birth_date": "date of birth", "sex": "sex",
    "number": "national id", "phone": "phone", "email": "e-mail", "city": "town", "street": "street",
}  # fmt: skip


def table(sizes: list[int], *, splink: bool) -> None:
    """Print the table."""
    print(HEADER, flush=True)
    for records in sizes:
        with tempfile.TemporaryDirectory(prefix="onebook-scale-") as folder:
            one_size(Path(folder), records, splink=splink)


def one_size(folder: Path, records: int, *, splink: bool) -> None:
    """Make the bank, match it, match the next day's delivery; a line each."""
    extracts, lake = folder / "extracts", folder / "lake"
    customers = str(round(records / RECORDS_PER_CUSTOMER))
    span = ["--from", str(FIRST), "--to", str(SECOND), "--daily-from", str(SECOND)]
    onebook("demo", "--customers", customers, *span, "--out", str(extracts))
    for name, day in (("first", FIRST), ("day", SECOND)):
        told = dict(matched(extracts, lake, day))
        found = evaluate(*labelled.book(lake / "demo", extracts / "truth"))
        line(name, told, *candidates(lake / "demo", open_bank("demo")), found)
    if splink:
        alone(lake / "demo", extracts / "truth")


def matched(extracts: Path, lake: Path, day: date) -> Iterator[tuple[str, dict[str, Any]]]:
    """Table → what `onebook run --json` says of it."""
    where = ["--bank", "demo", "--extracts", str(extracts), "--lake", str(lake / "demo"), "--as-of", str(day)]
    for row in onebook("run", *where, "--to-table", "identity.crosswalk", "--json").splitlines():
        told = json.loads(row)
        if told.get("table") in STEPS:
            yield told["table"], told


def onebook(*arguments: str) -> str:
    """One command in a process of its own; what it prints. Raises SystemExit with its complaint."""
    done = subprocess.run(
        [sys.executable, "-m", "jobs", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"onebook {arguments[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def line(run: str, told: dict[str, dict[str, Any]], records: int, pairs: int, found: Evaluation) -> None:
    """One line of the table; seconds per million are of the records that the run took in."""
    seconds = [told[step]["seconds"] for step in STEPS]
    taken = told["identity.match_record"]["in"]
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(
        f"{records:>10,} {run:8}{taken:>9,}{pairs / records:>13.2f}{seconds[0]:>14.1f}{seconds[1]:>12.1f}"
        f"{seconds[2]:>11.1f}{sum(seconds) / max(records, 1) * 1e6:>11.0f}{memory:>6.1f}"
        f"{found.precision:>11.4f}{found.recall:>8.4f}{found.f1:>8.4f}",
        flush=True,
    )


def candidates(lake: Path, bank: Bank) -> tuple[int, int]:
    """(records, pairs compared where the whole book is matched), by the book's own blocking."""
    rows = book(lake, "identity.match_record").select("record_id", "source", "kind", "keys").toArrow()
    conf, pairs = bank.section("matching", MatchingConf), 0
    kinds: tuple[Kind, ...] = ("person", "organisation")
    for kind in kinds:
        with duckdb.connect() as connection:
            connection.register("arriving", rows)
            connection.execute(f"CREATE TABLE record AS SELECT * FROM arriving WHERE kind = '{kind}'")
            connection.execute(f"CREATE TABLE held AS {keys_sql('record', 'duckdb')}")
            connection.execute(f"CREATE TABLE usable AS {usable_sql('held', conf.of(kind).block_limit)}")
            found = pairs_sql("held", "usable", conf.unique_sources)
            pairs += connection.execute(f"SELECT count(*) FROM ({found})").fetchall()[0][0]
    return rows.num_rows, pairs


def book(lake: Path, table: str) -> DataFrame:
    """A table of the lake."""
    from conf.settings import load_settings  # noqa: PLC0415 - Spark only for a lake
    from jobs.core.session import start  # noqa: PLC0415

    return start(load_settings()).read.format("delta").load(str(lake / table.replace(".", "/")))


def alone(lake: Path, truth: Path) -> None:
    """Splink on the book's people, as its own documentation would configure it."""
    table = people(lake, truth)
    began = time.monotonic()
    best, at = splink_alone.best(table, LinkageConf.model_validate({"columns": MEANINGS}))
    seconds = time.monotonic() - began
    figures = f"{best.precision:>11.4f}{best.recall:>8.4f}{best.f1:>8.4f}"
    print(f"{len(table):>10,} Splink on DuckDB, best at {at:g}: {seconds:.0f} s {figures}", flush=True)


def people(lake: Path, truth: Path) -> pd.DataFrame:
    """The book's records of people with what truth says of each: columns of MEANINGS."""
    chosen = book(lake, "identity.match_record").where("kind = 'person'").selectExpr(
        "record_id", "name", "date_format(birth_date, 'yyyyMMdd') AS birth_date", "sex",
        "element_at(split(number, ':'), -1) AS number", "get(phones, 0) AS phone", "get(emails, 0) AS email",
        "city", "street",
    )  # fmt: skip
    known = pd.read_parquet(truth / "record_person.parquet")
    keyed = known.assign(record_id=known["system"] + "|" + known["key"]).drop_duplicates("record_id")
    found: pd.DataFrame = chosen.toArrow().to_pandas()
    return found.merge(keyed[["record_id", "person_id"]], on="record_id").reset_index(drop=True)
