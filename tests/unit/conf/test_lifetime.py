"""What a bank assumes to be lost at a default: a part of what is owed, by families on which something is owed."""

from __future__ import annotations

from pathlib import Path

import pytest

from conf.bank import open_bank
from conf.errors import ConfError
from conf.profile import ProfileConf


@pytest.mark.parametrize(
    ("written", "key", "why"),
    [
        ("{loan: 1.5}", "lifetime.loss_given_default.loan", "less than or equal to 1"),
        ("{lon: 0.4}", "lifetime.loss_given_default.lon", "'deposit', 'loan', 'card' or 'other'"),
    ],
)
def test_a_loss_that_cannot_be_is_told_by_file_line_and_key(
    tmp_path: Path, written: str, key: str, why: str
) -> None:
    file = tmp_path / "banks/demo/profile/own.yml"
    file.parent.mkdir(parents=True)
    file.write_text(f"lifetime:\n  loss_given_default: {written}\n")
    with pytest.raises(ConfError, match=why) as told:
        open_bank("demo", (tmp_path,)).section("profile", ProfileConf)
    assert (told.value.file, told.value.line) == (str(file), 2)
    assert told.value.key.startswith(key)


def test_a_banks_own_recoveries_lie_over_the_usual_ones(tmp_path: Path) -> None:
    file = tmp_path / "banks/demo/profile/own.yml"
    file.parent.mkdir(parents=True)
    file.write_text("lifetime:\n  loss_given_default: {loan: 0.2}\n")
    lifetime = open_bank("demo", (tmp_path,)).section("profile", ProfileConf).lifetime
    assert lifetime.loss_given_default == {"loan": 0.2, "card": 0.75}
