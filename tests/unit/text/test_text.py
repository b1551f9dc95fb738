"""Terms, classes, figures, trend and phrases of small sets of complaints in Chinese and English."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text import phrases, report, table, topics, trend
from models.text.classify import Classifier, learnable
from models.text.evaluate import evaluate, macro_f1
from models.text.frozen import frozen, thawed
from models.text.table import UnusableTextError
from models.text.taught import taught
from models.text.words import is_chinese, key, terms

CHINESE = {
    "fee": ["账户被扣了年费", "转账手续费太高", "小额管理费不合理"],
    "app": ["手机银行登录闪退", "人脸识别通不过", "更新后转账失败"],
    "queue": ["网点排队一个多小时", "柜台只开两个窗口", "叫号机坏了没人管"],
}
ENGLISH = {
    "fee": [
        "charged an annual fee without notice",
        "the wire transfer fee is too high",
        "they charged a late fee",
    ],
    "fraud": [
        "somebody stole my identity",
        "my card was used for fraud",
        "an account opened by identity theft",
    ],
}


def complaints(classes: dict[str, list[str]], many: int, seed: int = 1) -> pd.DataFrame:
    """Sentences of a class with words around them that say nothing, in random order."""
    rng = np.random.default_rng(seed)
    chinese = is_chinese(pd.Series([text for texts in classes.values() for text in texts]))
    around = (
        ["请尽快处理", "希望给个说法", "客户来电"] if chinese else ["please help", "I am upset", "last month"]
    )
    rows = []
    for _ in range(many):
        label = str(rng.choice(list(classes)))
        before, after = rng.choice(around), rng.choice(around)
        rows.append((f"{before}，{rng.choice(classes[label])} {rng.integers(1, 999)}。{after}", label))
    return pd.DataFrame(rows, columns=["text", "label"])


def test_chinese_is_cut_into_runs_and_english_into_words_and_pairs() -> None:
    assert terms("年费高") == ["年", "费", "高", "年费", "费高", "年费高"]
    assert terms("Late Fee, again. XXXX 12") == ["late", "fee", "late fee", "again"]
    assert set(terms("信用卡credit card")) >= {"信用", "信用卡", "credit card"}
    assert terms("ＡＰＰ") == ["app"]


@given(st.text(max_size=200))
def test_any_text_can_be_cut(text: str) -> None:
    assert all(term == term.strip() and term for term in terms(text))
    assert not any(letter.isdigit() and letter.isascii() for letter in key(text))


@pytest.mark.parametrize("classes", [CHINESE, ENGLISH])
def test_classes_are_learnt_and_probabilities_are_probabilities(classes: dict[str, list[str]]) -> None:
    taught, asked = complaints(classes, 240), complaints(classes, 80, seed=2)
    model = Classifier.fit(taught["text"].tolist(), taught["label"].tolist())
    p = model.probabilities(asked["text"].tolist())
    assert p.shape == (80, len(classes))
    assert p.sum(axis=1) == pytest.approx(1.0)
    told = model.predict(asked["text"].tolist())
    assert (told["label"] == asked["label"]).mean() > 0.95
    assert told["probability"].to_numpy() == pytest.approx(p.max(axis=1))


def test_labels_that_say_nothing_are_no_better_than_the_commonest_and_not_sure() -> None:
    rows = complaints(CHINESE, 300)
    rows["label"] = np.random.default_rng(5).choice(["a", "a", "b"], len(rows))
    found = evaluate(rows["text"], rows["label"])
    assert found is not None
    assert found.better_by[0] < 0.2
    assert found.accuracy[0] < found.baseline_accuracy + 0.05


@pytest.mark.parametrize("dated", [False, True])
def test_figures_come_from_rows_outside_training(dated: bool) -> None:
    rows = complaints(ENGLISH, 300)
    dates = pd.Series(pd.date_range("2025-01-01", periods=300)) if dated else None
    found = evaluate(rows["text"], rows["label"], dates)
    assert found is not None
    assert (found.order, found.rows) == (("time", 250) if dated else ("stratified", 300))
    assert found.macro_f1[1] <= found.macro_f1[0] <= found.macro_f1[2]
    assert found.better_by[1] > 0.3


def test_macro_f1_is_the_mean_over_classes() -> None:
    truth, told = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    assert macro_f1(truth, told, 3) == pytest.approx((2 * 2 / 5 + 2 * 1 / 3) / 2)


def test_a_rise_is_told_and_chance_is_not() -> None:
    rng = np.random.default_rng(3)
    dates = pd.Series(pd.to_datetime("2025-01-01") + pd.to_timedelta(rng.integers(0, 360, 3000), "D"))
    steady = pd.Series(rng.choice(["a", "b"], 3000, p=[0.7, 0.3]))
    assert (trend.over_all(dates, steady)["change"] == "").all()
    assert (trend.by_month(dates, steady)["change"] != "").sum() <= 2
    late = (dates.dt.month == 12) & (rng.random(3000) < 0.6)
    moved = trend.by_month(dates, steady.mask(late, "c")).set_index(["month", "label"])
    assert moved.loc[("2025-12", "c"), "change"] == "rise"
    assert moved.loc[("2025-12", "c"), "before_share"] == 0
    assert moved["complaints"].sum() == 3000


def test_phrases_are_those_of_the_class_and_of_no_single_person() -> None:
    rows = complaints(CHINESE, 300)
    rows.loc[0, "text"] = "账户被扣了年费，我叫欧阳明月"
    found = phrases.driving(rows["text"].tolist(), rows["label"].tolist())
    for label, group in found.groupby("label"):
        assert all(any(phrase in text for text in CHINESE[str(label)]) for phrase in group["phrase"])
    assert not found["phrase"].str.contains("欧阳").any()
    assert (found["complaints"] >= phrases.FEWEST).all()


def test_given_labels_stay_and_missing_ones_are_foretold() -> None:
    rows = complaints(CHINESE, 200)
    frame = pd.DataFrame({"text": rows["text"], "cause": rows["label"].mask(rows.index >= 150, None)})
    frame.loc[199, "text"] = None
    found = report.classified(frame)
    told = found.predictions
    assert len(told) == 200
    assert (told["cause"][:150] == rows["label"][:150]).all()
    assert (told["cause"][150:199] == rows["label"][150:199]).mean() > 0.9
    assert told["cause_probability"][150:199].between(0, 1).all()
    assert told["cause"].isna()[199]
    assert told["cause_given"].sum() == 150


def test_too_few_labels_are_refused_with_what_is_needed() -> None:
    frame = pd.DataFrame({"text": ["年费太高"] * 60, "cause": ["fee"] * 60})
    with pytest.raises(UnusableTextError, match="label 50 rows of two classes"):
        report.classified(frame)
    assert learnable(pd.Series(["a"] * 5 + ["b"] * 4)) == ["a"]


def test_topics_find_the_groups_again() -> None:
    rows = complaints(ENGLISH, 300)
    found = topics.discovered(rows["text"].tolist(), 6)
    # Six sentences that share no word that tells: each is a topic.
    for _, labels in rows["label"].groupby(found.to_numpy()):
        assert labels.value_counts(normalize=True).iloc[0] > 0.8
    with pytest.raises(UnusableTextError, match="fewer topics"):
        topics.discovered(["one", "two"], 3)


@pytest.mark.parametrize("classes", [CHINESE, ENGLISH])
def test_a_frozen_model_taken_up_again_says_the_same_to_single_precision(
    classes: dict[str, list[str]],
) -> None:
    rows = complaints(classes, 120)
    model = Classifier.fit(rows["text"].tolist(), rows["label"].tolist(), used=5)
    kept = frozen(model)
    assert kept == frozen(Classifier.fit(rows["text"].tolist(), rows["label"].tolist(), used=5))
    asked = [*rows["text"].tolist()[:20], "nothing known", "", "年费 annual fee"]
    np.testing.assert_allclose(thawed(kept).probabilities(asked), model.probabilities(asked), atol=1e-5)
    assert thawed(kept).classes == model.classes


def test_a_term_of_fewer_complaints_than_asked_for_is_not_kept() -> None:
    rows = complaints(CHINESE, 120)
    rows.loc[:3, "text"] += "欧阳独"
    assert "欧阳" not in frozen(Classifier.fit(rows["text"].tolist(), rows["label"].tolist(), used=5))
    assert "欧阳" in frozen(Classifier.fit(rows["text"].tolist(), rows["label"].tolist(), used=4))


def test_what_is_taught_is_kept_only_where_it_tells_more_than_the_commonest_class() -> None:
    rows = complaints(CHINESE, 150).assign(date=pd.date_range("2025-01-01", periods=150))
    found = taught(rows, 2_000)
    assert found.refused is None
    assert found.model is not None
    assert set(found.classes) == set(CHINESE)
    guessed = rows.assign(label=np.random.default_rng(1).permutation(rows["label"]))
    worse = taught(guessed, 2_000)
    assert worse.model is None
    assert str(worse.refused).startswith("does not beat the commonest class beyond noise")
    few = taught(rows.head(49), 2_000)
    assert few.refused == "too few cases: 49 labelled of 50 needed, 3 classes at least 5 times of 2"
    alike = taught(rows.assign(label="fee"), 2_000)
    assert str(alike.refused).endswith("1 classes at least 5 times of 2")
    strangers = rows.assign(text=[chr(0x4E00 + i) for i in range(150)])
    assert taught(strangers, 2_000).refused == "no term is used by 5 complaints"


def test_phrases_are_the_same_in_every_process() -> None:
    """Of phrases that tell equally much the same ones are shown, however Python orders its sets."""
    said = "from models.text.phrases import driving; print(driving(['年费太高了', '闪退登录失败'] + [f'{c}年费太高了' for c in '甲乙丙丁戊己'] + [f'{c}闪退登录失败' for c in '甲乙丙丁戊己'], ['fee', 'app'] + ['fee'] * 6 + ['app'] * 6, 3).to_csv())"
    told = [
        subprocess.run(
            [sys.executable, "-c", said], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    ]  # fmt: skip
    assert "fee" in told[0]
    assert len(set(told)) == 1


@pytest.mark.parametrize(
    "written",
    [
        ["2026-03-01T00:30:00+08:00", "2026-03-31T23:30:00-0500"],
        ["2026/03/01 00:30", "2026/03/31 23:59"],
        ["01.03.2026", "31.03.2026"],
        ["2026年03月01日", "2026年03月31日"],
    ],
)
def test_a_complaint_is_of_the_month_that_its_own_clock_shows(written: list[str]) -> None:
    read = table.dates(pd.Series(written), Path("complaints.csv"))
    assert read.tolist() == [pd.Timestamp("2026-03-01"), pd.Timestamp("2026-03-31")]


def test_dates_that_are_all_missing_are_refused_and_a_target_without_any_has_no_trend() -> None:
    with pytest.raises(UnusableTextError, match="'day' holds no date"):
        table.dates(pd.Series([None, None], name="day", dtype=object), Path("complaints.csv"))
    frame = complaints(CHINESE, 120).rename(columns={"label": "cause"})
    frame["date"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")
    assert not len(report.classified(frame).trend)
