"""Verdicts of the rule and dates of the last trainings go in; who is trained comes out."""

from __future__ import annotations

from datetime import date

import pytest

from jobs.cli.due import due

DAY = date(2025, 3, 31)


@pytest.mark.parametrize(
    ("told", "trained", "is_due", "reason"),
    [
        ({}, {}, True, "never judged"),
        ({"churn": []}, {}, False, "within its bounds"),
        ({"churn": ["auc is low", "age_months is 4"]}, {}, True, "auc is low, age_months is 4"),
        ({"churn": ["auc is low"]}, {"churn": date(2025, 3, 30)}, True, "auc is low"),
        (
            {"churn": ["auc is low"]},
            {"churn": date(2025, 3, 31)},
            False,
            "auc is low, but no month has ended since it was trained as of 2025-03-31",
        ),
    ],
)
def test_a_model_is_trained_where_it_is_due_and_a_month_has_ended_since(
    told: dict[str, list[str]], trained: dict[str, date], is_due: bool, reason: str
) -> None:
    [found] = due(["churn"], told, trained, DAY)
    assert (found.is_due, found.reason) == (is_due, reason)
    assert str(found) == f"churn: {'due' if is_due else 'not due'}: {reason}"
