"""What survivorship is told that can't be meant is said with its key."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from conf.survivorship import SurvivorshipConf


def conf(**mobile: Any) -> SurvivorshipConf:
    return SurvivorshipConf.model_validate({"attributes": {"mobile": mobile}})


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"valid": "valeu is not null"}, "valid: reads unknown column valeu; did you mean value?"),
        ({"rules": ["preferred"]}, "rules: name `preferred`, but `preferred` gives no condition"),
        (
            {"cases": [{"when": "true", "rules": ["preferred", "vote"]}]},
            r"cases\.0\.rules: name `preferred`",
        ),
        ({"cases": [{"when": "sources > 1"}]}, "when: reads unknown column sources"),
        ({"rules": []}, "at least 1 item"),
        ({"reliability": {"core": 1.0}}, "less than 1"),
        ({"half_life_days": 0}, "greater than 0"),
    ],
)
def test_a_slip_names_its_key(told: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        conf(**told)


def test_a_case_may_use_the_attributes_own_condition() -> None:
    rule = conf(preferred="verified > 1", cases=[{"when": "true", "rules": ["preferred"]}]).of("mobile")
    (when, choice), (otherwise, usual) = rule.choices()
    assert (when, choice.rules, choice.preferred) == ("true", ("preferred",), "verified > 1")
    assert (otherwise, usual.rules) == (None, ("majority", "trust", "recency"))


def test_what_an_attribute_does_not_name_is_as_the_default_has_it() -> None:
    """So that a file of reliabilities alone changes no rules."""
    conf = SurvivorshipConf.model_validate(
        {
            "default": {"rules": ["vote", "trust"], "valid": "length(value) > 1", "half_life_days": 90},
            "attributes": {"education": {"reliability": {"core": 0.9}}, "mobile": {"rules": ["recency"]}},
        }
    )
    education, mobile = conf.of("education"), conf.of("mobile")
    assert (education.rules, education.valid, education.half_life_days) == (
        ("vote", "trust"),
        "length(value) > 1",
        90,
    )
    assert education.reliability == {"core": 0.9}
    assert (mobile.rules, mobile.valid) == (("recency",), "length(value) > 1")


def test_what_names_nothing_is_told() -> None:
    slips = SurvivorshipConf.model_validate(
        {
            "trust": {"cor": 90},
            "default": {"trust": {"wealth": 1}},
            "attributes": {
                "moblie": {},
                "mobile": {"reliability": {"crn": 0.9}, "cases": [{"when": "true", "trust": {"core": 1, "wb": 2}}]},
            },
        }
    )  # fmt: skip
    assert list(slips.problems(["mobile", "email"], ["core", "crm"])) == [
        (("trust", "cor"), "is no source of this bank; did you mean core?"),
        (("default", "trust", "wealth"), "is no source of this bank; known are core, crm"),
        (("attributes", "moblie"), "is no golden attribute; did you mean mobile?"),
        (("attributes", "mobile", "reliability", "crn"), "is no source of this bank; did you mean crm?"),
        (("attributes", "mobile", "cases", 0, "trust", "wb"), "is no source of this bank; known are core, crm"),
    ]  # fmt: skip
