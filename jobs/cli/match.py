"""`onebook match`: which records of any file are one person or organisation."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conf.linkage import LinkageConf, load_linkage
from conf.located import load
from jobs.cli import output
from jobs.cli.match_explain import kept_of
from jobs.cli.options import AsJson, Verbose
from jobs.core.errors import DataRefused, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from models.linkage.labels import Labels


def command(
    inputs: Annotated[
        list[Path],
        typer.Option(
            "--input", help="CSV, Parquet or Delta; given several times, they are linked as sources."
        ),
    ],
    out: Annotated[Path, typer.Option("--output", help="Folder for clusters, pairs, model and report.")],
    config: Annotated[
        Path | None,
        typer.Option("--config", help="match.yaml: each column's meaning. Proposed where not given."),
    ] = None,
    key: Annotated[str | None, typer.Option(help="Column that names a record [the row's number].")] = None,
    source: Annotated[str | None, typer.Option(help="Column that names a record's source.")] = None,
    truth: Annotated[
        str | None, typer.Option(help="Column that tells which records are one, to evaluate by.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0.01, max=0.99, help="Least probability to join [0.5].")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="Folder of an earlier match: watch.json tells what changed since.")
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="Pairs (record_id_l, record_id_r, same) or records (record_id, entity) known already."
        ),
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="What weighs the pairs: duckdb or spark [duckdb].")
    ] = None,
    suggest: Annotated[bool, typer.Option("--suggest", help="Propose a match.yaml and stop.")] = False,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Find the records that are one person or organisation, from what the columns mean."""
    from models.linkage import marked, reading, watching, writing  # noqa: PLC0415 - pandas and Splink only where needed
    from models.linkage.match import match  # noqa: PLC0415

    began = time.monotonic()
    try:
        marked.common_mark(inputs)
        table, origin = reading.read(inputs)
    except (reading.UnreadableError, marked.MarkError) as error:
        raise UsageError(*_parts(error)) from None
    given: dict[str, Any] = {
        "key": key,
        "source": source,
        "truth": truth,
        "threshold": threshold,
        "labels": None if labels is None else str(labels),
        "engine": engine,
    }
    config, proposed = (config, False) if config else (_propose(table, out, inputs), True)
    if suggest:
        output.say(f"proposed {config}; give it with --config once it is right")
        return
    conf = load_linkage(config, **given)
    before = kept_of(previous) if previous else None
    table, conf = _with_origin(table, origin, conf)
    _check(table, conf, config)
    known = _known(table, conf)
    matched = match(table, conf, lambda step: None if json else output.say(step), known)
    told = writing.write(out, table, conf, matched) | {
        "output": str(out), "config": str(config), "proposed": proposed, "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    watched = watching.watch(out, kept_of(out), before, conf.watch)
    told |= {"measures": watched["measures"], "jumps": watched["jumps"]}
    output.as_json(told) if json else output.facts(told)
    if watched["jumps"]:
        raise DataRefused(
            "; ".join(watched["jumps"]), "look at watch.json, mend it or raise the limits under `watch:`"
        )


def _parts(error: Exception) -> tuple[str, str]:
    problem, _, remedy = str(error).partition("; ")
    return problem, remedy


def _propose(table: pd.DataFrame, out: Path, inputs: list[Path]) -> Path:
    from models.linkage import marked  # noqa: PLC0415
    from models.linkage.profiling import profile, proposed_yaml  # noqa: PLC0415

    mark = marked.common_mark(inputs)
    out.mkdir(parents=True, exist_ok=True)
    file, text = out / "match.yaml", marked.as_yaml(mark) if mark else proposed_yaml(profile(table))
    if file.exists() and file.read_text(encoding="utf-8") != text:
        kept = file.replace(out / "match.previous.yaml")
        output.say(f"{file} is proposed anew; what stood there is {kept.name} (--config {kept} uses it)")
    file.write_text(text, encoding="utf-8")
    load(file)
    return file


def _known(table: pd.DataFrame, conf: LinkageConf) -> Labels | None:
    from models.linkage import reading  # noqa: PLC0415
    from models.linkage.labels import LabelError, of_table  # noqa: PLC0415
    from models.linkage.writing import record_ids  # noqa: PLC0415

    if conf.labels is None:
        return None
    try:
        return of_table(reading.read([conf.labels])[0], record_ids(table, conf))
    except (LabelError, reading.UnreadableError) as error:
        raise UsageError(*_parts(error)) from None


def _with_origin(
    table: pd.DataFrame, origin: pd.Series[str] | None, conf: LinkageConf
) -> tuple[pd.DataFrame, LinkageConf]:
    """Several files are sources of their own, unless a column names the source already."""
    if origin is None or conf.source_column is not None:
        return table, conf
    return table.assign(_input=origin), conf.model_copy(update={"source": "_input"})


def _check(table: pd.DataFrame, conf: LinkageConf, config: Path) -> None:
    held = set(table.columns)
    named = {*conf.columns, *(c for c in (conf.key_column, conf.source_column, conf.truth_column) if c)}
    if missing := sorted(named - held):
        raise UsageError(
            f"{config}: column {missing[0]!r} isn't in the input",
            f"its columns are {', '.join(map(str, table.columns))}",
        )
    if conf.key_column is not None:
        _check_key(table, conf.key_column, conf.source_column)


def _check_key(table: pd.DataFrame, key: str, source: str | None) -> None:
    """That it names every record, and each once, or once in its source."""
    if (empty := table[key].isna().to_numpy()).any():
        told = f"column {key!r} names no record in row {int(empty.argmax()) + 1}"
        raise UsageError(told, "fill it, or give another with --key")
    if (again := table.duplicated([key] if source is None else [source, key]).to_numpy()).any():
        row = int(again.argmax()) + 1
        raise UsageError(
            f"column {key!r} doesn't name each record once: row {row} repeats an earlier one",
            "give another with --key, or --source beside it" if source is None else "give another with --key",
        )
