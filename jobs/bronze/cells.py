"""Records cut into cells: one string for each column of the contract, null where nothing was delivered."""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from conf.contracts import SourceContract
from jobs.bronze.reading import MALFORMED, has_cells

CORRUPT: Final = "_corrupt"


def cut(lines: DataFrame, contract: SourceContract) -> DataFrame:
    """`lines` with `_cells` (struct of strings), `_note` and `_extra` (keys unknown to the contract, or null).

    A CSV record with another number of cells than columns is malformed, as is JSON that isn't an object.
    """
    if has_cells(contract):
        return lines.withColumn("_extra", F.lit(None).cast("array<string>"))
    return _json(lines, contract) if contract.format.type == "json" else _csv(lines, contract)


def _csv(lines: DataFrame, contract: SourceContract) -> DataFrame:
    form = contract.format
    if form.quote is None:
        parts = F.split(F.col("_raw"), _literally(form.delimiter), -1)
        split = lines.withColumn("_parts", parts)
        whole = F.size("_parts") == len(contract.columns)
        cells = F.struct(*(F.get("_parts", F.lit(i)).alias(n) for i, n in enumerate(contract.column_names)))
    else:
        split = lines.withColumn("_parts", F.from_csv("_raw", _csv_type(contract), _csv_options(contract)))
        whole = F.col("_parts")[CORRUPT].isNull()
        cells = F.struct(*(F.col("_parts")[n].alias(n) for n in contract.column_names))
    return split.select(
        *(c for c in lines.columns if c != "_note"),
        _note(whole),
        F.when(whole, cells).alias("_cells"),
        F.lit(None).cast("array<string>").alias("_extra"),
    )


def _json(lines: DataFrame, contract: SourceContract) -> DataFrame:
    """Keys by name; one left out is null, as JSON writers do; one unknown to the contract is told in _extra."""
    parts = F.from_json("_raw", "map<string,string>", {"mode": "PERMISSIVE"})
    split = lines.withColumn("_parts", parts)
    cells = F.struct(*(F.try_element_at("_parts", F.lit(n)).alias(n) for n in contract.column_names))
    extra = F.array_except(F.map_keys("_parts"), F.array(*(F.lit(n) for n in contract.column_names)))
    whole = F.col("_parts").isNotNull()
    return split.select(
        *(c for c in lines.columns if c != "_note"),
        _note(whole),
        F.when(whole, cells).alias("_cells"),
        F.when(whole & (F.size(extra) > 0), extra).alias("_extra"),
    )


def _note(whole: Column) -> Column:
    broken = F.col("_facts").isNull() & ~whole
    return F.coalesce("_note", F.when(broken, F.lit(MALFORMED))).alias("_note")


def _csv_type(contract: SourceContract) -> str:
    return ", ".join(f"`{n}` string" for n in (*contract.column_names, CORRUPT))


def _csv_options(contract: SourceContract) -> dict[str, str]:
    """Spark's own reading of one record; a quote inside quotes is doubled (RFC 4180), backslash is a character."""
    quote = contract.format.quote or ""
    return {
        "sep": contract.format.delimiter,
        "quote": quote,
        "escape": quote,
        "mode": "PERMISSIVE",
        "columnNameOfCorruptRecord": CORRUPT,
        "multiLine": str(contract.format.multiline).lower(),
        "maxCharsPerColumn": "-1",
    }


def _literally(delimiter: str) -> str:
    """A regular expression that matches the delimiter and nothing else."""
    return "".join(c if c.isalnum() else f"\\{c}" for c in delimiter)
