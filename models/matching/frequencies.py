"""Term frequencies: how common a value is, in steps, so that a day's delivery doesn't move every weight."""

from __future__ import annotations

from typing import Final

from conf.matching import EntityMatching
from models.matching.model import MatchModel

# Shares are rounded to half powers of two: a weight moves by half a bit or not at all.
STEPS_PER_BIT: Final = 2
FREQUENCY_TYPE: Final = "field string, value string, share double"
LEAST_BEARERS: Final = 5
"""A value borne by fewer records than this could point at a person: its frequency isn't kept."""
RECORDS: Final = "record_id"
"""The field under which the share of one record of all stands, for OTHERS: each is borne by itself alone."""
OTHERS: Final = ""
"""Stands for every value that isn't listed."""
UNKNOWN: Final = 1e-6
"""The share of a value where no frequencies of its column are known."""


def share_sql(bearers: str, whole: str) -> str:
    """`bearers` of `whole` as a share, in steps; SQL that DuckDB and Spark both run."""
    return f"power(2, round({STEPS_PER_BIT} * log2({bearers} / {whole})) / {STEPS_PER_BIT})"


def at_size(rules: EntityMatching, one_of_all: float | None) -> EntityMatching:
    """The rules with the prior of a book of which one record is that share: of n records with r a customer two are one
    with probability (r - 1) / (n - 1). In a smaller book than `prior_at` it stands, for few tell little of r.
    """
    if rules.prior_at is None or one_of_all is None:
        return rules
    return rules.model_copy(update={"prior": rules.prior * min(rules.prior_at * one_of_all, 1.0)})


def frequency_sql(records: str, column: str) -> str:
    """(column, tf_column) for each value of `column` in `records`, from the records themselves."""
    share = share_sql("count(*)", f"(SELECT count({column}) FROM {records})")
    return (
        f"SELECT {column}, {share} AS tf_{column} FROM {records} WHERE {column} IS NOT NULL GROUP BY {column}"
    )


def frozen_frequency_sql(records: str, column: str, frozen: str) -> str:
    """As `frequency_sql`, from the table `frozen` (FREQUENCY_TYPE), where OTHERS stands for what isn't listed."""
    told = f"SELECT value, share FROM {frozen} WHERE field = '{column}'"
    other = f"(SELECT coalesce(min(share), {UNKNOWN!r}) FROM {frozen} WHERE field = '{column}' AND value = '{OTHERS}')"
    return (
        f"SELECT d.{column}, coalesce(f.share, {other}) AS tf_{column} FROM "
        f"(SELECT DISTINCT {column} FROM {records} WHERE {column} IS NOT NULL) AS d "
        f"LEFT JOIN ({told}) AS f ON d.{column} = f.value"
    )


def frozen_rows(model: MatchModel) -> list[tuple[str, str, float]]:
    """The model's own frequencies as rows of such a table; a value never seen gets the share of its rarest."""
    return [
        (column, value, share)
        for column, table in model.term_frequencies.items()
        for value, share in {OTHERS: min(table.values(), default=UNKNOWN), **table}.items()
    ]
