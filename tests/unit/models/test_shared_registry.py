"""One registry of two banks goes in; each bank's own models, champions and history come out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from jobs.core.errors import UsageError
from models.core.adoption import Adopted, adopt
from models.core.calibration import Calibration
from models.core.champions import Champion
from models.core.history import Change
from models.core.in_force import load
from models.core.linear import Linear
from models.core.registry import Registry
from models.core.tracking import Training, find_version, register
from models.core.versions import card_of, changes, promote, roll_back, versions
from tests.commands import Done, onebook

AT = datetime(2025, 3, 1, 8, 30, tzinfo=UTC)
CHURN = Champion(
    name="churn", version=0, as_of="2025-02-28", horizon_months=6, booster="", features=("tenure",), categories={},
    calibration=Calibration(), quantiles=(0.0, 1.0), metrics={}, linear=Linear((), (), (), 0.0), boosted=0.0,
)  # fmt: skip


@dataclass(frozen=True)
class Unnamed(Registry):
    """The registry as it was before names carried the bank."""

    def registered(self, model: str) -> str:
        return model


@dataclass(frozen=True)
class Shared:
    """One MLflow, and what each bank of it is asked through."""

    folder: Path

    def of(self, bank: str) -> Registry:
        return Registry(f"sqlite:///{self.folder}/mlflow.db", bank)

    def was(self, bank: str) -> Registry:
        return Unnamed(self.of(bank).uri, bank)

    def command(self, *arguments: object) -> Done:
        """`onebook models`, with this MLflow configured as the machine's."""
        (self.folder / "local.yml").write_text(f"tracking: {{uri: 'sqlite:///{self.folder}/mlflow.db'}}")
        (self.folder / "lake").mkdir(exist_ok=True)
        return onebook("models", *arguments, "--conf", self.folder, "--lake", self.folder / "lake")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow takes seconds to make its tables: once."""
    file = tmp_path_factory.mktemp("empty") / "mlflow.db"
    MlflowClient(f"sqlite:///{file}").search_registered_models()
    return file


@pytest.fixture
def shared(empty: Path, tmp_path: Path) -> Shared:
    shutil.copy(empty, tmp_path)
    return Shared(tmp_path)


def trained(registry: Registry, months: int, promoted: bool = True, name: str = "churn") -> int:
    """A version whose horizon tells it from the other bank's."""
    champion = replace(CHURN, name=name, horizon_months=months)
    training = Training({}, {}, {"bank": registry.bank, "as_of": "2025-02-28"}, f"# {registry.bank}\n")
    assert registry.file is not None
    made = register(champion, training, registry, registry.file.parent.as_uri())
    if promoted:
        promote(name, made.version, registry, at=AT, reason="beats the baseline")
    return made.version


def months(registry: Registry, version: int | None = None) -> int | None:
    found = load("churn", registry, version)
    return None if found is None else found.horizon_months


def test_neither_bank_sees_the_others_champion(shared: Shared) -> None:
    one, two = shared.of("demo"), shared.of("berka")
    assert trained(one, 6) == 1
    assert (months(one), months(two)) == (6, None)
    assert find_version("churn", two, "champion", None) is None
    assert trained(two, 9) == 1, "each counts its own versions"
    assert (months(one), months(two)) == (6, 9)
    assert trained(one, 3) == 2
    assert [c.version for c in changes("churn", one)] == [1, 2]
    assert [c.version for c in changes("churn", two)] == [1]
    assert card_of("churn", two) == "# berka\n"


def test_the_commands_say_what_people_type_and_list_only_the_banks_own(shared: Shared) -> None:
    for bank, version in (("demo", 1), ("demo", 2), ("berka", 1)):
        assert trained(shared.of(bank), 6) == version
    listed = json.loads(shared.command("list", "--bank", "demo", "--json").stdout)
    assert [(v["model"], v["version"]) for v in listed] == [("churn", 1), ("churn", 2)]
    done = shared.command("rollback", "churn", "--bank", "demo", "--reason", "drift", "--json")
    assert json.loads(done.stdout)["version"] == 1
    alone = shared.command("rollback", "churn", "--bank", "berka", "--reason", "drift")
    assert (alone.returncode, months(shared.of("berka"))) == (2, 6), "berka's has no predecessor"
    assert shared.command("card", "churn", "--bank", "berka").stdout.startswith("# berka")


def test_a_bank_without_models_is_told_so_and_not_of_the_others(shared: Shared) -> None:
    trained(shared.of("demo"), 6)
    with pytest.raises(UsageError, match="no model of berka was ever trained here"):
        versions(shared.of("berka"))
    with pytest.raises(UsageError, match=r"no model 'churn' is registered \(registered are none yet\)"):
        card_of("churn", shared.of("berka"))


@pytest.mark.parametrize("asked", [months, lambda r: months(r, 1), versions, lambda r: card_of("churn", r)])
def test_names_without_the_bank_on_a_shared_registry_stop_with_the_remedy(
    shared: Shared, asked: Callable[[Registry], Any]
) -> None:
    trained(shared.was("demo"), 6)
    with pytest.raises(UsageError, match=r"churn \(1 versions\) \(.*onebook models adopt --bank demo"):
        asked(shared.of("demo"))
    assert months(shared.of("berka")) is None, "it isn't berka's"


def test_each_bank_takes_its_own_over_with_numbers_champion_and_history(shared: Shared) -> None:
    demo, berka = shared.was("demo"), shared.was("berka")
    made = [trained(demo, 1), trained(berka, 2), trained(demo, 3), trained(berka, 4), trained(demo, 5, False)]
    assert made == [1, 2, 3, 4, 5]
    assert adopt(shared.of("demo")) == [Adopted("churn", (1, 3, 5), 3)]
    assert adopt(shared.of("berka")) == [Adopted("churn", (2, 4), 4)]
    assert adopt(shared.of("demo")) == []
    assert [(v.version, v.aliases) for v in versions(shared.of("demo"))] == [
        (1, ()), (3, ("champion",)), (5, ("challenger",)),
    ]  # fmt: skip
    assert [months(shared.of("demo"), n) for n in (1, 3, 5)] == [1, 3, 5]
    assert months(shared.of("berka")) == 4
    assert [(c.before, c.version) for c in changes("churn", shared.of("demo"))] == [(None, 1), (1, 3)]
    back = roll_back("churn", shared.of("demo"), to=None, by="ann", reason="drift", at=AT)
    assert back == Change(1, 3, "rollback", AT.isoformat(), "ann", "drift")
    assert trained(shared.of("berka"), 7) == 5, "numbers go on"
    assert MlflowClient(demo.uri).get_model_version_by_alias("churn", "champion").version in (4, "4")


def test_the_command_takes_over_once(shared: Shared) -> None:
    trained(shared.was("demo"), 6)
    refused = shared.command("list", "--bank", "demo")
    assert (refused.returncode, refused.stdout) == (2, "")
    done = shared.command("adopt", "--bank", "demo", "--json")
    assert json.loads(done.stdout) == [{"model": "churn", "versions": [1], "champion": 1}]
    assert json.loads(shared.command("adopt", "--bank", "demo", "--json").stdout) == []
    assert shared.command("list", "--bank", "demo").returncode == 0


def test_a_lakes_own_registry_is_taken_over_by_the_next_command(shared: Shared) -> None:
    trained(shared.was("demo"), 6)
    listed = onebook("models", "list", "--lake", shared.folder, "--json")
    assert [(v["model"], v["version"]) for v in json.loads(listed.stdout)] == [("churn", 1)]
    assert months(shared.of("demo")) == 6


def test_what_others_registered_without_a_bank_is_left_alone(shared: Shared) -> None:
    client = MlflowClient(shared.of("demo").uri)
    client.create_registered_model("churn")
    client.create_model_version("churn", f"file://{shared.folder}/elsewhere")
    assert months(shared.of("demo")) is None
    assert adopt(shared.of("demo")) == []
