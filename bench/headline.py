"""What Onebook comes to on the demonstration bank, against its truth: before → after, and models beside the best.

    python bench/headline.py [--lake DIR] [--extracts DIR] [--json]

Duplicate records, wrong values, disagreement between sources, accuracy of the profile, and each model beside the
naive baseline and the oracle. Only benchmarks and tests may read the truth. Prints, and never asserts.
"""

from __future__ import annotations

import math
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

if not __package__:  # run as a script: this folder would hide the package `models` behind models.py
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import pandas as pd
import typer

from bench import measures, models_oracle, stated
from bench.drawn import draw
from conf.profile import ProfileConf
from jobs.cli.options import AsJson, ExtractsAt, LakeAt, Place, place
from jobs.cli.output import ERR, as_json
from jobs.core import session
from jobs.core.errors import OnebookError, UsageError

BANK = "demo"


def main(
    lake: LakeAt = None,
    extracts: ExtractsAt = None,
    json: AsJson = False,
) -> None:
    """Print the headline figures of a lake of the demonstration bank."""
    truth = Path(extracts or session.PROJECT / "data" / "extracts" / BANK) / "truth"
    try:
        if not truth.is_dir():
            raise UsageError(f"there is no truth at {truth}", "run `onebook demo` first, or give --extracts")
        found = figures(place(BANK, None, lake, None).existing(), truth)
    except OnebookError as error:
        ERR.print(f"error: {error}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    if json:
        as_json(_plain(found))
    else:
        draw(found)


def figures(at: Place, truth: Path) -> dict[str, Any]:
    """Every figure, as plain values by section."""
    day = at.ledger.latest_as_of()
    if day is None:
        raise UsageError(f"nothing has been run at {at.lake.uri}", "run `onebook run` first")

    def read(table: str) -> Any:
        return at.lake.read(at.spark, table)

    links = _links(read, truth)
    bands = at.bank.section("profile", ProfileConf).age_bands
    true = stated.by_truth(truth, day, bands)
    owned = measures.owners(links)
    sources = stated.by_sources(read).merge(links[["party_id", "source", "entity"]], on="party_id")
    golden = stated.by_golden_record(read).merge(owned, on="customer_id")
    return {
        "as_of": day.isoformat(),
        "duplicates": _duplicates(links),
        "errors": _errors(sources, golden, true),
        "inconsistency": _inconsistency(sources, golden, _lineage(read)),
        "profile": _profile(measures.accuracy(stated.by_profile(read), owned, true)),
        "models": [asdict(figure) for figure in models_oracle.figures(read, truth, draws=0)],
    }


def _links(read: stated.Read, truth: Path) -> pd.DataFrame:
    """One row per source record that the lake knows: source, table, customer_id, kind, and its true entity."""
    entity = pd.read_parquet(truth / "record_person.parquet").rename(columns={"person_id": "entity"})
    entity["party_id"] = entity["system"] + "|" + entity["key"].astype(str)
    known = read("identity.crosswalk").where("is_live").select("party_id", "source", "customer_id")
    return pd.DataFrame(known.toArrow().to_pandas()).merge(
        entity[["party_id", "table", "entity"]].drop_duplicates("party_id"), on="party_id"
    )


def _duplicates(links: pd.DataFrame) -> list[dict[str, Any]]:
    company = links["entity"].str.startswith("O")
    parts = {"people": links[~company], "companies": links[company], "all": links}
    return [asdict(measures.duplicates(kind, rows)) for kind, rows in parts.items()]


def _errors(sources: pd.DataFrame, golden: pd.DataFrame, true: pd.DataFrame) -> list[dict[str, Any]]:
    """Per attribute, then over all values; `missing` of the golden record is what it lacks although it is stated."""
    before, after = (measures.error_rates(rows, true) for rows in (sources, golden))
    both = before.add_suffix("_in_sources").join(after.add_suffix("_in_golden"), how="outer")
    rows = both.reindex([name for name in stated.ATTRIBUTES if name in both.index])
    whole = {
        f"{what}_{where}": value
        for where, one in (("in_sources", before), ("in_golden", after))
        for what, value in (("stated", one["stated"].sum()), ("wrong", _pooled(one, "wrong", "stated")))
    }
    mean = {name: rows[name].mean() for name in ("wrong_in_sources", "wrong_in_golden")}
    return [
        *_records(rows),
        {"attribute": "all values", **whole},
        {"attribute": "mean of attributes", **mean},
    ]


def _inconsistency(
    sources: pd.DataFrame, golden: pd.DataFrame, lineage: pd.DataFrame
) -> list[dict[str, Any]]:
    """Per attribute, then over all: pairs of records that differ, and what two sources share that has two values.

    After matching, the same (entity, attribute) still has two values where an entity has several customers.
    """
    pairs, common = measures.disagreement(sources), measures.shared(sources)
    before, after = (measures.conflicts(rows, common) for rows in (sources, golden))
    rows = pairs.assign(
        pairs_differing=pairs["differing"] / pairs["pairs"],
        shared=before.groupby("attribute").size(),
        conflicting_before=before.groupby("attribute").mean(),
        conflicting_after=after.groupby("attribute").mean(),
    ).drop(columns="differing")
    whole = {
        "attribute": "all values",
        "pairs": int(pairs["pairs"].sum()),
        "pairs_differing": measures.share(pairs["differing"].sum(), pairs["pairs"].sum()),
        "shared": len(before),
        "conflicting_before": float(before.mean()),
        "conflicting_after": float(after.mean()),
        "sources_agreeing_with_golden": measures.share(lineage["agreeing"].sum(), lineage["total"].sum()),
    }
    return [*_records(rows), whole]


def _lineage(read: stated.Read) -> pd.DataFrame:
    """Per attribute, where two sources or more state it: those that agree with the winner, and all."""
    contested = read("identity.golden_lineage").where("sources_total > 1")
    sums = contested.groupBy("attribute").agg({"sources_agreeing": "sum", "sources_total": "sum"})
    return pd.DataFrame(sums.toDF("attribute", "agreeing", "total").toArrow().to_pandas())


def _profile(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Per attribute, then over all: customers with a known truth, filled, right of all and right of the filled."""
    rows = rows.assign(right_of_filled=rows["right"] / rows["filled"])
    whole = {name: _pooled(rows, name, "customers") for name in ("filled", "right")}
    whole |= {"customers": int(rows["customers"].sum()), "right_of_filled": whole["right"] / whole["filled"]}
    return [*_records(rows), {"attribute": "all values", **whole}]


def _pooled(rows: pd.DataFrame, name: str, weight: str) -> float:
    return measures.share((rows[name] * rows[weight]).sum(), rows[weight].sum())


def _plain(value: Any) -> Any:
    """The same as JSON knows it: numbers of numpy as Python's, nan as null."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    number = value.item() if hasattr(value, "item") else value
    return None if isinstance(number, float) and math.isnan(number) else number


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    named: list[dict[str, Any]] = rows.rename_axis("attribute").reset_index().to_dict("records")
    return named


if __name__ == "__main__":
    typer.run(main)
