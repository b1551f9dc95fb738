"""Audience lists as files: audiences/<segment>/<as_of>/members.csv and manifest.json, the same byte for byte.

Sorted by customer id, UTF-8, LF, no clock and no run id in them. Rows are written where they lie, one segment
by one task, streamed by Arrow batches; only counts come to the driver. Before a byte is written every row is
looked up again in gold.eligibility: one that isn't allowed on that date stops all lists. Text that a
spreadsheet would run as a formula is defused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.bank import Bank
from conf.gates import AccessConf
from conf.segments import SegmentsConf, SegmentSpec
from jobs.core import storage
from jobs.core.errors import DataRefused
from jobs.publish.lists import MEMBERS, MemberList, home, write_lists

MANIFEST: Final = "manifest.json"
FORMULA: Final = r"^[=+\-@\t\r]"
WRITTEN: Final = "segment string, rows bigint, sha256 string"


class UngatedListError(DataRefused):
    """Rows are on a list that no gate let through: nothing was written."""


@dataclass(frozen=True, slots=True)
class Published:
    """One list as it was written."""

    segment: str
    uri: str
    members: int
    sha256: str


def publish(
    members: DataFrame, eligibility: DataFrame, *, bank: Bank, as_of: date, folder: str
) -> list[Published]:
    """Write every audience valid on `as_of` below the URI `folder`, members first and manifest last.

    `members` are rows of gold.audience and `eligibility` of gold.eligibility. A list of that date whose
    audience is no longer configured is removed; an audience without members gets a list with a header alone.
    Raises UngatedListError before anything is written where a row isn't allowed by all gates on `as_of`.
    """
    today, judged = (rows.where(F.col("as_of") == F.lit(as_of)) for rows in (members, eligibility))
    _refuse_ungated(today, judged)
    conf, access = bank.section("segments", SegmentsConf), bank.section("access", AccessConf)
    names = sorted(conf.audiences(as_of))
    _withdraw(folder, names, as_of)
    written = _written(today, names, access.audience_columns, as_of, folder)
    counts = _counts(judged)
    published = []
    for name in names:
        told = _manifest(
            name, conf.segments[name], access.audience_columns, written[name], counts.get(name, {})
        )
        uri = home(folder, name, as_of)
        _put_manifest(uri, {"as_of": as_of.isoformat(), **told})
        published.append(Published(name, uri, *written[name]))
    return published


def _refuse_ungated(members: DataFrame, judged: DataFrame) -> None:
    key = ["segment", "customer_id"]
    ungated = members.join(judged.where("allowed").select(*key), on=key, how="left_anti").count()
    if ungated:
        raise UngatedListError(
            f"{ungated} rows are on audience lists that the gates didn't let through",
            "run with `--rebuild gold.eligibility,gold.audience`",
        )


def _withdraw(folder: str, names: Sequence[str], as_of: date) -> None:
    """Remove lists of the date whose segment isn't an audience any more."""
    for info in storage.listing(folder):
        segment = storage.name_of(str(info.path))
        if segment not in names:
            storage.remove(home(folder, segment, as_of))


def _written(
    members: DataFrame, names: Sequence[str], columns: Sequence[str], as_of: date, folder: str
) -> dict[str, tuple[int, str]]:
    """Write the members of each list. Returns rows and checksum by segment, empty lists included."""
    if not names:
        return {}
    cells = members.where(F.col("segment").isin(*names)).select(
        "segment", *[_cell(c, members.schema[c].dataType.typeName()).alias(c) for c in columns]
    )
    ordered = cells.repartition(len(names), "segment").sortWithinPartitions("segment", "customer_id")
    done = ordered.mapInArrow(_writer(folder, as_of, columns), WRITTEN).collect()
    found = {row["segment"]: (int(row["rows"]), str(row["sha256"])) for row in done}
    for name in set(names) - set(found):
        found[name] = MemberList(folder, name, as_of, columns).close()
    return found


def _cell(name: str, type_: str) -> Column:
    """A column as text: lists joined, doubles to six places, formulas defused by a leading apostrophe."""
    value = F.col(name)
    if type_ in ("double", "float"):
        return F.round(value, 6).cast("decimal(18,6)").cast("string")
    if type_ not in ("array", "string"):
        return value.cast("string")
    text = F.concat_ws("; ", value) if type_ == "array" else value
    return F.when(text.rlike(FORMULA), F.concat(F.lit("'"), text)).otherwise(text)


def _writer(
    folder: str, as_of: date, columns: Sequence[str]
) -> Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]:
    """A task's work, closed over nothing but where and what to write."""

    def write(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
        return write_lists(batches, folder, as_of, columns)

    return write


def _counts(judged: DataFrame) -> dict[str, dict[str, Any]]:
    """For each audience: members of its segment, those allowed, and how many each reason keeps out.

    A customer whom several gates deny is counted under each: the reasons don't add up to the excluded.
    """
    totals = judged.groupBy("segment").agg(F.count("*").alias("n"), F.count_if("allowed").alias("allowed"))
    found = {
        r["segment"]: {"candidates": r["n"], "allowed": r["allowed"], "excluded_by": {}}
        for r in totals.collect()
    }
    each = judged.select("segment", F.inline("denials")).groupBy("segment", "gate", "reason").count()
    for row in each.collect():  # segments x gates x reasons: doesn't grow with the bank
        found[row["segment"]]["excluded_by"][f"{row['gate']}: {row['reason']}"] = row["count"]
    return found


def _manifest(
    name: str, spec: SegmentSpec, columns: Sequence[str], written: tuple[int, str], counts: Mapping[str, Any]
) -> dict[str, Any]:
    """What a list's manifest says: definition, counts, checksum."""
    rows, digest = written
    asked = counts.get("candidates", 0)
    return {
        "segment": name,
        "description": spec.description,
        "definition": spec.model_dump(mode="json"),
        "definition_sha256": spec.definition,
        "candidates": asked,
        "members": rows,
        "excluded": asked - counts.get("allowed", 0),
        "excluded_by": dict(counts.get("excluded_by", {})),
        "columns": list(columns),
        "files": {MEMBERS: {"rows": rows, "sha256": digest}},
    }


def _put_manifest(uri: str, manifest: Mapping[str, Any]) -> None:
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    storage.write_bytes(storage.join(uri, MANIFEST), text.encode())
