"""docs/data-model.md: every table above bronze with its grain, key, classification and columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from jobs.core.aside import QUARANTINE
from jobs.core.job import Job, Output
from jobs.core.quality import RESULT
from jobs.core.schema import Column, Schema

WRITES: Final = {
    "Append": "appended, exactly once per input version",
    "Facts": "append-only facts; the same fact again is deduplicated",
    "Versions": "append-only versions; the last one by valid_from, known_from is the current state",
    "Snapshot": "the current state; nothing is committed where it is as it was",
    "AsOf": "dated rows; a run replaces those of its own business date",
    "History": "a dated log of a state; rows that differ from the last entry are appended",
}
LAYERS: Final = ("bronze", "silver", "identity", "gold", "models", "publish")
LEVELS: Final = "1 public, 2 internal, 3 customer data, 4 sensitive customer data, 5 most sensitive"
HEAD: Final = f"""# Data model

Generated from the schemas by `python -m jobs.docs --write`; `make check` fails where it is stale. Don't edit.

Levels follow JR/T 0197-2020: {LEVELS}.
A *restricted* table holds direct identifiers and lies apart. The *subject* is the column by which one person's
rows are found and erased. Bronze tables hold what each bank's source contracts name: see [sources](sources/).
"""
RUNNERS: Final = (
    ("quality.result", "One row per judged table, rule and business date: counts, no values.", RESULT),
    (
        "quarantine.*",
        "One table `quarantine.<layer>_<name>` per table that refused rows: one row per refused row and piece of work.",
        QUARANTINE,
    ),
)


def page(jobs: Sequence[Job]) -> str:
    """The whole page: an overview, each table by layer, then the runner's own."""
    tables = [(name, output, job) for job in jobs for name, output in job.outputs.items()]
    layers = groupby(sorted(tables, key=lambda t: (rank(t[0]), t[0])), key=lambda t: _layer(t[0]))
    parts = [HEAD, _overview(tables)]
    for layer, members in layers:
        parts += [f"## {layer}\n", *(_table(*t) for t in members)]
    parts += ["## The runner's own\n", *(section(*t) for t in RUNNERS)]
    return "\n".join(parts).rstrip() + "\n"


def columns_table(columns: Iterable[Column], key: Sequence[str]) -> str:
    """Markdown rows: column, type, level, category, meaning; key columns in bold."""
    rows = [
        (f"**{c.name}**" if c.name in key else c.name, f"`{c.type}`", c.level, c.category, c.meaning)
        for c in columns
    ]
    return grid(("column", "type", "level", "category", "meaning"), rows)


def grid(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; pipes in cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(_cell(c) for c in line) + " |\n" for line in lines)


def _overview(tables: Sequence[tuple[str, Output, Job]]) -> str:
    rows = [
        (f"[{n}](#{n.replace('.', '')})", j.schedule, max(c.level for c in o.schema.columns), _marks(o))
        for n, o, j in tables
    ]
    return f"{len(tables)} tables, in the order in which they are built.\n\n" + grid(
        ("table", "schedule", "highest level", ""), rows
    )


def _table(name: str, output: Output, job: Job) -> str:
    link = f"[{job.table}](#{job.table.replace('.', '')})"
    grain = sentence(job.grain) if name == job.table else f"Built with {link}."
    written = f"Written: {WRITES[type(output.write).__name__]}."
    return section(name, f"{grain} {written}", output.schema)


def section(name: str, told: str, schema: Schema) -> str:
    """One table: what is told of it, then key, subject, restriction and columns."""
    facts = [
        told,
        f"Key: {', '.join(f'`{k}`' for k in schema.key)}.",
        f"Subject: `{schema.subject}`." if schema.subject else "No subject: impersonal rows.",
        *(["**Restricted.**"] if schema.restricted else []),
    ]
    return f"### {name}\n\n{' '.join(facts)}\n\n{columns_table(schema.columns, schema.key)}"


def sentence(text: str) -> str:
    """With a capital at its start and one full stop at its end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _marks(output: Output) -> str:
    return ", ".join(
        word
        for word, there in (
            ("restricted", output.schema.restricted),
            ("impersonal", not output.schema.personal),
        )
        if there
    )


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def _layer(table: str) -> str:
    return table.split(".", maxsplit=1)[0]


def rank(table: str) -> tuple[int, str]:
    """Where a table's layer stands in the house; a new layer stands behind."""
    layer = _layer(table)
    return (LAYERS.index(layer) if layer in LAYERS else len(LAYERS), layer)
