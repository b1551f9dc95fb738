from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conf.encoding import EncodingConf, Mark
from conf.linkage import LinkageConf
from models.linkage import encoding, marked
from models.linkage.encoded import candidates, dice, unrelated, with_levels, words
from models.linkage.encoding import KeyRefusedError, check_value, encoded, read_key

KEY = b"a secret of more than sixteen bytes"
CONF = LinkageConf.model_validate(
    {
        "columns": {
            "no": "key",
            "given": "given name",
            "family": "family name",
            "born": "date of birth",
            "mail": "e-mail",
        }
    }
)
HARDENINGS = ("none", "balanced", "folded")


def people(*rows: tuple[str | None, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        [[str(i), *row] for i, row in enumerate(rows)], columns=["no", "given", "family", "born", "mail"]
    )


ROWS = (
    ("Marianne", "Hoffmann", "1980-02-03", "m@x.org"),
    ("Mariane", "Hofmann", "1980-02-04", "m@x.org"),
    ("Hoffmann", "Marianne", "1980-03-02", None),
    ("Gustav", "Lindqvist", "1955-11-30", "g@y.org"),
)


@pytest.mark.parametrize("hardening", HARDENINGS)
def test_alike_values_have_alike_bits_and_others_do_not(hardening: str) -> None:
    table, mark = encoded(people(*ROWS), CONF, EncodingConf.model_validate({"hardening": hardening}), KEY)
    for column in ("given", "born"):
        filters = words(list(table[column]))
        near, far = dice(filters, np.array([0, 0]), np.array([1, 3]))
        assert near > far + 0.1, (column, near, far)
    assert mark.columns["given"] == "encoded name"
    assert table["given"][0] == table["family"][2]  # swapped names can be seen as such
    assert table["mail"][0] == table["mail"][1] != table["mail"][3]
    assert pd.isna(table["mail"][2])


def test_nothing_of_the_values_is_left_and_another_key_gives_other_bits() -> None:
    table, mark = encoded(people(*ROWS), CONF, EncodingConf(), KEY)
    other, _ = encoded(people(*ROWS), CONF, EncodingConf(), KEY + b"!")
    text = table.drop(columns="no").to_csv() + mark.model_dump_json()
    assert not any(word in text for word in ("arianne", "offmann", "1980", "x.org", KEY.decode()))
    assert (table["given"] != other["given"]).all()
    assert list(table["no"]) == ["0", "1", "2", "3"]


def test_a_code_is_the_hmac_of_the_value_made_comparable() -> None:
    table, _ = encoded(people(("A", "B", "1980-01-01", "M @X.org")), CONF, EncodingConf(), KEY)
    secret = hmac.digest(KEY, b"onebook linkage 1|encoded code|e-mail", hashlib.sha256)
    assert table["mail"][0] == hmac.digest(secret, b"m@x.org", hashlib.sha256)[:16].hex()


def test_balanced_filters_all_weigh_the_same_and_folded_ones_are_half_as_long() -> None:
    balanced, _ = encoded(people(*ROWS), CONF, EncodingConf(hardening="balanced", bits=256), KEY)
    folded, _ = encoded(people(*ROWS), CONF, EncodingConf(hardening="folded", bits=256), KEY)
    assert {int(n) for n in np.bitwise_count(words(list(balanced["given"]))).sum(axis=1)} == {256}
    assert {len(v) * 4 for v in folded["given"]} == {128}


def test_a_salt_parts_what_its_value_parts() -> None:
    table = people(ROWS[0], ROWS[0]).assign(year=["1980", "1981"])
    plain, _ = encoded(table, CONF, EncodingConf(), KEY)
    salted, _ = encoded(table, CONF, EncodingConf(salt="year"), KEY)
    assert plain["given"][0] == plain["given"][1]
    assert salted["given"][0] != salted["given"][1]


@settings(max_examples=15)
@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=6), st.sampled_from(HARDENINGS))
def test_encoding_depends_on_value_and_key_alone(values: list[str], hardening: str) -> None:
    scheme = EncodingConf.model_validate({"bits": 128, "hardening": hardening})
    conf = LinkageConf.model_validate({"columns": {"name": "full name"}})
    one, _ = encoded(pd.DataFrame({"name": values}), conf, scheme, KEY)
    back, _ = encoded(pd.DataFrame({"name": values[::-1]}), conf, scheme, KEY)
    assert list(one["name"].fillna("")) == list(back["name"].fillna(""))[::-1]


def test_dice_is_that_of_the_bit_sets() -> None:
    filters = words(["f0", "3c", "00"])
    assert dice(filters, np.array([0, 0, 2]), np.array([1, 0, 2])).tolist() == [0.5, 1.0, 0.0]


@pytest.mark.parametrize("hardening", HARDENINGS)
def test_levels_stand_between_what_is_unrelated_and_what_is_equal(hardening: str) -> None:
    rows = [
        (f"name{i * 7919 % 997}", f"other{i * 31 % 89}", f"19{10 + i}-01-0{1 + i % 9}", None)
        for i in range(60)
    ]
    scheme = EncodingConf.model_validate({"hardening": hardening})
    table, mark = encoded(people(*rows), CONF, scheme, KEY)
    conf = with_levels(table, LinkageConf.model_validate({"columns": mark.columns, "key": mark.key}))
    floor = unrelated(table["given"], 1)
    least = [
        float(level.sql.split(">=")[1])
        for level in conf.columns["given"].levels
        if level.sql and ">=" in level.sql
    ]
    assert all(floor < at < 1 for at in least)
    assert least == sorted(least, reverse=True)
    assert conf.columns["given"].levels[2].label == "stands in the other name's place"


def test_candidates_bring_together_equal_codes_and_the_nearest() -> None:
    rows = [
        (f"g{i * 7919 % 997}x", f"f{i * 104729 % 997}y", f"19{10 + i % 80}-01-0{1 + i % 9}", None)
        for i in range(40)
    ]
    rows += [(g[:-1] + "z", f, born, None) for g, f, born, _ in rows]
    table, mark = encoded(people(*rows), CONF, EncodingConf(), KEY)
    conf = LinkageConf.model_validate(
        {"columns": mark.columns, "key": mark.key, "candidates": {"all_pairs_up_to": 0, "neighbours": 3}}
    )
    found = {tuple(pair) for pair in candidates(table[list(mark.columns)], conf).pairs.tolist()}
    assert {(i, i + 40) for i in range(40)} <= found
    assert len(found) < 80 * 79 / 4


def test_a_short_or_missing_key_is_refused_without_being_quoted(tmp_path: Path) -> None:
    with pytest.raises(KeyRefusedError, match="openssl rand"):
        read_key(tmp_path / "none")
    (tmp_path / "key").write_text("too short\n", "utf-8")
    with pytest.raises(KeyRefusedError) as refused:
        read_key(tmp_path / "key")
    assert "too short" not in str(refused.value)
    (tmp_path / "key").write_bytes(KEY + b"\n")
    assert read_key(tmp_path / "key") == KEY


def test_files_of_two_keys_schemes_or_kinds_are_not_matched(tmp_path: Path) -> None:
    def written(name: str, key: bytes, scheme: EncodingConf) -> Path:
        table, mark = encoded(people(*ROWS), CONF, scheme, key)
        marked.write(tmp_path / name, table, mark)
        return tmp_path / name

    a = written("a.parquet", KEY, EncodingConf())
    b = written("b.parquet", KEY + b"2", EncodingConf())
    c = written("c.parquet", KEY, EncodingConf(bits=512))
    people(*ROWS).to_parquet(tmp_path / "d.parquet")
    assert marked.common_mark([a]) == marked.mark_of(a)
    assert marked.common_mark([tmp_path / "d.parquet"]) is None
    for other, told in ((b, "another key"), (c, "another scheme"), (tmp_path / "d.parquet", "is in clear")):
        with pytest.raises(marked.MarkError, match=told):
            marked.common_mark([a, other])
    assert check_value(KEY) != check_value(KEY + b"2")
    assert "given name" not in marked.as_yaml(
        marked.mark_of(a) or Mark(check="", scheme=EncodingConf(), columns={})
    )


def test_pieces_of_dates_keep_neighbours_and_swaps_alike() -> None:
    pieces = [
        set(encoding.PIECES["encoded date"](d)) for d in ("19800203", "19800302", "19800204", "19991231")
    ]
    shared = [len(pieces[0] & other) / len(pieces[0]) for other in pieces[1:]]
    assert shared[0] >= 5 / 16  # day and month swapped
    assert shared[1] >= 10 / 16  # the day after
    assert shared[2] == 0
    assert "n1980-02-30" not in encoding.PIECES["encoded date"]("19800230")
