"""What the configuration of features, segments, profile and gates refuses, and that what is shipped is sound."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from pydantic import ValidationError

from conf.bank import open_bank
from conf.features import FeaturesConf
from conf.gates import AccessConf, GatesConf
from conf.profile import ProfileConf
from conf.segments import AudienceSpec, SegmentsConf
from jobs.core.features import FRAMES
from jobs.gold.customer_profile import READ

BANKS = ["berka", "demo"]
SOURCE = {"table": "gold.account_daily", "entity": "account", "on": "booked_on"}


def features(**spec: Any) -> FeaturesConf:
    return FeaturesConf.model_validate(
        {
            "sources": {"s": SOURCE},
            "features": {"f": {"source": "s", "aggregate": "count", "meaning": "m", **spec}},
        }
    )


@pytest.mark.parametrize("bank", BANKS)
def test_shipped_configuration_hangs_together(bank: str) -> None:
    opened = open_bank(bank)
    config = opened.section("features", FeaturesConf)
    assert {s.table for s in config.sources.values()} <= set(FRAMES.values())
    assert set(READ) <= set(config.names)
    opened.section("profile", ProfileConf).check(config.names)
    opened.section("gates", GatesConf)
    opened.section("access", AccessConf)


@pytest.mark.parametrize("bank", BANKS)
def test_shipped_features_read_only_columns_that_exist(bank: str) -> None:

    config = open_bank(bank).section("features", FeaturesConf)
    tables = {s.table for s in config.sources.values()}
    config.check({t: import_module(f"jobs.{t}").SCHEMA.names for t in tables})


def test_a_feature_of_an_unknown_source_is_refused() -> None:
    with pytest.raises(ValidationError, match="no source 'elsewhere'; known are s"):
        features(source="elsewhere")


def test_an_aggregate_without_anything_to_aggregate_is_refused() -> None:
    with pytest.raises(ValidationError, match="sum needs `of`"):
        features(aggregate="sum")


def test_an_expression_over_a_missing_column_is_refused() -> None:
    with pytest.raises(ValueError, match=r"features\.f\.of: reads unknown column balnce"):
        features(of="balnce").check({"gold.account_daily": ["account_id", "booked_on"]})


@pytest.mark.parametrize("sql", ["age / 2", "AGE / 2"])
def test_what_is_computed_from_something_sensitive_is_said_to_be(sql: str) -> None:
    def derived(**told: Any) -> FeaturesConf:
        age = {"source": "s", "aggregate": "count", "sensitive": True, "meaning": "m"}
        half = {"sql": sql, "meaning": "m", **told}
        return FeaturesConf.model_validate(
            {"sources": {"s": SOURCE}, "features": {"age": age}, "derived": {"half": half}}
        )

    with pytest.raises(ValidationError, match=r"derived\.half: reads age, which is sensitive"):
        derived()
    assert derived(sensitive=True).sensitive == {"age", "half"}


def test_the_definition_changes_with_any_definition() -> None:
    assert features().definition == features().definition
    assert features().definition != features(window_days=30).definition


def segments(**spec: Any) -> SegmentsConf:
    return SegmentsConf.model_validate({"segments": {"s": {"description": "d", "where": "a > 1", **spec}}})


def test_a_segment_counts_on_its_first_and_last_day_only() -> None:
    spec = segments(valid_from="2025-01-01", valid_to="2025-01-31").segments["s"]
    assert [spec.valid_on(date(2025, m, d)) for m, d in ((1, 1), (1, 31), (2, 1))] == [True, True, False]


@pytest.mark.parametrize("where", ["a >", "b > 1", "a > 1; drop table x", "(select 1)"])
def test_a_predicate_that_is_no_expression_over_the_profile_is_refused(where: str) -> None:
    with pytest.raises(ValueError, match=r"segments\.s\.where: "):
        segments(where=where).check(["a"])


def test_a_segments_name_cannot_leave_its_folder() -> None:
    with pytest.raises(ValidationError, match="names are lower-case"):
        SegmentsConf.model_validate({"segments": {"../x": {"description": "d", "where": "true"}}})


def test_an_audience_needs_a_purpose_and_one_offer() -> None:
    with pytest.raises(ValidationError, match="purpose"):
        AudienceSpec.model_validate({"channel": "sms"})
    with pytest.raises(ValidationError, match="not both"):
        AudienceSpec(purpose="marketing", channel="sms", product_id="p", product_family="fund")


def test_no_gate_can_be_switched_off() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        GatesConf.model_validate({"kyc": {"enabled": False}})


def test_a_list_cannot_carry_a_name() -> None:
    with pytest.raises(ValidationError, match="has no full_name"):
        AccessConf(audience_columns=("customer_id", "full_name"))
