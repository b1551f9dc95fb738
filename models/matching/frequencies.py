"""Term frequencies: how common a value is, in steps, so that a day's delivery doesn't move every weight."""

from __future__ import annotations

from models.matching.model import MatchModel

# Shares are rounded to half powers of two: a weight moves by half a bit or not at all.
STEPS_PER_BIT = 2


def frequency_sql(records: str, column: str) -> str:
    """(column, tf_column) for each value of `column` in `records`, from the records themselves."""
    share = f"count(*) / (SELECT count({column}) FROM {records})"
    return (
        f"SELECT {column}, power(2, round({STEPS_PER_BIT} * log2({share})) / {STEPS_PER_BIT}) AS tf_{column} "
        f"FROM {records} WHERE {column} IS NOT NULL GROUP BY {column}"
    )


def frozen_frequency_sql(records: str, column: str, frozen: str, least: float) -> str:
    """As `frequency_sql`, from the model's own table `frozen` (value, share); unseen values get `least`."""
    return (
        f"SELECT d.{column}, coalesce(f.share, {least!r}) AS tf_{column} FROM "
        f"(SELECT DISTINCT {column} FROM {records} WHERE {column} IS NOT NULL) AS d "
        f"LEFT JOIN {frozen} AS f ON d.{column} = f.value"
    )


def frozen_rows(model: MatchModel, column: str) -> dict[str, list[str] | list[float]]:
    """The model's frequencies of one column as columns of a table."""
    table = model.term_frequencies[column]
    return {"value": list(table), "share": list(table.values())}


def least_share(model: MatchModel, column: str) -> float:
    """The share given to values that the model has never seen: its rarest."""
    return min(model.term_frequencies[column].values(), default=1e-6)
