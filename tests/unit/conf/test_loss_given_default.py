"""What a bank assumes to be lost at a default: a part of what is owed, by families or products on which something is owed."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.bank import open_bank
from conf.errors import ConfError
from conf.profile import ProfileConf
from tests.overlays import laid


@pytest.mark.parametrize(
    ("written", "key", "why"),
    [
        ("{families: {loan: 1.5}}", "value.loss_given_default.families.loan", "less than or equal to 1"),
        (
            "{families: {lon: 0.4}}",
            "value.loss_given_default.families.lon",
            "did you mean loan",
        ),
    ],
)
def test_a_loss_that_cannot_be_is_told_by_file_line_and_key(
    tmp_path: Path, written: str, key: str, why: str
) -> None:
    file = laid(tmp_path, "banks/demo/profile/own.yml", f"value:\n  loss_given_default: {written}\n")
    with pytest.raises(ConfError, match=why) as told:
        open_bank("demo", (tmp_path,)).section("profile", ProfileConf)
    assert (told.value.file, told.value.line) == (str(file), 2)
    assert told.value.key.startswith(key)


def test_nothing_is_assumed_of_recoveries_and_a_banks_own_are_laid_over(tmp_path: Path) -> None:
    usual = open_bank("berka").section("profile", ProfileConf).value.loss_given_default
    assert (usual.families, usual.products) == ({}, {})
    laid(tmp_path, "banks/demo/profile/own.yml", "value: {loss_given_default: {families: {loan: 0.2}}}\n")
    own = open_bank("demo", (tmp_path,)).section("profile", ProfileConf).value.loss_given_default
    assert (own.families["loan"], own.families["card"]) == (0.2, 0.6)
