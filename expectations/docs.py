"""Data docs: Great Expectations' own static site, drawn from stored results, self-contained and without a network.

One page for each suite and one for the latest result of each table, made by GX's renderers from the counts in
quality.result. Importing GX takes 11–40 s: only the command that builds the site imports this module.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any, Final, TypedDict

import pyarrow.fs as pafs

from expectations.gate import Suite, load_suite
from expectations.offline import make_self_contained


class Result(TypedDict):
    """A row of quality.result; `as_of` is its business date."""

    table: str
    rule: str
    as_of: date
    expectation: str
    action: str
    severity: str
    rows: int
    failures: int
    outcome: str
    suite: str


SITE: Final = "site"
CORE: Final = "core"
KEYS: Final = "data_context.types.resource_identifiers"
QUIET: Final = {"ok", "skipped"}


def build_docs(results: Iterable[Result], uri: str, trees: tuple[Path, ...] = ()) -> int:
    """Write the site of `results` (rows of quality.result) under `uri`; returns the number of result pages.

    The pages depend on the results alone: their run time is the business date. `trees` are the bank's
    further suite folders, as for load_suite.
    """
    with tempfile.TemporaryDirectory() as folder:
        context = _context(Path(folder))
        pages = 0
        ordered = sorted(results, key=lambda r: (r["table"], r["as_of"], r["rule"]))
        for (table, as_of), rows in groupby(ordered, key=lambda r: (r["table"], r["as_of"])):
            if suite := load_suite(table, *trees):
                pages += _store(context, suite, as_of, list(rows))
        context.build_data_docs()
        site = Path(folder) / SITE
        make_self_contained(site)
        target, path = _opened(uri)
        target.create_dir(path, recursive=True)
        pafs.copy_files(str(site), path, pafs.LocalFileSystem(), target)
    return pages


def _opened(uri: str) -> tuple[pafs.FileSystem, str]:
    """The file system of a URI and the path in it; a local path is taken literally, spaces and all."""
    if uri.startswith("file://"):
        return pafs.LocalFileSystem(), uri.removeprefix("file://")
    found: tuple[pafs.FileSystem, str] = pafs.FileSystem.from_uri(uri)
    return found


def _context(folder: Path) -> Any:
    """A file context of one site; nothing of it but the site is kept."""
    gx: Any = import_module("great_expectations")
    context = gx.get_context(mode="file", project_root_dir=str(folder))
    for site in context.get_docs_sites_urls():
        context.delete_data_docs_site(site["site_name"])
    context.add_data_docs_site(
        "onebook",
        {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder / SITE),
            },
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        },
    )
    return context


def _store(context: Any, suite: Suite, as_of: date, rows: list[Result]) -> int:
    core, keys = (import_module(f"great_expectations.{m}") for m in (CORE, KEYS))
    asked = core.ExpectationSuite(suite.table, expectations=suite.config)
    context.suites.add_or_update(asked)
    by_rule = {r["rule"]: r for r in rows}
    said = [
        _said(e.configuration, by_rule[e.meta["rule"]])
        for e in asked.expectations
        if e.meta["rule"] in by_rule
    ]
    midnight = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)
    run = core.RunIdentifier(run_name=as_of.isoformat(), run_time=midnight)
    result = core.ExpectationSuiteValidationResult(
        success=all(s.success for s in said),
        results=said,
        suite_name=suite.table,
        statistics=_statistics(said),
        meta={
            "run_id": run,
            "batch_spec": {"data_asset_name": suite.table},
            "validation_time": as_of.isoformat(),
        },
    )
    key = keys.ValidationResultIdentifier(keys.ExpectationSuiteIdentifier(suite.table), run, suite.table)
    context.validation_results_store.set(key, result)
    return 1


def _said(asked: Any, row: Result) -> Any:
    share = 100 * row["failures"] / row["rows"] if row["rows"] else 0.0
    result: Any = import_module(f"great_expectations.{CORE}").ExpectationValidationResult
    return result(
        success=row["outcome"] in QUIET,
        expectation_config=asked,
        result={
            "element_count": row["rows"],
            "unexpected_count": row["failures"],
            "unexpected_percent": share,
            "unexpected_percent_total": share,
            "observed_value": f"{row['outcome']}: {row['failures']:,} of {row['rows']:,}",
        },
        meta={},
        exception_info={"raised_exception": False, "exception_message": None, "exception_traceback": None},
    )


def _statistics(said: list[Any]) -> Mapping[str, float]:
    good = sum(bool(s.success) for s in said)
    return {
        "evaluated_expectations": len(said),
        "successful_expectations": good,
        "unsuccessful_expectations": len(said) - good,
        "success_percent": 100 * good / len(said) if said else 100.0,
    }
