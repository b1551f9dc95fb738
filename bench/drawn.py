"""The headline figures as tables for people."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from jobs.cli.output import OUT, table

Row = dict[str, Any]
Columns = dict[str, tuple[str, Callable[[Any], str]]]
MODELS = ("churn", "clv", "cross_sell")


def percent(value: Any) -> str:
    """A share, in per cent; a dash where there is nothing to measure."""
    return "–" if value is None or math.isnan(value) else f"{100 * value:.1f} %"


def count(value: Any) -> str:
    """A whole number; a dash where there is none."""
    return "–" if value is None or math.isnan(value) else f"{int(value):,}"


def score(value: Any) -> str:
    """A metric; a dash where there is none."""
    return "–" if value is None or math.isnan(value) else f"{value:.4f}"


DUPLICATES: Columns = {
    "records": ("records", count),
    "entities": ("true", count),
    "before": ("duplicates before", percent),
    "repeated": ("of these in one source", percent),
    "customers": ("customers", count),
    "after": ("duplicates after", percent),
    "customers_per_entity": ("customers each", score),
    "mixed": ("mixed", count),
    "precision": ("pair precision", score),
    "recall": ("pair recall", score),
    "f1": ("F1", score),
}
ERRORS: Columns = {
    "stated_in_sources": ("stated in sources", count),
    "wrong_in_sources": ("wrong", percent),
    "stated_in_golden": ("golden values", count),
    "wrong_in_golden": ("wrong", percent),
}
INCONSISTENCY: Columns = {
    "pairs": ("pairs across sources", count),
    "pairs_differing": ("differ", percent),
    "shared": ("shared values", count),
    "conflicting_before": ("in conflict before", percent),
    "conflicting_after": ("after", percent),
}
PROFILE: Columns = {
    "customers": ("customers", count),
    "filled": ("filled", percent),
    "right": ("right", percent),
    "right_of_filled": ("right of the filled", percent),
}
FIGURES: Columns = {
    "ours": ("ours", score),
    "baseline": ("naive", score),
    "oracle": ("best possible", score),
    "cases": ("cases", count),
}


def draw(found: Row) -> None:
    """Print the tables."""
    duplicates, errors = found["duplicates"], found["errors"]
    OUT.print(f"[bold]Onebook on the demonstration bank, {found['as_of']}, against its truth[/bold]")
    _table("Duplicate records: of one person or company, beyond the first", "kind", duplicates, DUPLICATES)
    _table("Wrong attribute values: in the sources → in the golden record", "attribute", errors, ERRORS)
    inconsistency = found["inconsistency"]
    _table("Sources that disagree about one person or company", "attribute", inconsistency, INCONSISTENCY)
    agreeing = inconsistency[-1]["sources_agreeing_with_golden"]
    OUT.print(f"Of the sources that state a contested value, {percent(agreeing)} agree with the golden one.")
    _table("Profile against the truth (left: lost, truly gone)", "attribute", found["profile"], PROFILE)
    models = found["models"]
    for model in MODELS:
        if not any(figure["model"] == model for figure in models):
            models = [*models, {"model": model, "metric": "no scores: the gate let no model pass"}]
    named = [{**figure, "name": f"{figure['model']} {figure['metric']}"} for figure in models]
    _table(
        "Models: ours beside the naive baseline and the best that the truth allows", "name", named, FIGURES
    )


def _table(title: str, key: str, rows: list[Row], columns: Columns) -> None:
    heads = [label for label, _ in columns.values()]
    shown = [[row[key], *(said(row.get(name)) for name, (_, said) in columns.items())] for row in rows]
    table(title, [key, *heads], shown, right=heads)
