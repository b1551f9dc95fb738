"""`onebook steward learn`: what stewards' decisions say of the matcher, and a configuration that agrees with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pyspark.sql import functions as F
from ruamel.yaml import YAML

from conf.matching import EntityMatching, Kind, MatchingConf
from jobs.cli import output
from jobs.cli.options import AsJson, BankName, ConfAt, LakeAt, Place, Verbose, place
from jobs.core.errors import UsageError
from models.matching.learning import LEAST_CASES, Answer, Learnt, answer_of, corrected, learn

KINDS: Final[tuple[Kind, ...]] = ("person", "organisation")
MOST_TOLD: Final = 8
HEAD: Final = "# Written by `onebook steward learn` from {cases} decisions. Levels' m and u as corrected, the rest as it was.\n"


def command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output",
            help="Write the corrected levels as YAML; it belongs in banks/<bank>/matching/ of a configuration tree.",
        ),
    ] = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Correct the matcher's weights by decisions in force; print how well it agrees with ones it hasn't seen."""
    where = place(bank, None, lake, conf).existing()
    rules = where.bank.section("matching", MatchingConf)
    found = {kind: (len(answers), learn(answers)) for kind in KINDS for answers in [_answers(where, kind)]}
    told = [_told(kind, cases, learnt) for kind, (cases, learnt) in found.items()]
    better = {kind: learnt for kind, (_, learnt) in found.items() if learnt is not None and learnt.is_better}
    if out is not None:
        _write(out, {kind: (rules.of(kind), learnt) for kind, learnt in better.items()})
    if json:
        output.as_json({"kinds": told, "file": str(out) if out else None})
        return
    output.table(
        "agreement with decisions held out (5 folds)", list(told[0]), [tuple(t.values()) for t in told]
    )
    for kind, learnt in better.items():
        output.table(f"{kind}: bits to add", ("field", "level", "bits"), _moved(rules.of(kind), learnt))
    if out is not None:
        output.say(f"wrote {out}; matching changes with the next run that uses it")


def _answers(where: Place, kind: Kind) -> list[Answer]:
    """The decisions in force on scored pairs: as many as people have made."""
    where.holding(
        ("identity.decision", "identity.match_pair"), "run `onebook run`, then `onebook steward import FILE`"
    )
    said = where.lake.read(where.spark, "identity.decision").where("status = 'in_force'")
    words = said.select("record_l", "record_r", "decision").distinct()
    scored = where.lake.read(where.spark, "identity.match_pair").where(F.col("kind") == kind)
    both = scored.select("record_l", "record_r", "weight", "fields").join(
        F.broadcast(words), on=["record_l", "record_r"], how="inner"
    )
    return [answer_of(row.asDict(recursive=True)) for row in both.orderBy("record_l", "record_r").collect()]


def _told(kind: Kind, cases: int, learnt: Learnt | None) -> dict[str, Any]:
    if learnt is None:
        return {"kind": kind, "decisions": cases, "agreement": "", "log loss (bits)": "",
                "verdict": f"too few: {LEAST_CASES} scored pairs, some of them one and some two, are needed"}  # fmt: skip
    before, after = learnt.before, learnt.after
    return {
        "kind": kind,
        "decisions": cases,
        "agreement": f"{before.agreement:.3f} -> {after.agreement:.3f}",
        "log loss (bits)": f"{before.loss:.3f} -> {after.loss:.3f}",
        "verdict": f"better (prior spread {learnt.spread} bits)"
        if learnt.is_better
        else "no better: kept as it is",
    }


def _moved(rules: EntityMatching, learnt: Learnt) -> list[tuple[str, str, str]]:
    """The corrections that say most, in the configuration's words."""
    most = sorted(learnt.fit.levels.items(), key=lambda item: -abs(item[1]))[:MOST_TOLD]
    levels = {name: c.levels for name, c in rules.comparisons.items()}
    rows = [(f, levels[f][len(levels[f]) - 1 - at].label, f"{bits:+.2f}") for (f, at), bits in most]
    return [("every pair", "", f"{learnt.fit.base:+.2f}"), *rows]


def _write(file: Path, better: dict[Kind, tuple[EntityMatching, Learnt]]) -> None:
    """The corrected rules as configuration. Raises UsageError where held-out decisions aren't told better."""
    if not better:
        raise UsageError(
            "nothing to write: no model agrees better with decisions held out", "decide more questions"
        )
    made = {kind: _section(corrected(rules, learnt.fit)) for kind, (rules, learnt) in better.items()}
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as stream:
        stream.write(HEAD.format(cases=sum(learnt.cases for _, learnt in better.values())))
        YAML(typ="safe").dump(made, stream)


def _section(rules: EntityMatching) -> dict[str, Any]:
    """What learning changes of one kind's rules: the prior, and the levels of each comparison."""
    whole = rules.model_dump(mode="json", exclude_defaults=True)
    levels = {name: {"levels": c["levels"]} for name, c in whole["comparisons"].items()}
    return {"prior": whole["prior"], "comparisons": levels}
