"""A source's records of people: one entry per record, and the change log that the source delivers of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jobs.demo.arrays import Bools, Floats, Ints, Texts
from jobs.demo.places import Addresses
from jobs.demo.span import Span


@dataclass
class Written:
    """Arrays of one entry per source record; empty text, NO_DATE and NO_NUMBER stand for nothing written."""

    person: Ints
    created: Ints
    name: Texts
    latin: Texts
    female: Ints
    birth: Ints
    id_type: Ints
    id_no: Texts
    new_mobile: Texts
    old_mobile: Texts
    phone_known: Ints
    new_address: Addresses
    old_address: Addresses
    address_known: Ints
    address_short: Bools
    address_missing: Bools
    email: Texts
    occupation: Ints
    education: Ints
    marital: Ints
    income: Floats

    def __len__(self) -> int:
        return len(self.person)

    def mobile(self, row: Ints, day: Ints) -> Texts:
        """The phone number on record on a day."""
        return np.where(day >= self.phone_known[row], self.new_mobile[row], self.old_mobile[row])

    def address(self, row: Ints, day: Ints) -> Addresses:
        """The address on record on a day."""
        current = day >= self.address_known[row]
        return self.new_address.take(row).or_else(current, self.old_address.take(row))

    def address_line(self, row: Ints, day: Ints) -> Texts:
        """The street line on record on a day, in full or abbreviated; empty where there is none."""
        place = self.address(row, day)
        line = np.where(self.address_short[row], place.short_line, place.line)
        return np.where(self.address_missing[row], "", line)


def versions(span: Span, written: Written, *further: Ints) -> tuple[Ints, Ints]:
    """Rows of a change log up to the end: (record, day) for its creation, told changes and `further` days."""
    row = np.arange(len(written))
    found, days = [row], [written.created]
    for change in (written.phone_known, written.address_known, *further):
        kept = (change > written.created) & (change <= span.end)
        found.append(row[kept])
        days.append(change[kept])
    both = np.unique(np.stack([np.concatenate(found), np.concatenate(days)], axis=1), axis=0)
    both = both[both[:, 1] <= span.end]
    return both[:, 0], both[:, 1]
