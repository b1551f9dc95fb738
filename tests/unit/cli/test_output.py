"""Words of others go in, with brackets that could be taken for colours; they come out as they were."""

from __future__ import annotations

import pytest

from jobs.cli import output

ODD = "/data[final]/x[/red].csv"


def test_what_stands_in_brackets_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    output.say(f"wrote {ODD}")
    output.facts({"file": ODD})
    output.table(f"rows of {ODD}", [ODD], [(ODD,)])
    printed = capsys.readouterr()
    assert printed.err.count(ODD) == 1
    assert printed.out.count(ODD) == 4


def test_marks_of_our_own_are_colours(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("[green]ok[/green] sources", styled=True)
    assert "ok sources" in capsys.readouterr().err
