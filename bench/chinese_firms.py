"""Chinese firms and their branches, for bench/newcomers.py: a branch bears the firm's name and isn't the firm."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from pypinyin import lazy_pinyin

from bench import damage
from bench.labelled import Labelled
from jobs.demo.companies import INDUSTRIES
from jobs.demo.ids import credit_codes
from jobs.demo.names import draw_characters, draw_surnames, full_names

SIGNS: Final = "华信恒通鼎盛金源博远天成宏达瑞丰中联泰和新锐东升海纳嘉禾卓越启航明德长青万邦联创亿众诚兴隆捷宝润佳安康顺益"
CITIES: Final = ("北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "南京", "苏州", "天津")
ROADS: Final = (
    "人民路",
    "中山路",
    "解放路",
    "建设路",
    "和平路",
    "新华路",
    "科技园路",
    "创业大道",
    "滨江东路",
    "长安街",
)
FORMS: Final = ("有限公司", "有限责任公司", "股份有限公司")
ENGLISH: Final = dict(zip(INDUSTRIES, ("technology", "trading", "construction engineering", "electronics", "catering management", "logistics",
                                       "medical devices", "education consulting", "machinery", "food", "real estate", "agriculture"), strict=True))  # fmt: skip
OLD: Final = str.maketrans(
    "华恒东长万联创众兴宝润顺术广庆苏汉杭务贸电医疗机询业发产区号楼银",
    "華恆東長萬聯創眾興寶潤順術廣慶蘇漢杭務貿電醫療機詢業發產區號樓銀",
)
WIDE: Final = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})


def branches(_: Path) -> Labelled:
    """Firms typed in mixed scripts (full width, traditional, English), short, with the town before or in brackets; branches elsewhere."""
    rng = np.random.default_rng(46)
    one = _firms(2_200, rng)
    rows = damage.repeated(one, damage.sizes(rng, len(one), 1.4, 10), rng)
    told = rows[["town", "brand", "trade", "form", "branch"]].to_numpy()
    rows["name"] = [
        _written(town, brand, trade, form, branch, rng) for town, brand, trade, form, branch in told
    ]
    rows = damage.changed(rows, ["address", "district"], 0.12, rng)
    rows = damage.changed(rows, ["chief"], 0.15, rng)
    rows = damage.changed(rows, ["phone"], 0.15, rng)
    rows = damage.cells(rows, ["chief"], 0.08, lambda text, _: " ".join(lazy_pinyin(text)).title(), rng)
    rows = damage.cells(rows, ["address"], 0.3, lambda text, _: text.replace("号", "號").translate(OLD), rng)
    rows = damage.cells(rows, ["address"], 0.3, lambda text, _: text.replace("号", "").replace("室", ""), rng)
    rows = damage.cells(rows, ["address", "phone", "code"], 0.15, lambda text, _: text.translate(WIDE), rng)
    rows = damage.cells(
        rows, ["phone"], 0.3, lambda text, r: r.choice(["+86 ", "0086-", "86"]) + text.lstrip("0"), rng
    )
    rows = damage.cells(rows, ["code"], 0.06, damage.typo, rng)
    return damage.lost(rows, {"code": 0.55, "phone": 0.35, "address": 0.25, "chief": 0.3, "district": 0.3}, rng), {
        "truth": "truth", "name": "organisation name", "code": "registration id", "chief": "full name", "phone": "phone",
        "district": "town", "address": "full address",
    }  # fmt: skip


def _firms(count: int, rng: damage.Rng) -> pd.DataFrame:
    """Firms of few brands, and branches of a fifth of them in other towns: codes, addresses of their own, often the firm's chief and phone."""
    main = int(count * 0.75)
    size = rng.integers(2, 4, main)
    brand = ["".join(rng.choice(list(SIGNS), n)) for n in size]
    brand = [
        f"{b}" if rng.random() > 0.05 else f"{''.join(rng.choice(list('ABCDEHKMT'), 2))}{b[0]}" for b in brand
    ]
    person = np.zeros(count, bool)
    firm = pd.DataFrame(
        {"town": rng.choice(CITIES, main), "brand": brand, "trade": rng.choice([*INDUSTRIES], main)}
    )
    firm["form"], firm["branch"] = rng.choice(FORMS, main, p=[0.75, 0.15, 0.1]), ""
    of = np.sort(rng.integers(0, main // 5, count - main))
    child = firm.iloc[of].reset_index(drop=True).assign(branch=rng.choice(CITIES, len(of)))
    one = pd.concat([firm, child], ignore_index=True)
    one["chief"] = full_names(
        draw_surnames(rng, count), draw_characters(rng, person), draw_characters(rng, ~person)
    ).astype(object)
    one["phone"] = (
        "0"
        + pd.Series(rng.integers(10, 99, count).astype(str))
        + "-"
        + pd.Series(rng.integers(10**7, 10**8, count).astype(str))
    )
    near = np.r_[np.arange(main), of]
    for column, share in (("chief", 0.3), ("phone", 0.3)):
        shared = (np.arange(count) >= main) & (rng.random(count) < share)
        one[column] = one[column].where(~shared, one[column].to_numpy()[near])
    one["district"] = one["branch"].where(one["branch"] != "", one["town"])
    number, room = rng.integers(1, 300, count).astype(str), rng.integers(101, 2_900, count).astype(str)
    one["address"] = (
        one["district"] + "市" + rng.choice(ROADS, count).astype(object) + number + "号" + room + "室"
    )
    one["code"] = credit_codes(np.full(count, "110101"), rng.permutation(count * 40)[:count]).astype(object)
    one = one[~one.duplicated(["town", "brand", "trade", "branch"])].reset_index(drop=True)
    return one.assign(truth=one.index.astype(str))


def _written(town: str, brand: str, trade: str, form: str, branch: str, rng: damage.Rng) -> str:
    """A firm's name as somebody types it; a branch always says so."""
    kind = rng.random()
    tail = f"{branch}分公司" if branch else ""
    if kind < 0.06:
        english = f"{' '.join(lazy_pinyin(town + ' ' + brand)).title()} {ENGLISH[trade].title()} Co., Ltd."
        return f"{english} {''.join(lazy_pinyin(branch)).title()} Branch" if branch else english
    text = (
        f"{town}{brand}{trade}{form}{tail}"
        if kind < 0.5
        else f"{brand}{trade}（{town}）{form}{tail}"
        if kind < 0.7
        else f"{brand}{trade}{form}{tail}"
    )
    text = f"{brand}{trade}{branch and branch + '分'}" if kind > 0.93 else text
    text = text.translate(OLD) if rng.random() < 0.1 else text
    return text.translate(WIDE) if rng.random() < 0.1 else text
