"""What is expected to be lost on what customers owe: by their chance of default where a model tells it, else by days past due.

Expected loss is probability × exposure × loss given default (Basel Committee 2006, IRB; lifetime as the sum over years of the marginal
probability, IFRS 9 5.5). The exposure is what is owed now. With p the chance within h months, a year's is
1 − (1 − p)^(12/h), the hazard being constant. Who is in default already, or owes on something that bears no default of its
own (an overdraft), has no chance: the yearly rate by days past due of gold.customer_value stands in, as a part of all that is owed.
Either way a debt is lost once: of a yearly rate r the mean over n years is (1 − (1 − r)^n) / n.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.columns.money import money
from jobs.core.scores import latest

YEAR: Final = 12


def with_loss(families: DataFrame, default: DataFrame, as_of: date) -> DataFrame:
    """`families` (customer_id, family, owed, lost_at_default, cost_of_risk) with a year's expected loss.

    Adds `_at_risk` (lost at a default), `_rate` (its yearly probability) and `loss_foretold` (by models.default_score, else by
    days past due; null where nothing is owed); cost_of_risk becomes their product.
    """
    rows = families.join(_yearly(default, as_of), on="customer_id", how="left")
    owed, lost = F.col("owed").cast("double"), F.col("lost_at_default").cast("double")
    by_days = F.least(F.col("cost_of_risk").cast("double") / F.nullif(owed, F.lit(0.0)), F.lit(1.0))
    told = F.col("_chance").isNotNull() & lost.isNotNull()
    rows = rows.withColumns(
        {
            "loss_foretold": F.when(owed > 0, told),
            "_at_risk": F.when(told, lost).otherwise(owed),
            "_rate": F.when(told, F.col("_chance")).otherwise(by_days),
        }
    )
    expected = F.when(F.col("loss_foretold"), money(F.col("_at_risk") * F.col("_rate")))
    return rows.withColumn("cost_of_risk", expected.otherwise(F.col("cost_of_risk"))).drop("_chance")


def yearly_loss(years: float) -> Column:
    """The mean expected loss a year over so many years, of rows of `with_loss`."""
    lost = F.col("_at_risk") * (1 - F.pow(1 - F.col("_rate"), years)) / years
    return F.coalesce(lost, F.col("cost_of_risk").cast("double"))


def _yearly(default: DataFrame, as_of: date) -> DataFrame:
    """(customer_id, _chance): the chance of default within a year of the last scoring by `as_of`."""
    within = F.pow(1 - F.col("probability"), YEAR / F.col("horizon_months"))
    return latest(default, as_of).select("customer_id", (1 - within).alias("_chance"))
