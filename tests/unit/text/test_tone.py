"""How sentences of Chinese and English sound by the shared lexicon, and what a lexicon may not hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conf.bank import open_bank
from conf.complaints import ComplaintsConf
from conf.errors import ConfError
from conf.tone import ToneSpec
from models.text.tone import Ear, tones
from tests.overlays import laid

SHARED = open_bank("demo").section("complaints", ComplaintsConf).tone
EAR = Ear(SHARED)
SMALL = Ear(
    ToneSpec(
        words={
            "good": 2,
            "bad": -2,
            "rip off": -3,
            "rip": -1,
            "help*": 1,
            "helpless": -2,
            "满意": 2,
            "意": -4,
        },
        negators={"not": 0.74, "不": 0.74},
        degrees={"very": 0.5, "a bit": -0.5, "很": 0.5},
        contrasts=("but", "但是"),
    )
)


def heard(text: str) -> float:
    tone = EAR.hear(text).tone
    assert tone is not None
    return tone


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("The clerk was rude.", "The clerk was polite."),
        ("I am not happy with this.", "I am happy with this."),
        ("I am very disappointed.", "I am slightly disappointed."),
        ("The app is good but the fee is outrageous.", "The fee is outrageous but the app is good."),
        ("They wouldn't help, unacceptable!", "There was an error on the statement."),
        ("大堂经理态度恶劣", "大堂经理很热情"),
        ("对处理结果不满意", "对处理结果满意"),
        ("没有得到满意的答复", "得到了满意的答复"),
        ("非常失望", "有点失望"),
        ("服务不错，但是收费太离谱", "收费离谱，但是服务不错"),
        ("理财经理欺骗客户，太无耻了", "赎回的钱三天还没到账"),
    ],
)
def test_of_two_sentences_the_worse_sounds_worse(worse: str, better: str) -> None:
    assert heard(worse) < heard(better)
    assert heard(worse) < 0


@pytest.mark.parametrize(
    "text", ["我不得不再来一次", "App更新后找不到转账记录", "您好，我要改手机号", "The number is 4711."]
)
def test_what_states_a_fact_or_greets_sounds_like_nothing(text: str) -> None:
    assert EAR.hear(text) == EAR.hear("事")  # a tone of 0, and no term


@pytest.mark.parametrize("text", ["", "  \n", "12345", "！！！"])
def test_without_a_word_there_is_no_tone(text: str) -> None:
    assert EAR.hear(text).tone is None
    assert [one.tone for one in tones(SHARED, [None, text])] == [None, None]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("good", (("good", 2.0),)),
        ("not good", (("good", -1.48),)),
        ("very good", (("good", 3.0),)),
        ("not a bit very good", (("good", -1.11),)),
        ("not one two good", (("good", -1.48),)),
        ("not one two three good", (("good", 2.0),)),
        ("not, good", (("good", 2.0),)),
        ("not bad good", (("bad", 1.48), ("good", 2.0))),
        ("good but bad", (("good", 1.0), ("bad", -3.0))),
        ("good. but bad", (("good", 2.0), ("bad", -3.0))),
        ("a rip off", (("rip off", -3.0),)),
        ("helping helpless", (("helping", 1.0), ("helpless", -2.0))),
        ("不很满意", (("满意", -2.22),)),
        ("ＧＯＯＤ", (("good", 2.0),)),
    ],
)
def test_each_term_tells_what_it_says_after_what_stands_before_it(
    text: str, terms: tuple[tuple[str, float], ...]
) -> None:
    assert SMALL.hear(text).terms == terms


def test_the_tone_is_the_sum_brought_between_its_ends() -> None:
    assert SMALL.hear("bad").tone == round(-2 / 19**0.5, 4)
    assert SMALL.hear("good bad").tone == 0


@given(st.text(alphabet="不很满意好坏 notgdvery.,!但是but", max_size=60))
def test_every_text_has_a_tone_in_range_or_none_and_its_terms_add_up_to_it(text: str) -> None:
    found = EAR.hear(text)
    total = sum(value for _, value in found.terms)
    assert (found.tone is None) == (not any(c.isalpha() for c in text))
    if found.tone is not None:
        assert -1 < found.tone < 1
        assert found.tone == pytest.approx(total / (total * total + 15) ** 0.5, abs=1e-4)


@pytest.mark.parametrize(
    ("tone", "line", "key", "why"),
    [
        ("{words: {great: 5}}", 1, "tone.words.great", "less than or equal to 4"),
        ("{words: {Great: 2}}", 1, "tone.words", "'Great' is never met"),
        ("\n  negators: {angry: 0.5}", 1, "tone", "'angry' stands under words and under negators"),
        ("\n  reach: 0", 2, "tone.reach", "greater than or equal to 1"),
        ("\n  word: {bad: -2}", 2, "tone.word", "unknown key"),
    ],
)
def test_a_lexicon_that_cannot_be_read_is_told_by_file_line_and_key(
    tmp_path: Path, tone: str, line: int, key: str, why: str
) -> None:
    file = laid(tmp_path, "shared/complaints/own.yml", f"tone: {tone}\n")
    with pytest.raises(ConfError, match=why) as told:
        open_bank("demo", (tmp_path,)).section("complaints", ComplaintsConf)
    assert (told.value.file, told.value.line, told.value.key) == (str(file), line, key)


def test_a_bank_lays_its_words_over_the_shared_ones(tmp_path: Path) -> None:
    laid(tmp_path, "banks/demo/complaints/own.yml", "tone:\n  words: {钻石卡: -1.5, 失望: 0}\n")
    spec = open_bank("demo", (tmp_path,)).section("complaints", ComplaintsConf).tone
    own = Ear(spec)
    assert own.hear("钻石卡").terms == (("钻石卡", -1.5),)
    assert own.hear("太失望了").terms == ()
    assert own.hear("非常满意") == EAR.hear("非常满意")
