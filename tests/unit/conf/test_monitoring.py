"""A rule and measures go in, why a model is due comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from conf.bank import Bank
from conf.errors import ConfError
from conf.monitoring import Bound, MonitoringConf

CONF = MonitoringConf.model_validate(
    {
        "limits": {"score_psi": {"most": 0.25}, "auc": {"fall": 0.05, "least": 0.6}},
        "models": {"clv": {"score_psi": {"most": 0.5}}},
    }
)


@pytest.mark.parametrize(
    ("model", "now", "at_gate", "told"),
    [
        ("churn", {"score_psi": 0.25, "auc": 0.75}, {"auc": 0.8}, []),
        ("churn", {"score_psi": 0.26}, {}, ["score_psi is 0.26, above the most allowed, 0.25"]),
        ("clv", {"score_psi": 0.26}, {}, []),
        (
            "churn",
            {"auc": 0.74},
            {"auc": 0.8},
            ["auc is 0.74, more than 0.05 below 0.8 when it was promoted"],
        ),
        ("churn", {"auc": 0.59}, {}, ["auc is 0.59, below the least allowed, 0.6"]),
        ("churn", {"auc": 0.74}, {}, []),
        ("churn", {}, {"auc": 0.8}, []),
        ("churn", {"lift_10": 0.0}, {}, []),
    ],
)
def test_a_model_is_due_where_a_bound_is_broken(
    model: str, now: dict[str, float], at_gate: dict[str, float], told: list[str]
) -> None:
    assert CONF.due(model, now, at_gate) == told  # type: ignore[arg-type]


def test_a_bound_bounds_something() -> None:
    with pytest.raises(ValidationError, match="at least one of most, least, fall"):
        Bound()


def test_a_slice_that_reads_nothing_known_is_named() -> None:
    conf = MonitoringConf(slices={"tier": "value_tier", "odd": "value_teir"})
    [(path, told)] = conf.problems({"value_tier"})
    assert path == ("slices", "odd")
    assert "value_teir" in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("limits:\n  score_pis: {most: 1}\n", "limits.score_pis"),
        ("slices:\n  tier: 'tier +'\n", "tier"),
        ("sample: 10\n", "sample"),
    ],
)
def test_a_faulty_rule_is_named(tmp_path: Path, text: str, told: str) -> None:
    folder = tmp_path / "shared" / "monitoring"
    folder.mkdir(parents=True)
    (folder / "all.yml").write_text(text)
    with pytest.raises(ConfError, match=told):
        Bank("toy", (tmp_path,)).section("monitoring", MonitoringConf)
