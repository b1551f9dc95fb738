"""Stored results go in, a site comes out that opens without a network and holds counts alone."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from expectations.docs import Result, build_docs
from expectations.gate import load_suite

FETCHED = re.compile(r"<(?:link|script|img)\b[^>]*(?:src|href)=\"https?:|url\(['\"]?https?:")


def _results(table: str, as_of: date) -> list[Result]:
    suite = load_suite(table)
    assert suite is not None
    return [
        Result(
            table=table,
            rule=rule.name,
            as_of=as_of,
            expectation=rule.type,
            action=rule.meta.action,
            severity=rule.severity,
            rows=1234,
            failures=7 if rule.name == "kind_unknown" else 0,
            outcome="quarantined" if rule.name == "kind_unknown" else "ok",
            suite=suite.hash,
        )
        for rule in suite.rules
    ]


@pytest.mark.slow
def test_the_site_shows_each_tables_results_by_date_and_fetches_nothing(tmp_path: Path) -> None:
    days = (date(2026, 1, 30), date(2026, 1, 31))
    results = [
        r for table in ("silver.transaction", "silver.branch") for day in days for r in _results(table, day)
    ]
    site = tmp_path / "docs with a space"
    assert build_docs(results, f"file://{site}") == 4

    pages = {p.relative_to(site).as_posix(): p.read_text("utf-8") for p in site.rglob("*.html")}
    assert {n.split("/")[-1] for n in pages} == {
        "index.html", "silver.transaction.html", "silver.branch.html", "transaction.html", "branch.html",
    }  # fmt: skip
    assert not [name for name, text in pages.items() if FETCHED.search(text)]
    shown = next(text for name, text in pages.items() if "2026-01-31/" in name and "transaction" in name)
    assert "1234" in shown.replace(",", "")
    assert "Unsuccessful Expectations" in shown
    for name, text in pages.items():
        local = re.findall(r'(?:src|href)="((?!https?:|#|data:)[^"]*offline[^"]*)"', text)
        assert len(local) >= 4, name
        assert all((site / name).parent.joinpath(link).resolve().is_file() for link in local), name
