"""`onebook models`: which versions of the models there are, going back to a former champion, and model cards."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from jobs.cli import output
from jobs.cli.book import model_registry
from jobs.cli.options import AsJson, BankName, ConfAt, LakeAt, Verbose, place
from jobs.core.errors import UsageError

if TYPE_CHECKING:
    from models.core.versions import Version

LISTED: Final = ("model", "version", "alias", "trained as of", "data", "figure", "gate")

app = typer.Typer(help="Registered models: versions, rollback, cards.", no_args_is_help=True)
ModelName = Annotated[str, typer.Argument(metavar="MODEL", help="Such as churn.")]


@app.command("list")
def list_command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """List every version: which is in force, what it was trained on, how good it is, what the gate said."""
    from models.core.versions import versions  # noqa: PLC0415 - mlflow costs seconds

    found = versions(model_registry(place(bank, None, lake, conf).existing()))
    if json:
        output.as_json([asdict(v) for v in found])
        return
    output.table("models", LISTED, [_row(v) for v in found])


@app.command("rollback")
def rollback_command(
    model: ModelName,
    reason: Annotated[str, typer.Option(help="Why: kept in the registry.")],
    to: Annotated[
        int | None, typer.Option("--to", help="A former champion [the one before this].", min=1)
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", envvar="ONEBOOK_USER", help="Who decided it [your login].")
    ] = None,
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Put a former champion in force again: the next business date is scored by it."""
    from models.core.versions import roll_back  # noqa: PLC0415 - mlflow costs seconds

    registry = model_registry(place(bank, None, lake, conf).existing())
    change = roll_back(model, registry, to=to, by=by or _login(), reason=reason, at=datetime.now(UTC))
    if json:
        output.as_json({"model": model, **asdict(change)})
        return
    output.say(f"{model}: version {change.version} is champion again in place of {change.before}")
    output.say("the next business date is scored by it; dates already run keep the version they have")


@app.command("card")
def card_command(
    model: ModelName,
    version: Annotated[int | None, typer.Option(help="Version [the champion].", min=1)] = None,
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Print a model card (Markdown): purpose, data, figures by slice, limits, fairness, the gate's verdict."""
    from models.core.versions import card_of  # noqa: PLC0415 - mlflow costs seconds

    text = card_of(model, model_registry(place(bank, None, lake, conf).existing()), version)
    output.as_json({"model": model, "card": text}) if json else output.OUT.out(text, highlight=False)


@app.command("adopt")
def adopt_command(
    bank: BankName = "demo",
    lake: LakeAt = None,
    conf: ConfAt = None,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Take over what a shared registry holds of the bank under names without it (churn, now demo.churn). Once."""
    from models.core.adoption import adopt  # noqa: PLC0415 - mlflow costs seconds

    registry = model_registry(place(bank, None, lake, conf))
    adopted = adopt(registry)
    if json:
        output.as_json([asdict(one) for one in adopted])
    for one in adopted:
        name, numbers = registry.registered(one.model), ", ".join(map(str, one.versions))
        output.say(f"{one.model} is {name} now: versions {numbers}; champion {one.champion or 'none'}")
    if not adopted:
        output.say(f"nothing of {bank} stands there under a name without the bank")


def _row(found: Version) -> tuple[object, ...]:
    ends = f" [{found.low:.4f}, {found.high:.4f}]" if found.low is not None and found.high is not None else ""
    figure = "" if found.value is None else f"{found.metric} {found.value:.4f}{ends}"
    data = f"{len(found.data)} tables" if found.data else ""
    verdict = "" if found.reason is None else ("promoted: " if found.promoted else "refused: ") + found.reason
    return (
        found.model, str(found.version), ", ".join(found.aliases), found.as_of, data, figure, verdict,
    )  # fmt: skip


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        raise UsageError("who decides this rollback isn't known", "say it with --by") from None
