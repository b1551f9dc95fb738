from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conf.models import GateSpec, LearnSpec
from jobs.core.errors import OnebookError, UsageError
from models.core import table
from models.core.metrics import auc
from models.core.table import Trained
from models.core.table.columns import as_table, columns_of
from tests.unit.models.frames import customers

QUICK = LearnSpec(rounds=60, patience=10, folds=3, threads=1, params={"num_leaves": 7, "learning_rate": 0.15})
SENSITIVE = ("sex", "age")
DOC = Path(__file__).resolve().parents[3] / "docs" / "models.md"


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return customers()


@pytest.fixture(scope="module")
def trained(frame: pd.DataFrame) -> Trained:
    return table.train(frame, label="bought", time="as_of", sensitive=SENSITIVE, spec=QUICK)


def test_it_learns_from_dates_text_and_gaps_and_is_judged_on_the_last_quarter(
    frame: pd.DataFrame, trained: Trained
) -> None:
    assert trained.columns.features == ("income", "channel", "last_call", "is_vip", "shoes")
    assert trained.left_out["bank"] == "is constant"
    assert trained.left_out["key"].endswith("a key or free text")
    assert trained.left_out["sex"] == "is sensitive"
    assert trained.evaluation is not None
    assert trained.later is not None
    assert min(trained.later["as_of"].to_pylist()) >= frame["as_of"].quantile(0.75)
    found = trained.evaluation.figures
    assert found["auc"].low > 0.7
    assert found["auc"].low < found["auc"].value < found["auc"].high
    assert found["calibration_error"].value < 0.06
    assert trained.evaluation.psi < 0.1


def test_a_row_is_told_the_same_alone_in_arrow_shuffled_and_after_saving(
    frame: pd.DataFrame, trained: Trained, tmp_path: Path
) -> None:
    said = trained.predict(frame)
    trained.save(tmp_path / "model.json")
    again = table.load(tmp_path / "model.json")
    np.testing.assert_array_equal(trained.predict(frame.iloc[[7]]), said[[7]])
    np.testing.assert_array_equal(trained.predict(pa.Table.from_pandas(frame)), said)
    np.testing.assert_array_equal(again.predict(frame.iloc[::-1])[::-1], said)
    assert again.reasons(frame.head(3)) == trained.reasons(frame.head(3))
    assert "C17" not in (tmp_path / "model.json").read_text()


def test_the_same_frame_gives_the_same_model(frame: pd.DataFrame, trained: Trained) -> None:
    again = table.train(frame, label="bought", time="as_of", sensitive=SENSITIVE, spec=QUICK)
    assert again.model.to_json() == trained.model.to_json()


def test_reasons_add_up_to_the_log_odds(frame: pd.DataFrame, trained: Trained) -> None:
    rows = frame.head(40)
    moved = [sum(r["contribution"] for r in why) for why in trained.reasons(rows, number=99)]
    raw = trained.raw(rows)
    rest = np.log(raw / (1 - raw)) - np.array(moved)
    np.testing.assert_allclose(rest, rest[0], atol=1e-6)
    assert {r["feature"] for why in trained.reasons(rows, 2) for r in why} <= {
        "income",
        "channel",
        "last_call",
    } | {
        "shoes",
        "is_vip",
    }


def test_what_was_never_seen_is_missing_and_not_an_error(frame: pd.DataFrame, trained: Trained) -> None:
    strange = frame.head(3).assign(channel="telex", income=[np.inf, np.nan, -1.0], last_call=pd.NaT)
    assert np.isfinite(trained.predict(strange)).all()
    assert trained.predict(frame.head(0)).shape == (0,)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: f.drop(columns="income"), "lacks columns income"),
        (lambda f: f.assign(income="much"), "column 'income' held numbers in training and holds"),
        (lambda f: f.assign(channel=1), "column 'channel' held text in training and holds int64"),
        (lambda f: f.drop(columns="as_of"), "lacks column as_of"),
    ],
)
def test_another_kind_of_frame_is_refused_by_name(
    frame: pd.DataFrame, trained: Trained, change: Any, told: str
) -> None:
    with pytest.raises(OnebookError, match=re.escape(told)):
        trained.predict(change(frame.head(5)))


@pytest.mark.parametrize(
    ("label", "options", "told"),
    [
        (lambda n: [None] + [True, False] * (n // 2 - 1) + [True], {}, "is null in 1 of"),
        (lambda n: ["a", "b"] * (n // 2), {}, "say which is the case with positive="),
        (lambda n: ["a", "b"] * (n // 2), {"positive": "c"}, "has 'a' and 'b', not 'c'"),
        (lambda n: [0, 1, 2, 3] * (n // 4), {}, "has 4 values, not two"),
        (lambda n: [True] * n, {}, "has 1 value, not two"),
        (lambda n: [True] * 12 + [False] * (n - 12), {}, "has too few cases"),
        (lambda n: [True, False] * (n // 2), {"time": "channel"}, "time 'channel' holds"),
        (lambda n: [True, False] * (n // 2), {"sensitive": ("race",)}, "there is no column 'race'"),
        (
            lambda n: [True, False] * (n // 2),
            {"sensitive": ("sex",), "used": {"sex": " "}},
            "say for which reason",
        ),
    ],
)
def test_a_label_or_option_that_cannot_be_learnt_is_refused_by_name(
    frame: pd.DataFrame, label: Any, options: dict[str, Any], told: str
) -> None:
    rows = frame.head(400)
    with pytest.raises(UsageError, match=re.escape(told)):
        table.train(rows.assign(y=pd.Series(label(400), index=rows.index)), label="y", spec=QUICK, **options)


def test_frames_that_are_none_are_refused() -> None:
    with pytest.raises(UsageError, match="occurs twice"):
        as_table(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(UsageError, match="mixes kinds"):
        as_table(pd.DataFrame({"a": [1, "x"]}))
    with pytest.raises(UsageError, match="isn't a frame"):
        as_table(3)
    with pytest.raises(UsageError, match="holds list"):
        columns_of(pa.table({"a": [[1], [2]]}), [], None)


@pytest.mark.parametrize("label", [["no", "yes"], [0, 1], [0.0, 1.0], ["n", "Y"], [False, True]])
def test_the_positive_value_of_a_plain_label_is_found(label: list[Any]) -> None:
    rows = customers(600).assign(bought=lambda f: np.where(f["bought"], label[1], label[0]))
    assert table.train(rows, label="bought", later=0, spec=QUICK).positive == label[1]


def test_outcomes_that_reach_into_the_judged_time_do_not_train(frame: pd.DataFrame) -> None:
    near = table.train(frame, label="bought", time="as_of", spec=QUICK)
    far = table.train(frame, label="bought", time="as_of", horizon_days=180, spec=QUICK)
    begins = frame["as_of"].quantile(0.75, interpolation="higher")
    kept = frame[frame["as_of"] + pd.Timedelta(days=180) <= begins]
    assert far.cases == kept["bought"].sum() < near.cases


def test_rows_of_one_entity_never_lie_on_both_sides() -> None:
    twice = pd.concat([customers(800), customers(800)])
    model = table.train(twice, label="bought", entity="key", spec=QUICK)
    assert model.later is not None
    shared = pd.Series(model.later["key"].to_pylist())
    assert (shared.value_counts() == 2).all()


def test_the_gate_promotes_what_foretells_and_not_its_twin(frame: pd.DataFrame, trained: Trained) -> None:
    first = table.gate(trained)
    assert first.promoted, str(first)
    again = table.gate(trained, champion=trained)
    assert again.reason.startswith("does not beat the champion")


def test_the_gate_refuses_noise_too_few_cases_moved_scores_and_a_label_unlearnt(
    frame: pd.DataFrame, trained: Trained
) -> None:
    coin = frame.assign(bought=np.random.default_rng(21).random(len(frame)) < 0.3)
    noise = table.gate(table.train(coin, label="bought", time="as_of", spec=QUICK))
    assert "beat the naive baseline" in noise.reason
    few = table.gate(trained, spec=GateSpec(metric="auc", min_cases=100_000))
    assert few.reason.startswith("too few cases:")
    moved = table.gate(trained, frame[frame["income"] > frame["income"].quantile(0.8)])
    assert not moved.promoted
    assert table.drift(frame, frame.assign(income=frame["income"] * 3), trained.columns)["income"] > 0.25
    assert table.drift(frame, frame, trained.columns)["channel"] == 0


def test_the_simpler_model_wins_where_cases_are_few_and_the_truth_is_a_line() -> None:
    rng = np.random.default_rng(11)
    x = rng.normal(size=(3_500, 6))
    y = rng.random(3_500) < 1 / (1 + np.exp(3 - x @ np.array([1.0, -0.8, 0.6, 0.4, 0.0, 0.0])))
    frame = pd.DataFrame(x, columns=[f"x{i}" for i in range(6)]).assign(y=y)
    model = table.train(frame.head(700), label="y", later=0)
    trees = table.train(frame.head(700), label="y", later=0, spec=LearnSpec(rival=False, threads=1))
    assert model.model.boosted <= 0.5
    rest = frame.tail(2_800)
    assert auc(rest["y"].to_numpy(float), model.raw(rest)) > auc(rest["y"].to_numpy(float), trees.raw(rest))


@settings(max_examples=40)
@given(
    st.lists(
        st.one_of(st.none(), st.floats(), st.integers(-(2**60), 2**60).map(float)), min_size=3, max_size=30
    )
)
def test_any_numbers_become_finite_or_missing(values: list[float | None]) -> None:
    rows = pa.table({"a": pa.array(values, pa.float64()), "b": pa.array([str(v) for v in values])})
    columns, left = columns_of(rows, [], None)
    assert not np.isinf(columns.matrix(rows)).any()
    assert set(columns.features) | set(left) == {"a", "b"}


def test_the_documented_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"```python\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    monkeypatch.chdir(tmp_path)
    customers(2_500, seed=3).to_parquet("customers.parquet")
    told: dict[str, Any] = {}
    exec(compile(found[1], str(DOC), "exec"), told)
    assert told["verdict"].promoted, str(told["verdict"])
    assert len(told["chance"]) == len(told["why"])
