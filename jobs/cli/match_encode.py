"""`onebook match-encode`: a list encoded under a shared key, so that another party can match it without seeing names."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conf.encoding import EncodingConf, Mark
from conf.linkage import load_linkage
from jobs.cli import output
from jobs.cli.options import AsJson, Verbose
from jobs.core.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


def command(
    source: Annotated[Path, typer.Option("--input", help="CSV, Parquet or Delta.")],
    config: Annotated[Path, typer.Option("--config", help="match.yaml: each column's meaning.")],
    key_file: Annotated[Path, typer.Option("--key-file", help="The secret that the parties share.")],
    out: Annotated[Path, typer.Option("--output", help="The encoded list, a .parquet file.")],
    key: Annotated[str | None, typer.Option(help="Column that names a record; it stays in clear.")] = None,
    like: Annotated[
        Path | None, typer.Option(help="The other party's encoded list: take its scheme, check its key.")
    ] = None,
    hardening: Annotated[str, typer.Option(help="none, balanced or folded.")] = "folded",
    salt: Annotated[
        str | None, typer.Option(help="A column that never changes; it enters every hash.")
    ] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Encode a list under a shared key; `onebook match` takes encoded lists as any other."""
    from models.linkage import encoding, marked, reading  # noqa: PLC0415 - pandas only where needed

    if out.suffix != ".parquet":
        raise UsageError(f"{out} isn't a .parquet file", "encoded lists are Parquet: name the output so")
    if hardening not in {"none", "balanced", "folded"}:
        raise UsageError(f"there is no hardening {hardening!r}", "give none, balanced or folded")
    conf = load_linkage(config, key=key)
    try:
        secret = encoding.read_key(key_file)
        theirs = _theirs(like, encoding.check_value(secret))
        table, _ = reading.read([source])
    except (encoding.KeyRefusedError, marked.MarkError, reading.UnreadableError) as error:
        problem, _, remedy = str(error).partition("; ")
        raise UsageError(problem, remedy) from None
    scheme = theirs.scheme if theirs else EncodingConf(hardening=hardening, salt=salt)  # type: ignore[arg-type]
    _check(table, [*conf.columns, *([scheme.salt] if scheme.salt else [])], config)
    if stat.S_IMODE(key_file.stat().st_mode) & 0o077:
        output.say(f"others can read {key_file}: chmod 600 {key_file}")
    encoded, mark = encoding.encoded(table, conf, scheme, secret)
    marked.write(out, encoded, mark)
    told = {"output": str(out), "records": len(encoded), "columns": mark.columns, "check": mark.check}
    output.as_json(told) if json else output.facts(told)


def _theirs(like: Path | None, check: str) -> Mark | None:
    """The other party's mark. Raises MarkError where it was made under another key."""
    from models.linkage import marked  # noqa: PLC0415

    if like is None:
        return None
    mark = marked.mark_of(like)
    if mark is None:
        raise UsageError(f"{like} isn't an encoded list", "give a file that `onebook match-encode` wrote")
    marked.same_key(check, mark, like)
    return mark


def _check(table: pd.DataFrame, named: list[str], config: Path) -> None:
    if missing := sorted(set(named) - set(table.columns)):
        raise UsageError(
            f"{config}: column {missing[0]!r} isn't in the input",
            f"its columns are {', '.join(map(str, table.columns))}",
        )
