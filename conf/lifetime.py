"""What a bank assumes of its customers' lifetime value: discount, what of the wallet is elsewhere, and the stages."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, Literal

from pydantic import Field

from conf.contracts import Frozen
from conf.sql import Path_, Problem, columns_in, unread

ValueStage = Literal["acquisition", "maintenance", "expansion", "decline"]
LIFETIME_COLUMNS: Final = frozenset(
    {"contracts_open", "contribution", "current_value", "potential_value", "growth_value", "share_of_wallet",
     "survival_12m", "value_12m", "value_36m", "value_trend"}
)  # fmt: skip
"""What stage rules may read beside features."""
WALLET_COLUMNS: Final = frozenset({"owed"})
"""What wallet rules may read beside features."""


class ValueStageRule(Frozen):
    """A stage and the SQL predicate that puts a customer there, tried in order."""

    stage: ValueStage
    when: str


class LifetimeConf(Frozen):
    """Assumptions of the lifetime value; rates per year, money in the bank's currency."""

    discount_rate: float = Field(default=0.08, ge=0, lt=1)
    wallet: dict[str, str] = Field(default_factory=dict)
    """Product family → SQL over features and WALLET_COLUMNS: the balance that the customer has elsewhere."""
    stages: tuple[ValueStageRule, ...] = (ValueStageRule(stage="maintenance", when="true"),)

    @property
    def reads(self) -> list[str]:
        """Features that wallet and stages read, in a fixed order."""
        return sorted(
            set().union(*(columns_in(sql) for _, sql in self._rules())) - LIFETIME_COLUMNS - WALLET_COLUMNS
        )

    def problems(self, features: Collection[str]) -> Iterator[Problem]:
        """Every rule that reads what is neither a feature nor among the columns that its kind may read."""
        for path, sql in self._rules():
            more = WALLET_COLUMNS if path[0] == "wallet" else LIFETIME_COLUMNS
            yield from unread(path, sql, {*features, *more})

    def _rules(self) -> Iterator[tuple[Path_, str]]:
        yield from ((("wallet", family), sql) for family, sql in self.wallet.items())
        yield from ((("stages", i, "when"), r.when) for i, r in enumerate(self.stages))
