"""What is assumed to be held elsewhere is worth a family's margin: a family that has none is told."""

from __future__ import annotations

from pathlib import Path

from conf.bank import open_bank
from conf.features import FeaturesConf
from conf.profile import ProfileConf
from tests.overlays import laid


def test_a_misspelt_family_of_the_wallet_is_told(tmp_path: Path) -> None:
    laid(tmp_path, "banks/demo/profile/own.yml", "lifetime: {wallet: {deposits: declared_income}}")
    bank = open_bank("demo", (tmp_path,))
    features = bank.section("features", FeaturesConf).names
    ((path, why),) = bank.section("profile", ProfileConf).problems(features)
    assert path == ("lifetime", "wallet", "deposits")
    assert "no such family; it has deposit, loan" in why
