"""Channels: users of app and web, and events of app, web, branch, ATM and call centre; JSON lines, gzip."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.demo.arrays import NO_DATE, Floats, Ints, Texts, digits, draw, glue, keys, replaced
from jobs.demo.block import KEYS_PER_BLOCK, Block, repeated
from jobs.demo.dirt import write_down
from jobs.demo.extract import Extract
from jobs.demo.formats import Field, Layout, Style, date_texts
from jobs.demo.written import versions

STYLE = Style("json", "jsonl.gz", compressed=True)
USERS = Layout("channels", "users", STYLE, (
    Field("user_id"), Field("nick"), Field("real_name"), Field("id_card"), Field("mobile"), Field("email"), Field("device"),
    Field("registered_on", "date"), Field("updated_on", "date"),
))  # fmt: skip
EVENTS = Layout("channels", "events", STYLE, (
    Field("event_id", "int"), Field("user_id"), Field("cust_no"), Field("ts"), Field("biz_date", "date"), Field("channel"),
    Field("event"), Field("duration_s", "int"),
))  # fmt: skip
LAYOUTS = (USERS, EVENTS)

CHANNELS = ("app", "web", "branch", "atm", "call")
EVENT_NAMES = (
    ("login", "balance_check", "transfer", "product_view", "bill_payment"), ("login", "statement", "transfer", "product_view"),
    ("counter_service", "advice", "document_update"), ("cash_withdrawal", "balance_check", "cash_deposit"),
    ("enquiry", "complaint_call", "card_service"),
)  # fmt: skip
SECOND_RECORD = 0.05
NO_HISTORY_FROM = 0.22
"""Digital habit below which a person never registers."""


def extracts(block: Block) -> Iterator[Extract]:
    """Users are known by app registration; visits to branches, machines and the hotline by core customer number."""
    rng, people, life = block.streams("channels"), block.people, block.life
    users = np.flatnonzero(people.digital > NO_HISTORY_FROM)
    created = people.since[users] + rng.integers(0, 400, len(users))
    again = repeated(rng, SECOND_RECORD, users)
    who = np.concatenate([users, users[again]])
    created = np.concatenate([created, created[again] + rng.integers(200, 1500, int(again.sum()))])
    valid = created < life.gone[who]
    who, created = who[valid], created[valid]
    second = np.arange(len(valid))[valid] >= len(users)
    ids = block.keys("U", len(who), 43)
    yield _users(block, rng, who, created, second, ids)
    yield _events(block, rng, who, created, ids).break_cells(rng, "ts", ["2025-13-40T99:00:00", "0000-00-00"])


def _users(
    block: Block, rng: np.random.Generator, who: Ints, created: Ints, second: Ints, ids: Texts
) -> Extract:
    people, span = block.people, block.span
    written = write_down(
        rng, people, who, created, again=np.asarray(second), error=1.2, told=0.75, id_missing=0.25
    )
    block.know_people("channels", "users", ids, who)
    block.written["channels.users"] = written
    row, day = versions(span, written)
    nick = glue(
        np.strings.lower(replaced(written.latin, " ", "_")),
        digits(rng.integers(0, 100, len(who)), 2),
    )
    return Extract(USERS, {
        "user_id": ids[row], "nick": nick[row], "real_name": written.name[row], "id_card": written.id_no[row],
        "mobile": written.mobile(row, day), "email": written.email[row],
        "device": np.array(["android", "ios", "harmony"])[draw(rng, 3, len(who), [5, 3, 2])][row],
        "registered_on": written.created[row], "updated_on": day,
    }, day)  # fmt: skip


@lru_cache(maxsize=1)
def _clock() -> pa.Array:
    """Every second of the day as text with Beijing's offset."""
    number = np.arange(86_400)
    return pa.array(
        glue(
            "T",
            digits(number // 3600, 2),
            ":",
            digits(number // 60 % 60, 2),
            ":",
            digits(number % 60, 2),
            "+08:00",
        )
    )


def _counts(block: Block, rng: np.random.Generator, is_user: Ints) -> list[Ints]:
    """People x months for each channel: digital people tap, others queue; all less while leaving."""
    people, life, span = block.people, block.life, block.span
    months = slice(0, span.months)
    use = (
        life.activity[:, months]
        * (people.since[:, None] <= span.month_ends[months])
        * (life.gone[:, None] >= span.month_starts[: span.months])
    )
    digital = people.digital[:, None]
    rates: tuple[Floats | float, ...] = (
        3.2 * digital * is_user[:, None],
        0.6 * digital * is_user[:, None],
        0.22 * (1 - digital),
        0.5 * (1 - digital),
        0.05,
    )
    extra = block.life.complaints[:, months] * 0.5
    return [np.asarray(rng.poisson(use * rate + (extra if n == 4 else 0))) for n, rate in enumerate(rates)]


def _events(block: Block, rng: np.random.Generator, who: Ints, created: Ints, ids: Texts) -> Extract:
    people, life, span = block.people, block.life, block.span
    user_of = np.full(len(people), -1)
    user_of[who] = np.arange(len(who))  # the latest registration is the one in use
    registered = np.full(len(people), NO_DATE)
    np.minimum.at(registered, who, created)
    made = []
    for number, counts in enumerate(_counts(block, rng, (user_of >= 0).astype(np.int64))):
        some, when = np.nonzero(counts)
        times = counts[some, when]
        made.append((np.repeat(some, times), np.repeat(when, times), np.full(int(times.sum()), number)))
    person, month, channel = (np.concatenate(parts) for parts in zip(*made, strict=True))
    first, last = span.month_starts[month], span.month_ends[month]
    day = first + (rng.random(len(person)) * (last - first + 1)).astype(np.int64)
    online = channel < 2
    opened = np.where(online, registered[person], people.since[person])
    kept = (day >= opened) & (day < life.gone[person]) & span.inside(day)
    person, channel, day, online = person[kept], channel[kept], day[kept], online[kept]
    order = np.argsort(day, kind="stable")
    person, channel, day, online = person[order], channel[order], day[order], online[order]
    user = np.where(day >= created[user_of[person]], user_of[person], -1)
    user = _first_user(who, user, person)
    cust_no = keys("", np.arange(len(people)) + block.number * KEYS_PER_BLOCK, 3)
    second = (rng.normal(14, 3.5, len(day)).clip(0, 23.99) * 3600).astype(np.int64)
    names = pa.array([name for group in EVENT_NAMES for name in group])
    offset, sizes = np.cumsum([0, *map(len, EVENT_NAMES)])[:-1], np.array([*map(len, EVENT_NAMES)])
    which = offset[channel] + (rng.random(len(day)) ** 1.4 * sizes[channel]).astype(np.int64)
    late = np.where(rng.random(len(day)) < 0.003, rng.integers(1, 3, len(day)), 0)
    return Extract(EVENTS, {
        "event_id": block.serials(len(day)),
        "user_id": pa.array(ids).take(pa.array(user, mask=~online)),
        "cust_no": pa.array(cust_no).take(pa.array(person, mask=online)),
        "ts": pc.binary_join_element_wise(date_texts(day, "%Y-%m-%d"), _clock().take(pa.array(second)), ""),
        "biz_date": day, "channel": pa.array(CHANNELS).take(pa.array(channel)), "event": names.take(pa.array(which)),
        "duration_s": (rng.exponential(1, len(day)) * np.array([90, 150, 1200, 100, 300])[channel]).astype(np.int64) + 5,
    }, day + late)  # fmt: skip


def _first_user(who: Ints, user: Ints, person: Ints) -> Ints:
    """The user number of each event: the latest registration, or the first while that was the only one."""
    first = np.zeros(int(person.max(initial=0)) + 1, np.int64)
    seen = who[::-1] < len(first)
    first[who[::-1][seen]] = np.arange(len(who))[::-1][seen]
    return np.where(user >= 0, user, first[person])
