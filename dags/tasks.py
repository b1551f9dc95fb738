"""The one operator factory: each task is one `onebook` command, tried again by its exit code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from airflow.sdk import (
    Asset,
    CronPartitionTimetable,
    Metadata,
    Param,
    PartitionedAssetTimetable,
    RetryDecision,
    RetryPolicy,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.process import DATA, TRANSIENT, USAGE, CommandError, Rows, onebook
from dags.stages import FIRST, spread

TIMEZONE: Final = os.environ.get("ONEBOOK_TIMEZONE", "Asia/Shanghai")
READY_HOUR: Final = int(os.environ.get("ONEBOOK_READY_HOUR", "4"))
INGEST_TASKS: Final = int(os.environ.get("ONEBOOK_INGEST_TASKS", "4"))
BOOK: Final = Asset("onebook_book", uri="onebook://book")  # the day's tables, published
MODELS: Final = Asset("onebook_models", uri="onebook://models")  # the registry after a training
TRANSIENT_RETRIES: Final = 3


class ByExitCode(RetryPolicy):
    """A wrong setting or a refused delivery fails at once: trying again brings nothing. A lock or a lost
    connection is tried again, each time later. Anything else gets one more try.
    """

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,
        max_tries: int,  # noqa: ARG002  Airflow passes it; `retries` caps what this decides
        context: Any = None,  # noqa: ARG002
    ) -> RetryDecision:
        """Decide by the exit code; see RetryPolicy."""
        code = exception.code if isinstance(exception, CommandError) else None
        if code in (USAGE, DATA):
            return RetryDecision.fail("a setting or a delivery must be put right first")
        if code == TRANSIENT:
            return RetryDecision.retry(timedelta(minutes=2**try_number), "a lock or a connection")
        if try_number == 1:
            return RetryDecision.retry(reason="unexpected: one more try")
        return RetryDecision.fail("failed twice")


GOES_ON: Final[Mapping[str, Any]] = {"trigger_rule": "none_failed"}
"""Of a day's tasks: what was refused upstream (a skipped task) doesn't stop them, a failure does."""
SAID: Final = "refused"
DEFAULTS: Final[Mapping[str, Any]] = {
    "retries": TRANSIENT_RETRIES,
    "retry_delay": timedelta(minutes=1),
    "retry_policy": ByExitCode(),
}


def params() -> dict[str, Param]:
    """What a run may be given; defaults come from the environment. `as_of` stands in for a partition key."""
    return {
        "bank": Param(
            os.environ.get("ONEBOOK_BANK", "demo"), type="string", description="folder in conf/banks"
        ),
        "extracts": _optional("ONEBOOK_EXTRACTS", "where the bank's systems deliver"),
        "lake": _optional("ONEBOOK_LAKE", "where the tables live"),
        "conf": _optional("ONEBOOK_CONF", "configuration tree laid over the project's own"),
        "as_of": Param(None, type=["null", "string"], format="date", description="business date, YYYY-MM-DD"),
    }


def nightly() -> CronPartitionTimetable:
    """One partition per business date, created when the date is over at the bank's own midnight."""
    return CronPartitionTimetable("0 0 * * *", timezone=TIMEZONE, run_offset=-1, key_format="%Y-%m-%d")


def after(asset: Asset) -> PartitionedAssetTimetable:
    """Once for each business date that the asset is made for."""
    return PartitionedAssetTimetable(assets=asset)


def business_date(context: Mapping[str, Any] | None = None) -> date:
    """The run's business date: its partition key, else the param `as_of`. Raises ValueError without either."""
    now = context or get_current_context()
    given = now["dag_run"].partition_key or now["params"].get("as_of")
    if not given:
        raise ValueError("give the business date: a partition key, or the param as_of (YYYY-MM-DD)")
    return date.fromisoformat(given)


def command(
    task_id: str,
    verb: str,
    *options: str,
    dated: bool = False,
    unforced: Sequence[str] = (),
    outlets: Sequence[Asset] = (),
    **airflow: Any,
) -> Any:
    """A task that runs `onebook VERB OPTIONS [--as-of …] --json`; asset events carry the counts.

    `unforced`: further options, left out where the run was started with the param `force`. `airflow`: further settings
    of the task.
    """

    @task(task_id=task_id, outlets=list(outlets), **DEFAULTS, **airflow)
    def start() -> Iterator[Metadata]:
        given = () if get_current_context()["params"].get("force") else unforced
        rows = onebook(verb, *options, *given, *(["--as-of", f"{business_date()}"] if dated else []))
        for asset in outlets:
            yield Metadata(asset, {"tables": len(rows), "rows_out": sum(r.get("out") or 0 for r in rows)})

    return start()


def tables(task_id: str, names: Sequence[str], *, outlets: Sequence[Asset] = ()) -> Any:
    """A task that builds these tables, in the order that the command line finds.

    Where some were refused the ledger knows which: the task is skipped, and what depends on them runs on their last
    versions and says so, as it does in one `onebook run`; `verdict` fails the run in the end.
    """

    @task(task_id=task_id, outlets=list(outlets), **GOES_ON, **DEFAULTS)
    def build() -> Iterator[Metadata]:
        rows = on_with_the_day("run", "--tables", ",".join(names), "--as-of", f"{business_date()}")
        for asset in outlets:
            yield Metadata(asset, {"tables": len(rows), "rows_out": sum(r.get("out") or 0 for r in rows)})

    return build()


def verdict(judged: Sequence[str]) -> Any:
    """The day's last task: fails the run where one of these tasks met something that was refused."""

    @task(task_id="verdict", **GOES_ON)
    def all_well() -> None:
        said = get_current_context()["ti"].xcom_pull(task_ids=list(judged), key=SAID)
        if found := [told for told in said or [] if told]:
            raise AirflowFailException(f"refused in {', '.join(sorted(found))}: see the lines in their logs")

    return all_well()


def on_with_the_day(verb: str, *options: str) -> Rows:
    """`onebook`, but what was refused skips the task rather than failing it. Raises AirflowSkipException."""
    try:
        return onebook(verb, *options)
    except CommandError as error:
        if error.code != DATA:
            raise
        now = get_current_context()
        now["ti"].xcom_push(key=SAID, value=now["ti"].task_id)
        raise AirflowSkipException("refused: the lines above say what; the day goes on without it") from error


def ingest() -> Any:
    """One mapped task for each group of deliveries: how many groups is the setting ONEBOOK_INGEST_TASKS."""

    @task.sensor(task_id="ready", poke_interval=300, timeout=86_400, mode="reschedule")
    def ready() -> bool:
        return datetime.now(ZoneInfo(TIMEZONE)) >= opening(business_date())

    @task(task_id="deliveries", **DEFAULTS)
    def deliveries() -> list[list[str]]:
        listed = onebook("list")[0]["tables"]
        return spread([_system(t) for t in listed if t["layer"] == FIRST], INGEST_TASKS)

    # One at a time: a lake has one writer.
    @task(task_id="ingest", map_index_template="{{ systems }}", max_active_tis_per_dagrun=1, **DEFAULTS)
    def take_in(systems: list[str]) -> None:
        get_current_context()["systems"] = ", ".join(systems)  # type: ignore[typeddict-unknown-key]
        on_with_the_day(
            "run", "--ingest-only", "--systems", ",".join(systems), "--as-of", f"{business_date()}"
        )

    found = deliveries()
    ready() >> found
    return take_in.expand(systems=found)


def due(when: Callable[[date], bool]) -> Any:
    """A task that skips the rest of the run unless its business date is one of those meant."""

    @task.short_circuit(task_id="due")
    def is_due() -> bool:
        context = get_current_context()
        return bool(context["params"].get("force")) or when(business_date(context))

    return is_due()


def ends_month(day: date) -> bool:
    """Whether the business date is its month's last."""
    return (day + timedelta(days=1)).day == 1


def ends_week(day: date) -> bool:
    """Whether the business date is a Sunday."""
    return day.isoweekday() == 7


def opening(day: date) -> datetime:
    """When a business date's deliveries are expected: READY_HOUR of the next morning, the bank's time."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(TIMEZONE)) + timedelta(
        hours=READY_HOUR
    )


def _system(source: Mapping[str, Any]) -> str:
    """A bronze table's input is `<system>/<files>`."""
    return str(source["inputs"][0]).split("/", maxsplit=1)[0]


def _optional(variable: str, description: str) -> Param:
    return Param(os.environ.get(variable), type=["null", "string"], description=description)
