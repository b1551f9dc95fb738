from __future__ import annotations

from hypothesis import given

from models.matching.decisions import CANNOT, MUST
from tests.generative.identity.histories import DAYS, History, histories


def grouped(of: dict[str, str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for record, customer in of.items():
        found.setdefault(customer, set()).add(record)
    return found


@given(histories())
def test_every_build_obeys_what_is_in_force(book: History) -> None:
    for day in range(1, DAYS + 1):
        of = book.customers(day)
        for word in book.in_force(day):
            together = of[word.record_l] == of[word.record_r]
            assert together == (word.decision == MUST), word
            assert word.decision in (MUST, CANNOT)


@given(histories())
def test_a_customer_whose_records_are_the_same_keeps_its_id(book: History) -> None:
    for day in range(1, DAYS):
        before, after = grouped(book.customers(day)), grouped(book.customers(day + 1))
        now = {frozenset(records): customer for customer, records in after.items()}
        for customer, records in before.items():
            assert now.get(frozenset(records), customer) == customer
            holder = next(c for c, held in after.items() if customer in held)
            # Newcomers rename nobody, a merge leaves the older id, a split leaves it with the oldest record.
            assert holder == customer or (book.came[holder], holder) < (book.came[customer], customer)
            assert book.came[holder] <= day


@given(histories())
def test_any_id_ever_given_leads_in_one_step_to_one_that_lives(book: History) -> None:
    given_out = {c for day in range(1, DAYS + 1) for c in book.customers(day).values()}
    last = book.customers(DAYS)
    living = set(last.values())
    for customer in given_out:
        assert last[customer] in living
        assert (last[customer] == customer) == (customer in living)


@given(histories())
def test_the_dated_log_gives_the_identity_of_each_day_and_again_changes_nothing(book: History) -> None:
    log: list[tuple[int, str, str]] = []
    standing: dict[str, str] = {}
    for day in range(1, DAYS + 1):
        today = book.customers(day)
        assert book.customers(day) == today
        log += [(day, r, c) for r, c in today.items() if standing.get(r) != c]
        standing = today
    for day in range(1, DAYS + 1):
        replayed = {record: customer for on, record, customer in log if on <= day}
        assert replayed == book.customers(day)
