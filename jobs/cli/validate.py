"""`onebook validate`: all configuration of a bank, checked without starting Spark."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from conf.alerts import AlertsConf
from conf.bank import Bank
from conf.checks import check_targets
from conf.errors import ConfError, together
from conf.features import FeaturesConf
from conf.models import ModelSpec, ModelsSpec
from conf.monitoring import MonitoringConf
from conf.profile import ProfileConf
from conf.sections import SECTIONS
from conf.segments import SegmentsConf
from conf.settings import load_settings
from conf.sql import Problem, unread
from conf.survivorship import SurvivorshipConf
from conf.wording import near
from expectations.gate import DEFAULT, load_suite
from jobs.cli import output
from jobs.cli.options import AsJson, BankName, ConfAt, Place, Verbose, place
from jobs.gold import segment_member
from jobs.identity.candidates import ATTRIBUTES
from jobs.registry import registry

TOLD: Final = ("file", "line", "key", "problem", "remedy")


def command(
    bank: BankName = "demo", conf: ConfAt = None, json: AsJson = False, verbose: Verbose = False
) -> None:
    """Check every file of a bank's configuration; each error names file, line and key."""
    where = place(bank, None, None, conf)
    counts, faults = _judged(_checks(where))
    if json:
        problems = [{name: getattr(fault, name) for name in TOLD} for fault in faults]
        output.as_json({"bank": bank, "valid": not faults, **counts, "problems": problems})
    else:
        for name, count in counts.items():
            output.say(f"[green]ok[/green] {name}: {count}", styled=True)
    if faults:
        raise together(faults)


def _judged(
    checks: Iterable[tuple[str, Callable[[], int]]],
) -> tuple[dict[str, int], list[ConfError]]:
    """How much of each kind is sound, and all that isn't."""
    counts: dict[str, int] = {}
    faults: dict[str, ConfError] = {}
    for name, check in checks:
        try:
            counts[name] = check()
        except ConfError as fault:
            faults |= {str(one): one for one in fault.all}
    return counts, list(faults.values())


def _checks(where: Place) -> Iterator[tuple[str, Callable[[], int]]]:
    yield "settings", lambda: len(load_settings(where.trees).model_fields_set)
    yield "sources", lambda: _sources(where.bank)
    for name, model in SECTIONS.items():
        yield name, lambda n=name, m=model: len(where.bank.section(n, m).model_fields_set)  # type: ignore[misc]
    yield "what features, rules and segments read", lambda: _reads(where.bank)
    yield "suites", lambda: _suites(where.bank)


def _reads(bank: Bank) -> int:
    """Expressions held against the columns they may read. Raises ConfError for the first that can't."""
    features = bank.section("features", FeaturesConf)
    tables = {t: s.names for t, s in registry().schemas.items()}
    found = {
        "features": features.problems(tables),
        "profile": bank.section("profile", ProfileConf).problems(features.names),
        "segments": chain(
            bank.section("segments", SegmentsConf).problems(segment_member.readable()), _aimless(bank)
        ),
        "models": chain(_by_features(bank, features.names), _sensitive(bank, features.sensitive)),
        "alerts": bank.section("alerts", AlertsConf).problems(features.names),
        "survivorship": bank.section("survivorship", SurvivorshipConf).problems(
            ATTRIBUTES, {contract.system for contract in bank.contracts}
        ),
        "monitoring": bank.section("monitoring", MonitoringConf).problems(_watched(tables)),
    }
    for name, problems in found.items():
        for path, message in problems:
            raise bank.located(name).fault(path, message, "name what there is")
    return len(found)


def _aimless(bank: Bank) -> Iterator[Problem]:
    """Audiences whose goal no campaigns are configured for."""
    goals = bank.section("models", ModelsSpec).uplift.label.goals
    for name, segment in bank.section("segments", SegmentsConf).segments.items():
        if segment.audience and segment.audience.goal not in {None, *goals}:
            known = ", ".join(sorted(goals)) or "none"
            yield ("segments", name, "audience", "goal"), f"is no goal of the uplift model; known are {known}"


def _by_features(bank: Bank, names: Collection[str]) -> Iterator[Problem]:
    """SQL of the uplift model that reads what is no feature."""
    label = bank.section("models", ModelsSpec).uplift.label
    for key, sql in (("rule", label.rule), ("eligible", label.eligible)):
        yield from unread(("uplift", "label", key), sql, names)


def _sensitive(bank: Bank, sensitive: Collection[str]) -> Iterator[Problem]:
    """Models in which something sensitive would train without a reason."""
    for name, spec in bank.section("models", ModelsSpec):
        if isinstance(spec, ModelSpec):
            yield from (((name, *path), why) for path, why in spec.problems(sensitive))


def _watched(tables: Mapping[str, list[str]]) -> set[str]:
    """Columns that a slice may read: of the profile's history and of any model's scores."""
    scores = (name for table, names in tables.items() if table.startswith("models.") for name in names)
    return {*tables["gold.customer_profile_history"], *scores}


def _sources(bank: Bank) -> int:
    canonical = {t: s.names for t, s in registry().schemas.items() if t.startswith("silver.")}
    for contract, where in bank.located_contracts:
        check_targets(contract, where, canonical)
    return len(bank.contracts)


def _suites(bank: Bank) -> int:
    folders = [tree / "banks" / bank.name / "expectations" for tree in bank.trees]
    there = [f for f in folders if f.is_dir()]
    tables = {*registry().schemas, *(c.bronze for c in bank.contracts)}
    written = [(f, f"{f.parent.name}.{f.stem}") for folder in there for f in sorted(folder.rglob("*.yml"))]
    known = {*tables, f"bronze.{DEFAULT}"}
    if strays := [(file, table) for file, table in written if table not in known]:
        raise together(
            [
                ConfError(str(f), None, "", f"there is no table {t} to judge", near(t, known))
                for f, t in strays
            ]
        )
    return sum(load_suite(table, *there) is not None for table in sorted(tables))
