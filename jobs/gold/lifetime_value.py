"""gold.lifetime_value: one row per customer with a running contract, and date: what they are worth, and could be.

Beside it gold.lifetime_value_family, the same by product family: families add up to the customer.

    value_T = Σ_f Σ_{t=1..T} (m_f − c_f − l_f) · S(t) / (1 + d)^(t/12),  T = 12 and 36 months

(Berger and Nasr 1998; Gupta et al. 2006.) S is models.churn_survival, d the configured discount (8 % a year). The
margin a month m is what models.clv_score expects of twelve months, by the months that the customer is expected to be
there in them (leaving is in that expectation, and must not count twice), split over families as they contribute now;
without a forecast it is what runs now. c is what contracts and contacts cost (gold.customer_value_family), l the expected
loss: chance of default × what is owed × loss given default where models.default_score tells the chance, else by days past due
(jobs.gold.credit_loss); what is lost in a year can't be lost in the next.
The interval of value_12m is the forecast's, carried through the same formula; costs and S count as known in it.
Whose curve isn't known (they have been silent too long to be scored) has the mean of all. Beyond twelve months nothing
grows: what further products would bring is growth_value, apart.
"""

from __future__ import annotations

from datetime import date
from functools import reduce
from operator import add
from typing import Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.window import Window

from conf.bank import Bank
from conf.features import FeaturesConf
from conf.lifetime import LifetimeConf
from conf.profile import ProfileConf
from jobs.columns.money import MONEY, money, nothing, or_nothing
from jobs.core.features import widened
from jobs.core.job import AsOf, IfAny, Job, Output
from jobs.core.schema import column, schema
from jobs.core.scores import latest
from jobs.core.shared import shared
from jobs.gold.credit_loss import with_loss, yearly_loss
from jobs.gold.presence import HORIZONS, YEAR, mean_curve, presence

KEY: Final = ["customer_id", "as_of"]
BY_FAMILY: Final = "gold.lifetime_value_family"
VALUES: Final = tuple(f"value_{m}m" for m in HORIZONS)
LOSSES: Final = tuple(f"expected_loss_{m}m" for m in HORIZONS)
COSTS: Final = ("cost_of_risk", "cost_to_serve")
CURVE: Final = ("survival_12m", "survival_36m", "months_12m", "worth_12m", "worth_36m")
SCHEMA = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date of the value"),
    column("stage", "string", level=3, category="model", meaning="acquisition, maintenance, expansion or decline, as configured"),
    column("current_value", MONEY, level=4, category="model", meaning="what a year brings less what it costs, as it runs now"),
    column("potential_value", MONEY, level=4, category="model", meaning="what a year would bring of the balances held elsewhere, as configured"),
    column("growth_value", MONEY, level=4, category="model", meaning="expected value of the offers worth their contact (models.cross_sell_score)"),
    column("share_of_wallet", "double", level=4, category="model", meaning="what a year brings over that and potential_value; null where both are nothing"),
    column("survival_12m", "double", level=3, category="model", meaning="probability of still being there in 12 months"),
    column("survival_36m", "double", level=3, category="model", meaning="probability of still being there in 36 months"),
    column("survival_known", "boolean", level=2, category="technical", meaning="false where the mean curve stands in"),
    column("value_12m", MONEY, level=4, category="model", meaning="discounted value of the next 12 months"),
    column("value_12m_low", MONEY, level=4, category="model", meaning="lower end of its interval, null without a forecast that has one"),
    column("value_12m_high", MONEY, level=4, category="model", meaning="upper end of its interval"),
    column("value_36m", MONEY, level=4, category="model", meaning="discounted value of the next 36 months"),
    *(column(x, MONEY, level=4, category="risk", meaning=f"discounted loss expected of the next {x[14:16]} months on what is owed; the value is less by it") for x in LOSSES),
    column("loss_foretold", "boolean", level=2, category="technical", meaning="whether a chance of default tells all of the loss; false where days past due do of some of it, null where nothing is owed"),
    column("discount_rate", "double", level=1, category="technical", meaning="discount a year"),
    key=KEY,
    subject="customer_id",
)  # fmt: skip
FAMILY = schema(
    column("customer_id", "string", level=2, category="key", meaning="customer"),
    column("as_of", "date", level=1, category="time", meaning="business date of the value"),
    column("family", "string", level=2, category="key", meaning="deposit, loan, card, fund, insurance, wealth or other"),
    column("margin", MONEY, level=4, category="model", meaning="contribution a month, while the customer is there"),
    column("cost", MONEY, level=4, category="model", meaning="cost to serve a month"),
    column("loss", MONEY, level=4, category="risk", meaning="expected loss a month, of the first year"),
    column("loss_foretold", "boolean", level=2, category="technical", meaning="whether a chance of default tells it; false where days past due do, null where nothing is owed"),
    *(column(v, MONEY, level=4, category="model", meaning=f"discounted value of the next {v[6:8]} months") for v in VALUES),
    key=(*KEY, "family"),
    subject="customer_id",
)  # fmt: skip


def build(
    *,
    families: DataFrame,
    features: DataFrame,
    survival: DataFrame,
    clv: DataFrame,
    cross_sell: DataFrame,
    default: DataFrame,
    bank: Bank,
    as_of: date,
) -> dict[str, DataFrame]:
    """Values at the close of `as_of`; no rows while no churn model tells how long customers stay."""
    profile = bank.section("profile", ProfileConf)
    conf, known = profile.lifetime, bank.section("features", FeaturesConf)
    held = with_loss(_held(families), default, as_of)
    curves = _curves(held, latest(survival, as_of), conf.discount_rate)
    valued = shared(_valued(held, curves, _forecast(clv, as_of)))
    read = widened(features.where(F.col("as_of") == F.lit(as_of)), conf.reads, known).drop("definition")
    wallet = {family: float(margin) for family, margin in profile.value.margins.items()}
    whole = _whole(valued).join(read.drop("as_of"), on="customer_id", how="left")
    rows = whole.join(_growth(cross_sell, as_of), on="customer_id", how="left")
    dated = {"as_of": F.lit(as_of), "discount_rate": F.lit(conf.discount_rate)}
    told = _told(rows, conf, wallet).withColumns(dated)
    by_family = valued.withColumn("as_of", F.lit(as_of)).select(*FAMILY.names)
    return {JOB.table: told.select(*SCHEMA.names), BY_FAMILY: by_family}


def _held(families: DataFrame) -> DataFrame:
    """The families of customers with a running contract, and each one's part in the customer's contribution."""
    mine = Window.partitionBy("customer_id")
    brings = F.greatest(F.col("contribution_rate").cast("double"), F.lit(0.0))
    all_of_it, contracts = F.sum(brings).over(mine), F.sum("contracts_open").over(mine)
    part = F.when(all_of_it > 0, brings / all_of_it).otherwise(F.col("contracts_open") / contracts)
    return families.withColumns({"_contracts": contracts, "_part": F.when(contracts > 0, part)}).where(
        F.col("_contracts") > 0
    )


def _curves(held: DataFrame, survival: DataFrame, rate: float) -> DataFrame:
    """(customer_id, CURVE, survival_known) of each customer: their own presence, else that of the mean curve."""
    mine = survival.select("customer_id", "months", "survival")
    everyone = presence(mean_curve(mine).withColumn("_all", F.lit(1)), ["_all"], rate)
    usual = everyone.select(*(F.col(c).alias(f"_{c}") for c in CURVE))
    people = held.select("customer_id").distinct().crossJoin(F.broadcast(usual))
    rows = people.join(presence(mine, ["customer_id"], rate), on="customer_id", how="left")
    filled = [F.coalesce(c, f"_{c}").alias(c) for c in CURVE]
    return rows.select("customer_id", *filled, F.col("worth_12m").isNotNull().alias("survival_known"))


def _forecast(clv: DataFrame, as_of: date) -> DataFrame:
    """(customer_id, expected, low, high): contributions of the next twelve months, where a model foretells those."""
    year = latest(clv, as_of).where(F.col("horizon_months") == YEAR)
    return year.select(
        "customer_id", F.col("expected_value").cast("double").alias("expected"),
        F.col("low").cast("double"), F.col("high").cast("double"),
    )  # fmt: skip


def _valued(held: DataFrame, curves: DataFrame, forecast: DataFrame) -> DataFrame:
    """One row per customer and family with margin and cost a month and the values; the formula of the module."""
    rows = held.join(curves, on="customer_id", how="inner").join(forecast, on="customer_id", how="left")
    monthly = F.col("_part") * F.col("expected") / F.nullif(F.col("months_12m"), F.lit(0.0))
    margin = F.coalesce(monthly, F.col("contribution_rate").cast("double") / YEAR)
    cost, loss = (F.col(c).cast("double") / YEAR for c in ("cost_to_serve", "cost_of_risk"))
    worth = {}
    for m in HORIZONS:
        lost, there = yearly_loss(m / YEAR) / YEAR, F.col(f"worth_{m}m")
        worth[f"value_{m}m"] = money((margin - cost - lost) * there)
        worth[f"expected_loss_{m}m"] = money(lost * there)
    return rows.withColumns({"margin": money(margin), "cost": money(cost), "loss": money(loss), **worth})


def _whole(valued: DataFrame) -> DataFrame:
    """One row per customer: sums over families, and the interval of the 12-month value."""
    summed = ("contribution", "contribution_rate", "owed", *COSTS, *VALUES, *LOSSES)
    sums = [money(F.sum(c)).alias(c) for c in summed]
    foretold = F.bool_and("loss_foretold").alias("loss_foretold")
    same = [F.first(c).alias(c) for c in ("expected", "low", "high", "survival_known", *CURVE)]
    contracts = F.sum("contracts_open").cast("int").alias("contracts_open")
    rows = valued.groupBy("customer_id").agg(contracts, foretold, *sums, *same)
    worth = F.col("worth_12m") / F.nullif(F.col("months_12m"), F.lit(0.0))
    ends = {
        f"value_12m_{e}": money(F.col("value_12m") + (F.col(e) - F.col("expected")) * worth)
        for e in ("low", "high")
    }
    grows = F.when(F.col("contribution") > 0, F.col("expected") / F.col("contribution").cast("double"))
    return _against_median(rows.withColumns({**ends, "_grows": grows}))


def _against_median(rows: DataFrame) -> DataFrame:
    """value_trend: the year foretold over the year behind, by the median customer's: prices and ways of counting that
    move everybody's value tell nothing of one.
    """
    usual = rows.agg(F.percentile_approx("_grows", 0.5).alias("_usual"))
    trend = F.col("_grows") / F.nullif(F.col("_usual"), F.lit(0.0))
    return rows.crossJoin(F.broadcast(usual)).withColumn("value_trend", trend)


def _growth(cross_sell: DataFrame, as_of: date) -> DataFrame:
    """(customer_id, growth_value): what the offers worth their contact are expected to bring."""
    worth_it = latest(cross_sell, as_of).where(F.col("expected_value") > 0)
    return worth_it.groupBy("customer_id").agg(F.sum("expected_value").alias("growth_value"))


def _told(rows: DataFrame, conf: LifetimeConf, margins: dict[str, float]) -> DataFrame:
    """Current, potential and growth value, and the stage that follows from them."""
    elsewhere = [
        F.coalesce(F.expr(sql), F.lit(0)) * margins.get(family, 0.0) for family, sql in conf.wallet.items()
    ]
    potential = money(reduce(add, elsewhere)) if elsewhere else nothing()
    here = F.greatest(F.col("contribution_rate"), nothing())
    valued = rows.withColumns({
        "current_value": money(F.col("contribution_rate") - F.col("cost_of_risk") - F.col("cost_to_serve")),
        "potential_value": potential,
        "growth_value": or_nothing(F.col("growth_value")),
    })  # fmt: skip
    share = here.cast("double") / F.nullif((here + F.col("potential_value")).cast("double"), F.lit(0.0))
    return valued.withColumn("share_of_wallet", share).withColumn("stage", _stage(conf))


def _stage(conf: LifetimeConf) -> Column:
    """The first stage whose rule holds."""
    stage = F.lit(None).cast("string")
    for rule in reversed(conf.stages):
        stage = F.when(F.expr(rule.when), rule.stage).otherwise(stage)
    return stage


JOB = Job(
    table="gold.lifetime_value",
    inputs={
        "families": "gold.customer_value_family",
        "features": "gold.feature",
        "survival": IfAny("models.churn_survival"),
        "clv": IfAny("models.clv_score"),
        "cross_sell": IfAny("models.cross_sell_score"),
        "default": IfAny("models.default_score"),
    },
    build=build,
    schema=SCHEMA,
    write=AsOf(),
    grain="one row per customer with a running contract, and date: lifetime value, its parts and stage; and by family",
    also={BY_FAMILY: Output(FAMILY, AsOf())},
)
