"""Branches of organisations: names in, which branch they name out; and what that says of a pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from conf.linkage import ColumnConf
from models.linkage.branches import branch
from models.linkage.field import Field
from models.linkage.normalising import organisation
from models.linkage.texts import Texts


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("长佳房地产开发有限公司", ""),
        ("长佳房地产开发（苏州）有限公司", ""),
        ("长佳房地产开发（苏州）有限公司深圳分公司", "shenzhen"),
        ("长佳房地产开发(深圳分公司)", "shenzhen"),
        ("長佳房地產深圳分", "shenzhen"),
        ("工商银行股份有限公司北京海淀支行", "haidian"),
        ("Chang Jia Real Estate Co., Ltd. Shenzhen Branch", "shenzhen"),
        ("Branch and Sons", ""),
    ],
)
def test_a_name_says_which_branch_it_is(name: str, told: str) -> None:
    assert branch(organisation(name)) == told


def test_a_branch_is_no_more_one_with_its_firm_than_sure_pairs_are() -> None:
    firms = [f"{chr(0x4E00 + 97 * i)}{chr(0x5200 + 89 * i)}科技" for i in range(100)]
    values = pd.Series([*firms, *firms, *(f"{firm}上海分公司" for firm in firms)], dtype=object)
    pairs = np.array([(i, i + at) for i in range(100) for at in (100, 200)])
    texts = Texts({"name": Field(values)}, {"name": ColumnConf(meaning="organisation name")})
    sure = np.tile([12.0, 0.0], 100)
    weighed = texts.weighed(pa.table({"weight": sure, "bits_0": np.zeros(200)}), pairs)
    texts.learn(np.tile([True, False], 100), weighed)
    weight = texts.parted(weighed)["weight"].to_numpy()
    assert weight[0::2].min() > 10
    assert (1 / (1 + np.exp2(-weight[1::2]))).sum() < 5
