"""A registry of four versions goes in; who is champion after a rollback, and what the registry says of it, come out."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mlflow import MlflowClient

from jobs.core.errors import UsageError
from models.core.calibration import Calibration
from models.core.champions import Champion, ChampionError
from models.core.history import Change
from models.core.in_force import load
from models.core.linear import Linear
from models.core.registry import Registry
from models.core.tracking import Training, register
from models.core.versions import (
    card_of,
    changes,
    last_trained,
    promote,
    roll_back,
    versions,
)
from tests.commands import Done, onebook

AT = datetime(2025, 3, 1, 8, 30, tzinfo=UTC)
# Linear alone: no booster to fit, and MLflow saves it as Python.
CHAMPION = Champion(
    name="churn", version=0, as_of="2025-02-28", horizon_months=6, booster="", features=("tenure",), categories={},
    calibration=Calibration(), quantiles=(0.0, 1.0), metrics={"auc": 0.8}, linear=Linear((), (), (), 0.0), boosted=0.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake whose registry has promoted 1, 2 and 4, and refused 3."""
    lake = tmp_path_factory.mktemp("lake")
    registry = Registry(f"sqlite:///{lake}/mlflow.db", "demo")
    for number, gate in enumerate(("true", "true", "false", "true"), start=1):
        tags = {
            "as_of": f"2025-0{number}-28", "code": "c0de", "table.gold.account_daily": str(number),
            "gate.metric": "auc", "gate.promoted": gate, "gate.reason": "beats [it]",
        }  # fmt: skip
        figures = {"auc": 0.8, "auc_low": 0.79, "auc_high": 0.81}
        register(
            CHAMPION, Training({}, figures, tags, f"# card of {number}\n"), registry, f"file://{lake}/_models"
        )
        if gate == "true":
            promote("churn", number, registry, at=AT, reason="beats the baseline")
    return lake


@pytest.fixture
def lake(made: Path, tmp_path: Path) -> Path:
    """That lake's registry, to be changed; artefacts stay where they are."""
    shutil.copy(made / "mlflow.db", tmp_path)
    return tmp_path


def of(lake: Path) -> Registry:
    return Registry(f"sqlite:///{lake}/mlflow.db", "demo")


def back(lake: Path, to: int | None = None, reason: str = "calls it all wrong") -> Change:
    return roll_back("churn", of(lake), to=to, by="ann", reason=reason, at=AT)


def champion(lake: Path) -> int:
    found = load("churn", of(lake))
    assert found is not None
    return found.version


def test_every_version_says_what_it_was_trained_on_and_what_the_gate_said(lake: Path) -> None:
    found = versions(of(lake))
    assert [(v.version, v.promoted) for v in found] == [(1, True), (2, True), (3, False), (4, True)]
    last = found[-1]
    assert last.aliases == ("challenger", "champion")
    assert (last.as_of, last.code, last.data) == ("2025-04-28", "c0de", {"gold.account_daily": 4})
    assert (last.metric, last.value, last.low, last.high) == ("auc", 0.8, 0.79, 0.81)
    assert {m: str(d) for m, d in last_trained(of(lake)).items()} == {"churn": "2025-04-28"}


def test_going_back_follows_the_champions_and_not_the_numbers(lake: Path) -> None:
    assert back(lake) == Change(2, 4, "rollback", AT.isoformat(), "ann", "calls it all wrong")
    assert champion(lake) == 2
    back(lake)
    assert champion(lake) == 1
    with pytest.raises(UsageError, match="version 1 of churn has no predecessor"):
        back(lake)
    back(lake, to=4)  # forward again
    assert champion(lake) == 4
    assert back(lake).version == 1  # what it replaced
    tags = MlflowClient(of(lake).uri).get_registered_model("demo.churn").tags
    assert json.loads(tags["change.0004"])["by"] == "ann"
    assert [(c.how, c.before, c.version) for c in changes("churn", of(lake))] == [
        ("promotion", None, 1), ("promotion", 1, 2), ("promotion", 2, 4),
        ("rollback", 4, 2), ("rollback", 2, 1), ("rollback", 1, 4), ("rollback", 4, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("to", "told"),
    [
        (9, r"churn has no version 9 \(registered are 1, 2, 3, 4\)"),
        (4, "version 4 of churn is champion already"),
        (3, r"the gate never promoted version 3 of churn \(former champions are 1, 2\)"),
    ],
)
def test_a_version_that_cannot_be_gone_back_to_is_refused(lake: Path, to: int, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        back(lake, to=to)
    assert champion(lake) == 4


def test_a_version_whose_record_is_gone_is_not_put_in_force(lake: Path) -> None:
    client = MlflowClient(of(lake).uri)
    run = client.get_run(str(client.get_model_version("demo.churn", "2").run_id))
    record = Path(str(run.info.artifact_uri).removeprefix("file://")) / "champion.json"
    hidden = record.rename(record.with_suffix(".hidden"))
    with pytest.raises(ChampionError, match="record of churn version 2 is gone"):
        back(lake)
    hidden.rename(record)
    assert champion(lake) == 4


def test_a_reason_is_compulsory_and_a_model_must_be_known(lake: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs its reason"):
        back(lake, reason="  ")
    with pytest.raises(UsageError, match=r"no model 'chrun' is registered \(registered are churn\)"):
        card_of("chrun", of(lake))
    with pytest.raises(UsageError, match="no model of demo was ever trained here"):
        versions(of(tmp_path / "none"))
    assert last_trained(of(tmp_path / "none")) == {}


def command(lake: Path, *arguments: str) -> Done:
    return onebook("models", *arguments, "--lake", lake)


def test_the_command_lists_rolls_back_and_prints_cards(lake: Path) -> None:
    listed = json.loads(command(lake, "list", "--json").stdout)
    assert [v["version"] for v in listed] == [1, 2, 3, 4]
    assert listed[3]["data"] == {"gold.account_daily": 4}
    assert command(lake, "list").returncode == 0
    assert command(lake, "card", "churn", "--version", "3").stdout == "# card of 3\n\n"
    done = command(lake, "rollback", "churn", "--reason", "drift", "--by", "ann", "--json")
    told = json.loads(done.stdout)
    assert (told["version"], told["before"], told["by"], told["reason"]) == (2, 4, "ann", "drift")
    assert command(lake, "card", "churn").stdout.startswith("# card of 2")
    assert json.loads(command(lake, "list", "--json").stdout)[1]["aliases"] == ["champion"]


def test_the_command_names_what_is_wrong_and_its_remedy(lake: Path) -> None:
    assert command(lake, "rollback", "churn").returncode == 2  # no reason
    unknown = command(lake, "rollback", "clv", "--reason", "drift")
    assert (unknown.returncode, champion(lake)) == (2, 4)
    nowhere = onebook("models", "list", "--lake", lake / "nowhere")
    assert nowhere.returncode == 2
