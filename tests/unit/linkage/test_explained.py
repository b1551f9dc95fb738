from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from conf.linkage import LinkageConf
from conf.located import load
from conf.matching import MatchingConf
from models.linkage import cohesion, evidence, explaining, sentences, waterfall, writing
from models.linkage.match import match
from models.linkage.normalising import CJK

CONF = LinkageConf.model_validate(
    {
        "training": {"rounds": 1},
        "columns": {"名": "given name", "surname": "family name", "born": "date of birth", "phone": "phone"},
    }
)


def people() -> pd.DataFrame:
    """Forty people, each twice, the second time with a slip in one field or another, and a third record of the first."""
    rows: list[list[str | None]] = []
    for i in range(40):
        person: list[str | None] = [
            f"g{i * 7919 % 97}en",
            f"f{i * 104729 % 89}am",
            f"19{40 + i}010{1 + i % 9}",
            f"{i:03d}555{i * 31:04d}",
        ]
        slip = list(person)
        slip[i % 3] = str(person[i % 3])[:-1] + "9"
        rows += [person, slip]
    rows.append(["other", *rows[0][1:3], None])
    return pd.DataFrame(rows, columns=list(CONF.columns))


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> evidence.Kept:
    table, out = people(), tmp_path_factory.mktemp("match")
    writing.write(out, table, CONF, match(table, CONF))
    return evidence.kept(out)


def test_the_weights_add_up_and_the_re_rankers_parts_add_up_to_the_probability(output: evidence.Kept) -> None:
    judged = 0
    for place in range(len(output.pairs)):
        told = explaining.explained(output, place)
        assert told.prior + sum(f.weight for f in told.fields) == pytest.approx(told.weight, abs=0.02)
        if told.reranking is None:
            assert told.by_clusters
            continue
        judged += 1
        moved = sum(f.reranker or 0.0 for f in told.fields) + sum(told.reranking.overall.values())
        assert told.reranking.start + moved == pytest.approx(told.reranking.total)
        assert explaining.chance(told.reranking.total + told.reranking.rest) == pytest.approx(
            told.probability, abs=1e-5
        )
        assert told.reranking.rest == 0
    assert judged > 20


def test_a_pair_is_found_either_way_round_and_told_in_both_languages(output: evidence.Kept) -> None:
    told = explaining.pair(output, "1", "0")
    assert told == explaining.pair(output, "0", "1")
    assert told is not None
    english, chinese = sentences.pair(told, "en"), sentences.pair(told, "zh")
    assert "Records 0 and 1 are taken for one customer" in english
    assert "phone (same" in english
    assert "By the weights alone" in english
    assert "记录 0 与 1 判定为同一客户" in chinese
    assert "phone（一致" in chinese
    assert "重排模型" in chinese
    assert explaining.pair(output, "0", "77") is None


def test_what_is_missing_is_called_silent_and_a_weak_pair_inside_a_customer_is_called_weak(
    output: evidence.Kept,
) -> None:
    told = explaining.pair(output, "0", "1")
    assert told is not None
    weak = replace(told, probability=0.2, fields=(*told.fields, explaining.Field("mail", "missing", 0.0)))
    assert "Their own link is weak" in sentences.pair(weak, "en")
    assert "Missing on a side, and so silent: mail." in sentences.pair(weak, "en")
    assert "mail 至少一方缺失" in sentences.pair(weak, "zh")


def test_what_is_added_after_the_re_ranker_is_told_as_the_rest(output: evidence.Kept) -> None:
    place = next(i for i in range(len(output.pairs)) if explaining.explained(output, i).reranking)
    output.pairs.loc[place, "probability"], before = 0.25, output.pairs.loc[place, "probability"]
    told = explaining.explained(output, place)
    output.pairs.loc[place, "probability"] = before
    assert told.reranking is not None
    assert told.reranking.rest == pytest.approx(explaining.bits(0.25) - told.reranking.total)
    assert "come from what follows the re-ranker" in sentences.pair(told, "en")


def test_a_bridge_is_the_weakest_link_and_what_hangs_on_it_is_split_off() -> None:
    records = ["a", "b", "c", "d"]
    ends = ("a", "b", 0.99), ("b", "c", 0.99), ("a", "c", 0.99), ("c", "d", 0.7)
    links = [cohesion.Link(*end) for end in ends]

    def parted(fallen: int | None) -> list[int]:
        return [0, 0, 0, 3 if fallen == 3 else 0]

    told = cohesion.cohesion("a", records, links, parted)
    assert told.weakest == cohesion.Link("c", "d", 0.7, splits_off=("d",))
    assert [link.splits_off for link in told.links] == [("d",), (), (), ()]
    assert told.seam is not None
    assert (told.seam.left, told.seam.right) == (("a", "b", "c"), ("d",))
    assert told.seam.average == pytest.approx(0.7 / 3)
    assert "if it fell, d would be split off" in sentences.cluster(told, "en")
    assert "若它不成立，d 将被拆出" in sentences.cluster(told, "zh")


def test_a_pair_falls_apart_and_a_firm_triangle_does_not(output: evidence.Kept) -> None:
    both = cohesion.of_output(output, "20")
    assert both is not None
    assert both.weakest is not None
    assert set(both.weakest.splits_off) == {"21"}
    alone = cohesion.cohesion("x", ["x"], [], lambda _: [0])
    assert sentences.cluster(alone, "en") == "Customer x is one record alone."
    assert cohesion.of_output(output, "nobody") is None


def test_pictures_are_drawn_whatever_fonts_there_are(
    output: evidence.Kept, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    told = explaining.pair(output, "0", "1")
    assert told is not None
    for name in ("p.png", "p.html"):
        waterfall.draw(told, tmp_path / name, "zh")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "p.html").read_text("utf-8")
    assert ">名: " in page
    assert "<script" not in page
    assert not [w for w in recwarn if "Glyph" in str(w.message)]
    with pytest.raises(ValueError, match="no ending of a picture"):
        waterfall.draw(told, tmp_path / "p.gif", "en")


def test_without_a_chinese_font_names_stand_in_pinyin(output: evidence.Kept) -> None:
    told = explaining.pair(output, "0", "1")
    assert told is not None
    axes = waterfall.waterfall(told, "en", spelt=True).axes[0]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert any(label.startswith("ming: ") for label in labels)
    assert not any(CJK.search(label) for label in labels)


def test_a_feature_belongs_to_the_longest_column_that_it_names() -> None:
    columns = {"name": "full name", "family name": "family name", "names": "text"}
    assert explaining.group("same family name", columns) == "family name"
    assert explaining.group("rare name", columns) == "name"
    assert explaining.group("all names", columns) == "all names"


def test_every_level_of_the_books_own_rules_has_a_chinese_wording() -> None:
    for kind in ("person", "organisation"):
        rules = load(Path(f"conf/shared/matching/{kind}.yml")).data
        body = rules.get(kind, rules)
        labels = {level["label"] for c in body["comparisons"].values() for level in c["levels"]}
        assert labels <= set(sentences.ZH), labels - set(sentences.ZH)
    assert MatchingConf.model_fields


def test_what_the_re_ranker_listens_to_adds_up_by_field() -> None:
    table = people()
    told = explaining.heard(match(table, CONF).judged, {name: c.meaning for name, c in CONF.compared.items()})
    assert sum(share for _, share in told) == pytest.approx(1)
    assert {name for name, _ in told} <= {*CONF.columns, *explaining.OVERALL}
    assert explaining.heard(None, {}) == []


def test_evidence_holds_no_value_of_any_record(output: evidence.Kept) -> None:
    assert output.features is not None
    assert all(kind in {np.dtype("float32"), np.dtype("int8")} for kind in output.features.dtypes)
    assert all(isinstance(model, lgb.Booster) for model in output.models.values())


def test_another_folder_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(evidence.NoOutputError, match="give the folder of a finished"):
        evidence.kept(tmp_path)
