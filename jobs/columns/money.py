"""Money: decimals with two places, signs, and shares. Never a double until a model asks for one."""

from __future__ import annotations

from typing import Final

from pyspark.sql import Column
from pyspark.sql import functions as F

MONEY: Final = "decimal(18,2)"
SHARE: Final = "decimal(9,6)"
ZERO: Final = "0.00"


def money(amount: Column) -> Column:
    """`amount` as money, rounded half up to the cent."""
    return F.round(amount, 2).cast(MONEY)


def nothing() -> Column:
    """Zero, as money."""
    return F.lit(ZERO).cast(MONEY)


def or_nothing(amount: Column) -> Column:
    """`amount` as money, zero where there is none."""
    return F.coalesce(money(amount), nothing())


def signed(amount: Column, direction: Column) -> Column:
    """What a booking adds to the balance: credits as they are, debits negative; null for another direction."""
    return F.when(direction == "credit", amount).when(direction == "debit", -amount)


def positive(amount: Column) -> Column:
    """`amount` where it is above zero, else zero: what a bank holds for its customer, overdrafts aside."""
    return F.greatest(or_nothing(amount), nothing())
