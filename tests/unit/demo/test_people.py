from __future__ import annotations

import numpy as np
import pytest
from stdnum.cn import uscc

from jobs.demo import ids
from jobs.demo.arrays import NO_DATE, keys
from jobs.demo.block import Block
from jobs.demo.written import Written


@pytest.mark.parametrize(("body", "check"), [("11010519491231002", "X"), ("44052418800101001", "4")])
def test_check_character_of_the_standard_s_examples(body: str, check: str) -> None:
    assert ids.resident_check(np.array([body])).tolist() == [check]


def test_true_ids_are_valid_and_tell_birth_and_sex(block: Block) -> None:
    people = block.people
    resident = people.id_type == 1
    numbers = people.id_no[resident]
    assert (ids.resident_check(np.strings.slice(numbers, 17)) == np.strings.slice(numbers, 17, 18)).all()
    assert (np.strings.slice(numbers, 6, 14) == ids.compact(people.birth[resident])).all()
    odd = np.strings.slice(numbers, 16, 17).astype(int) % 2 == 1
    assert (odd == ~people.female[resident]).all()


def test_15_digit_ids_leave_out_century_and_check() -> None:
    assert ids.old_resident_ids(np.array(["11010519491231002X"])).tolist() == ["110105491231002"]


def test_credit_codes_are_valid(block: Block) -> None:
    assert all(uscc.is_valid(code) for code in block.companies.code.tolist())


def test_keys_of_two_systems_do_not_resemble_each_other() -> None:
    serial = np.arange(1000)
    one, other = keys("", serial, 3), keys("", serial, 17)
    assert len(set(one.tolist())) == len(set(other.tolist())) == 1000
    assert not set(one.tolist()) & set(other.tolist())


def test_families_share_surname_and_address(block: Block) -> None:
    people = block.people
    child = np.flatnonzero(people.parent >= 0)
    head = people.parent[child]
    assert (people.address.room[child] == people.address.room[head]).all()
    fathers = ~people.female[head]
    assert (people.surname[child][fathers] == people.surname[head][fathers]).all()
    couple = np.flatnonzero(people.spouse >= 0)
    assert (people.spouse[people.spouse[couple]] == couple).all()


def wrong_shares(block: Block) -> dict[str, tuple[int, int]]:
    """Wrong and written values by attribute over all sources, at the end of the span."""
    people, end = block.people, block.span.end
    moved = (people.moved <= end) | (people.moved >= NO_DATE)
    changed = (people.phone_changed <= end) | (people.phone_changed >= NO_DATE)
    street = people.address.or_else(moved, people.old_address).line
    mobile = np.where(changed, people.mobile, people.old_mobile)
    counts: dict[str, tuple[int, int]] = {}

    def count(name: str, written: np.ndarray, truth: np.ndarray, there: np.ndarray) -> None:
        before = counts.get(name, (0, 0))
        counts[name] = (before[0] + int((there & (written != truth)).sum()), before[1] + int(there.sum()))

    for source, record in block.written.items():
        who, now = record.person, record.created <= end
        row, day = np.arange(len(record)), np.full(len(record), end)
        number = np.strings.upper(np.strings.strip(record.id_no))
        count("name", record.name, people.full_name[who], now)
        count("id", number, people.id_no[who], now & (np.strings.str_len(number) > 15))
        if source.startswith("corporate"):
            continue
        phone = np.strings.replace(np.strings.replace(record.mobile(row, day), "-", ""), "+86", "")
        count("mobile", phone, mobile[who], now & (phone != ""))
        count("birth", record.birth, people.birth[who], now & (record.birth < NO_DATE))
        if source in {"core.customers", "credit.borrowers", "crm.contacts"}:
            count("street", record.address(row, day).line, street[who], now & ~record.address_missing)
            count("marital", record.marital, people.marital[who], now & (record.marital >= 0))
            count("income", record.income, people.income[who], now & ~np.isnan(record.income))
            count("occupation", record.occupation, people.occupation[who], now & (record.occupation >= 0))
    return counts


def test_about_an_eighth_of_what_sources_say_is_wrong(block: Block) -> None:
    counts = wrong_shares(block)
    shares = {name: wrong / written for name, (wrong, written) in counts.items()}
    whole = sum(w for w, _ in counts.values()) / sum(n for _, n in counts.values())
    assert 0.08 < whole < 0.16, shares
    assert 0.05 < shares["name"] < 0.15
    assert 0.01 < shares["id"] < 0.08
    assert 0.10 < shares["mobile"] < 0.22


def disagreement(first: np.ndarray, one: Written, second: np.ndarray, other: Written) -> float:
    position = {person: n for n, person in enumerate(other.person.tolist())}
    pairs = [(n, position[p]) for n, p in enumerate(one.person.tolist()) if p in position]
    return float(np.mean([first[a] != second[b] for a, b in pairs]))


def test_about_a_sixth_of_shared_attributes_disagree(block: Block) -> None:
    one, other = block.written["core.customers"], block.written["cards.holders"]
    end = block.span.end
    shares = [
        disagreement(one.name, one, other.name, other),
        disagreement(one.birth, one, other.birth, other),
        disagreement(one.female, one, other.female, other),
        disagreement(
            *(x for w in (one, other) for x in (w.mobile(np.arange(len(w)), np.full(len(w), end)), w))  # type: ignore[arg-type]
        ),
    ]
    assert 0.10 < float(np.mean(shares)) < 0.22, shares


def test_people_appear_in_many_sources_and_sometimes_twice_in_one(block: Block) -> None:
    here = int((block.people.since <= block.span.end).sum())
    records = {name: int((w.created <= block.span.end).sum()) for name, w in block.written.items()}
    assert 4.5 < sum(records.values()) / here < 7.5
    core = block.written["core.customers"].person
    assert 0.02 < 1 - len(np.unique(core)) / len(core) < 0.12
