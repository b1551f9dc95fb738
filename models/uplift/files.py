"""A campaign's file in, effects and a report out: both files whole, or neither."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from jobs.core.errors import UsageError
from models.uplift.estimating import ALL, Uplift

EFFECTS: Final = "effects.parquet"
REPORT: Final = "report.json"
QUOTING: Final = re.compile(r"CSV parse error: .*?got \d+|In CSV column #\d+: CSV conversion error to \w+")
"""How errors begin that go on with a row's values."""


def read(file: Path) -> pa.Table:
    """The rows of a CSV (comma, semicolon, tab or bar; UTF-8) or Parquet file. Raises UsageError where it is neither."""
    if not file.is_file():
        raise UsageError(f"there is no file {file}", "give a CSV or Parquet file with --input")
    try:
        return pq.read_table(file) if file.suffix == ".parquet" else _csv(file)
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
        raise UsageError(f"{file} can't be read: {_reason(error)}", "give a whole file in UTF-8") from None


def _reason(error: Exception) -> str:
    """What Arrow says, up to where it quotes the row."""
    found = QUOTING.match(str(error))
    return found[0] if found else str(error).splitlines()[0]


def _csv(file: Path) -> pa.Table:
    with file.open(encoding="utf-8-sig") as lines:
        header = lines.readline()
    delimiter = max(",;\t|", key=header.count)
    return pc.read_csv(file, parse_options=pc.ParseOptions(delimiter=delimiter, newlines_in_values=True))


def write(out: Path, frame: pa.Table, told: Uplift, key: str | None) -> dict[str, Any]:
    """effects.parquet: the key, effect, tenth (1: most moved), and each learner's effect; report.json. Gives the report."""
    effect = told.effects[ALL]
    names = frame[key] if key else pa.array(np.arange(len(effect)))
    place = np.empty(len(effect), dtype=np.int32)
    place[np.argsort(-effect, kind="stable")] = np.arange(len(effect)) * 10 // len(effect) + 1
    single = {f"effect_{name}": values for name, values in told.effects.items() if name != ALL}
    rows = pa.table({key or "row": names, "effect": effect, "tenth": place, **single})
    report: dict[str, Any] = {
        **_plain(told.report),
        "assigned": _plain(told.assigned),
        "features": list(told.columns.features),
        "left_out": told.left_out,
    }
    out.mkdir(parents=True, exist_ok=True)
    arriving = {name: out / f".{name}" for name in (EFFECTS, REPORT)}
    pq.write_table(rows, arriving[EFFECTS])
    arriving[REPORT].write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, file in arriving.items():
        file.replace(out / name)
    return report


def _plain(value: Any) -> Any:
    """As JSON knows it: nan is null."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
