"""What segments and the uplift model read is checked at the door, with file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.models import ModelsSpec
from tests.commands import onebook

SEGMENT = "segments: {odd: {description: d, where: 'true', audience: {purpose: marketing, channel: sms, goal: letter}}}\n"
RULE = 'uplift: {label: {rule: "own_txn_count_9d"}}\n'


@pytest.mark.parametrize(
    ("section", "text", "message"),
    [
        ("segments", SEGMENT, "is no goal of the uplift model; known are call, message"),
        ("models", RULE, "reads unknown column own_txn_count_9d"),
        ("models", "uplift: {gate: {metric: auc}}\n", "effects are judged by qini, not by auc"),
    ],
)
def test_a_goal_a_rule_or_a_metric_that_is_not_there_is_told(
    section: str, text: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "conf" / "shared" / section / "odd.yml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    done = onebook("validate", "--conf", str(tmp_path / "conf"))
    assert done.returncode == 2
    told = " ".join(done.stderr.split())
    assert message in told
    assert "odd.yml" in told


def test_a_bank_that_says_nothing_of_uplift_has_no_goals() -> None:
    others = {
        "churn": {"horizon_months": 6, "gate": {"metric": "auc"}},
        "clv": {
            "horizon_months": 12, "gate": {"metric": "spearman"}, "label": {"margins": {"deposit": 0.02}}
        },
        "cross_sell": {"horizon_months": 6, "gate": {"metric": "map_at_3"}},
    }  # fmt: skip
    assert not ModelsSpec.model_validate(others).uplift.label.goals
