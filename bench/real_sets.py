"""The real sets as frames with a label, by the protocol of shared/data/models/README.md.

Nothing here looks at an outcome beyond making the label, and what wasn't known at the date is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

YEAR_END = 971231
"""Berka writes dates as yymmdd."""


@dataclass(frozen=True)
class RealSet:
    """One row a case; `label` its column. `reference`: figure → value of RESEARCH.md under the same folds."""

    name: str
    load: Callable[[Path], pd.DataFrame]
    label: str
    reference: dict[str, float]


def bank_marketing(data: Path) -> pd.DataFrame:
    """Without `duration`, which is known only after the call."""
    file = data / "models" / "bank_marketing" / "bank-additional-full.csv"
    return pd.read_csv(file, sep=";").drop(columns="duration")


def credit_default(data: Path) -> pd.DataFrame:
    """Default next month."""
    return pd.read_csv(data / "models" / "uci_credit_default" / "UCI_Credit_Card.csv").drop(columns="ID")


def balance_drop(data: Path) -> pd.DataFrame:
    """Berka 1997: balance of 1998 fallen into the lowest tenth."""
    return _as_of_1997(data).drop(columns=["account_id", "card_1998", "loan_1998"])


def card_taken(data: Path) -> pd.DataFrame:
    """Berka 1997: a card issued in 1998, among accounts without one."""
    rows = _as_of_1997(data)
    return rows[rows["has_card"] == 0].drop(columns=["account_id", "churned", "loan_1998"])


def loan_taken(data: Path) -> pd.DataFrame:
    """Berka 1997: a loan granted in 1998, among accounts without one."""
    rows = _as_of_1997(data)
    return rows[rows["has_loan"] == 0].drop(columns=["account_id", "churned", "card_1998"])


def loan_default(data: Path) -> pd.DataFrame:
    """Berka: a loan that ended unpaid or runs in debt, by what was known when it was granted, transactions aside."""
    loan, account, holder = (_berka(data, name) for name in ("loan", "account", "disp"))
    owner = holder[holder["type"] == "OWNER"].merge(_berka(data, "client"), on="client_id")
    born = owner["birth_number"].astype(str).str.zfill(6)
    owner = owner.assign(woman=born.str[2:4].astype(int) > 50, born=1900 + born.str[:2].astype(int))
    holders = holder.groupby("account_id").size().rename("holders").reset_index()
    rows = loan.merge(account.rename(columns={"date": "opened"}), on="account_id")
    rows = rows.merge(owner[["account_id", "woman", "born"]], on="account_id").merge(holders, on="account_id")
    rows = rows.merge(_berka(data, "district"), left_on="district_id", right_on="A1")
    granted, opened = _date(rows["date"]), _date(rows["opened"])
    rows = rows.assign(
        age=granted.dt.year - rows["born"],
        account_days=(granted - opened).dt.days,
        unpaid=rows["status"].isin(["B", "D"]),
    )
    after = ["loan_id", "account_id", "date", "status", "opened", "district_id", "A1", "A2", "born"]
    return rows.drop(columns=after)


def _as_of_1997(data: Path) -> pd.DataFrame:
    """The features as given, but holding a card or loan as of the date, and labels of 1998 from the tables.

    The given flags count what was taken in 1998 as well.
    """
    rows = pd.read_csv(data / "models" / "berka_1997" / "churn_features_asof_19971231.csv")
    card = _berka(data, "card").merge(_berka(data, "disp"), on="disp_id")
    taken = {
        "card": card.assign(on=card["issued"].str[:6].astype(int))[["account_id", "on"]],
        "loan": _berka(data, "loan").rename(columns={"date": "on"})[["account_id", "on"]],
    }
    for name, when in taken.items():
        rows[f"has_{name}"] = (
            rows["account_id"].isin(when.loc[when["on"] <= YEAR_END, "account_id"]).astype(int)
        )
        rows[f"{name}_1998"] = rows["account_id"].isin(when.loc[when["on"] > YEAR_END, "account_id"])
    return rows


def _berka(data: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(data / "berka" / f"{name}.asc", sep=";", na_values="?")


def _date(yymmdd: pd.Series) -> pd.Series:
    return pd.to_datetime("19" + yymmdd.astype(str), format="%Y%m%d")


SETS = (
    RealSet("Bank Marketing", bank_marketing, "y", {"auc": 0.804, "average_precision": 0.476, "lift_10": 4.62, "brier": 0.076, "calibration_error": 0.003}),
    RealSet("UCI default", credit_default, "default.payment.next.month", {"auc": 0.784, "average_precision": 0.562, "lift_10": 3.20, "brier": 0.133, "calibration_error": 0.003}),
    RealSet("Berka balance drop", balance_drop, "churned", {"auc": 0.782}),
    RealSet("Berka card taken", card_taken, "card_1998", {"auc": 0.834, "lift_10": 3.8}),
    RealSet("Berka loan taken", loan_taken, "loan_1998", {"auc": 0.925, "lift_10": 6.5}),
    RealSet("Berka loan default", loan_default, "unpaid", {"auc": 0.757}),
)  # fmt: skip
