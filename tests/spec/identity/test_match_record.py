from __future__ import annotations

from datetime import date
from typing import Any

from jobs.identity import match_record


def build(silver: Any, bank: Any, **tables: list[dict[str, Any]]) -> dict[str, Any]:
    names = ("party", "party_name", "identifier", "contact_point", "address")
    frames = {name: silver(name, *tables.get(name, [])) for name in names}
    known = frames["party"].sparkSession.createDataFrame([], match_record.SCHEMA.spark)
    return {row["record_id"]: row for row in match_record.build(**frames, known=known, bank=bank).collect()}


def test_two_records_of_one_person_are_written_one_way(silver: Any, bank: Any) -> None:
    rows = build(
        silver,
        bank,
        party=[
            {"party_id": "core|1", "kind": "person", "sex": "M", "birth_date": date(1980, 5, 1)},
            {"party_id": "cards|9", "kind": "person", "on": date(2024, 2, 1)},
        ],
        party_name=[
            {"party_id": "core|1", "full_name": "张小明 先生"},
            {"party_id": "cards|9", "latin_name": "XIAOMING ZHANG"},
        ],
        identifier=[
            {"party_id": "core|1", "scheme": "cn.ric", "value": "11010519491231002x"},
            {"party_id": "cards|9", "scheme": "cn.ric", "value": "110105491231002"},
        ],
        contact_point=[
            {"party_id": "core|1", "kind": "mobile", "value": "+86 138-1234-5678"},
            {"party_id": "cards|9", "kind": "mobile", "value": "１３８１２３４５６７８"},
        ],
        address=[{"party_id": "core|1", "kind": "home", "city": "北京市", "street": "建国路 1号"}],
    )
    core, cards = rows["core|1"], rows["cards|9"]
    assert (core["name"], core["sound"], core["family"]) == ("张小明", "xiaomingzhang", "zhang")
    assert cards["sound"] == core["sound"]
    assert core["ids"] == cards["ids"] == ["cn.ric:11010519491231002X"]
    assert core["checked_ids"] == ["cn.ric:11010519491231002X"]
    assert cards["checked_ids"] is None, "fifteen digits carry no check character of their own"
    assert core["phones"] == cards["phones"] == ["8613812345678"]
    assert set(core["keys"]) & set(cards["keys"])
    assert core["slots"] == ["resident_id=cn.ric:11010519491231002X"]
    assert cards["since"] == date(2024, 2, 1)


def test_old_phones_stay_and_a_dropped_record_stays(silver: Any, bank: Any) -> None:
    later = date(2024, 3, 1)
    rows = build(
        silver,
        bank,
        party=[
            {"party_id": "crm|1", "kind": "person"},
            {"party_id": "crm|1", "kind": "person", "on": later, "is_deleted": True},
        ],
        contact_point=[
            {"party_id": "crm|1", "kind": "mobile", "value": "13812345678"},
            {"party_id": "crm|1", "kind": "mobile", "value": "13912345679", "on": later},
        ],
    )
    assert rows["crm|1"]["phones"] == ["8613812345678", "8613912345679"]
    assert not rows["crm|1"]["is_live"]
    assert rows["crm|1"]["since"] == date(2024, 1, 1)


def test_an_organisation_is_known_by_its_own_name(silver: Any, bank: Any) -> None:
    names = ["北京华夏科技有限公司", "华夏科技（集团）股份有限公司", "华夏科技"]
    rows = build(
        silver,
        bank,
        party=[{"party_id": f"corporate|{i}", "kind": "organisation"} for i in range(3)],
        party_name=[{"party_id": f"corporate|{i}", "full_name": name} for i, name in enumerate(names)],
        identifier=[{"party_id": "corporate|0", "scheme": "cn.uscc", "value": "91350100M000100Y43"}],
    )
    assert {row["name"] for row in rows.values()} == {"华夏科技"}
    assert rows["corporate|0"]["slots"] == ["credit_code=cn.uscc:91350100M000100Y43"]
