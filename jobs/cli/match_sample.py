"""`onebook match-sample`: pairs for people to judge, and the precision that their judgement tells of."""

from __future__ import annotations

import json as text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.cli import output
from jobs.cli.match_explain import kept_of
from jobs.cli.options import AsJson, Verbose
from jobs.core import storage
from jobs.core.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def command(
    out: Annotated[Path, typer.Option("--output", help="Folder that `onebook match` wrote.")],
    to: Annotated[Path | None, typer.Option(help="CSV to write for the clerks.")] = None,
    size: Annotated[int, typer.Option(min=10, help="Pairs to draw.")] = 200,
    beside: Annotated[
        Path | None, typer.Option("--input", help="The matched file: its values stand beside the pairs.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Column of it that names a record [the row's number].")
    ] = None,
    judged: Annotated[Path | None, typer.Option(help="The CSV with `is_match` filled in.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 20260101,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Draw pairs for clerks (--to), or read their verdicts (--judged) and estimate the precision of the match."""
    if (to is None) == (judged is None):
        raise UsageError("either draw a sample or read one", "give --to FILE or --judged FILE")
    kept = kept_of(out)
    told = _drawn(kept.pairs, to, size, seed, beside, key) if to else _estimated(out, judged)
    output.as_json(told) if json else output.facts(told)


def _drawn(
    pairs: pd.DataFrame, to: Path, size: int, seed: int, beside: Path | None, key: str | None
) -> dict[str, Any]:
    from models.linkage.clerical import drawn  # noqa: PLC0415 - pandas only where needed

    chosen = drawn(pairs.rename(columns={"same_customer": "joined"}), size, seed)
    whole = chosen if beside is None else _with_values(chosen, beside, key)
    with storage.private(to) as arriving:
        whole.to_csv(arriving, index=False, encoding="utf-8-sig")
    return {"sample": str(to), "pairs": len(chosen), "joined": int(chosen["joined"].astype(bool).sum())}


def _with_values(chosen: pd.DataFrame, beside: Path, key: str | None) -> pd.DataFrame:
    """Both records' values, column by column, safe to open in a spreadsheet."""
    from models.linkage import reading  # noqa: PLC0415

    table, _ = reading.read([beside])
    if key is not None and key not in table.columns:
        raise UsageError(f"column {key!r} isn't in {beside}", f"its columns are {', '.join(table.columns)}")
    names = table.index.astype(str) if key is None else table[key].astype(str)
    values = table.set_axis(names, axis=0).astype("string")
    values = values.where(~values.apply(lambda c: c.str.startswith(FORMULA, na=False)), "'" + values)
    for column in (c for c in table.columns if c != key):
        for side in ("l", "r"):
            chosen[f"{column}_{side}"] = chosen[f"record_id_{side}"].map(values[column].to_dict())
    return chosen


def _estimated(out: Path, judged: Path | None) -> dict[str, Any]:
    import pandas as pd  # noqa: PLC0415

    from models.linkage.clerical import VerdictError, estimated  # noqa: PLC0415
    from models.linkage.files import whole  # noqa: PLC0415

    if judged is None or not judged.is_file():
        raise UsageError(
            f"there is no file {judged}", "give the CSV that --to wrote, with `is_match` filled in"
        )
    try:
        sample = pd.read_csv(judged, dtype=str, encoding="utf-8-sig", keep_default_na=False)
        both = {"precision": estimated(sample, joined=True), "missed": estimated(sample, joined=False)}
    except VerdictError as error:
        problem, _, remedy = str(error).partition("; ")
        raise UsageError(problem, remedy) from None
    told = {name: estimate.as_dict() for name, estimate in both.items() if estimate}
    if not told:
        raise UsageError(f"no pair in {judged} is judged", "fill `is_match` with yes or no")
    whole(out / "clerical.json", lambda f: f.write_text(text.dumps(told, indent=1), "utf-8"))
    return told
