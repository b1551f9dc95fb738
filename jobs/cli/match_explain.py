"""`onebook match-explain`: why two records of a finished match are one customer or not, and what holds a customer together."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.cli import output
from jobs.cli.options import AsJson, Verbose
from jobs.core.errors import UsageError

if TYPE_CHECKING:
    from models.linkage.cohesion import Cohesion
    from models.linkage.evidence import Kept
    from models.linkage.explaining import PairExplained


class Language(StrEnum):
    """Of sentences and pictures."""

    en = "en"
    zh = "zh"


InLanguage = Annotated[Language, typer.Option("--language", help="Of sentences and pictures.")]


def command(
    out: Annotated[Path, typer.Option("--output", help="Folder that `onebook match` wrote.")],
    pair: Annotated[
        tuple[str, str] | None, typer.Option(help="Two record ids: why they are one or not.")
    ] = None,
    record: Annotated[str | None, typer.Option(help="A record id: all its pairs, and its customer.")] = None,
    customer: Annotated[
        str | None, typer.Option(help="A customer id: its links, and the weakest one.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the pair as a waterfall: a .png, .svg or .html file.")
    ] = None,
    language: InLanguage = Language.en,
    json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Explain a pair, a record or a customer of a finished match: tables, sentences, a picture."""
    if sum(asked is not None for asked in (pair, record, customer)) != 1:
        raise UsageError(
            "what is to be explained isn't clear", "give one of --pair A B, --record A, --customer A"
        )
    if picture and not pair:
        raise UsageError("a picture is drawn of a pair", "give --pair A B with --picture")
    kept = kept_of(out)
    pairs = _pairs(kept, pair, record)
    whole = None if pair else _customer(kept, record or customer or "")
    drawn = _draw(pairs[0], picture, language) if picture else None
    told: dict[str, Any] = {"pairs": [_told(p) for p in pairs]} if customer is None else {}
    told |= {"customer": _told(whole)} if whole else {}
    if json:
        output.as_json(told | ({"picture": str(drawn)} if drawn else {}))
        return
    for one in pairs:
        _show_pair(one, language)
    if whole:
        _show_customer(whole, language)


def kept_of(out: Path) -> Kept:
    """The output in `out`. Raises UsageError where it is none."""
    from models.linkage.evidence import NoOutputError, kept  # noqa: PLC0415 - pandas only where needed

    try:
        return kept(out)
    except NoOutputError as error:
        problem, _, remedy = str(error).partition("; ")
        raise UsageError(problem, remedy) from None


def _pairs(kept: Kept, pair: tuple[str, str] | None, record: str | None) -> list[PairExplained]:
    from models.linkage import explaining  # noqa: PLC0415

    known = set(kept.clusters["record_id"])
    if absent := [one for one in (*(pair or ()), *((record,) if record else ())) if one not in known]:
        raise UsageError(f"there is no record {absent[0]!r}", "record ids stand in clusters.parquet")
    if record:
        return explaining.pairs_of(kept, record)
    if pair is None:
        return []
    if (found := explaining.pair(kept, *pair)) is None:
        raise UsageError(
            f"{pair[0]} and {pair[1]} aren't among the pairs kept: no key brought them together, or their probability "
            f"is below {kept.settings['grey']:g}",
            "match again with a lower `grey:` to keep more pairs",
        )
    return [found]


def _customer(kept: Kept, name: str) -> Cohesion:
    from models.linkage import cohesion  # noqa: PLC0415

    found = cohesion.of_output(kept, name)
    if found is None:
        raise UsageError(f"there is no customer {name!r}", "customer ids stand in clusters.parquet")
    return found


def _told(one: PairExplained | Cohesion) -> dict[str, Any]:
    return one.as_dict() | {"sentence": {language.value: _sentence(one, language) for language in Language}}


def _sentence(one: PairExplained | Cohesion, language: Language) -> str:
    from models.linkage import sentences  # noqa: PLC0415
    from models.linkage.cohesion import Cohesion  # noqa: PLC0415

    if isinstance(one, Cohesion):
        return sentences.cluster(one, language.value)
    return sentences.pair(one, language.value)


def _draw(pair: PairExplained, file: Path, language: Language) -> Path:
    from models.linkage.waterfall import draw  # noqa: PLC0415

    try:
        draw(pair, file, language.value)
    except ValueError as error:
        problem, _, remedy = str(error).partition("; ")
        raise UsageError(problem, remedy) from None
    return file


def _show_pair(pair: PairExplained, language: Language) -> None:
    reranked = pair.reranking
    rows: list[tuple[Any, ...]] = [
        (f.field, f.found, f"{f.weight:+.2f}", "" if f.reranker is None else f"{f.reranker:+.2f}")
        for f in pair.fields
    ]
    rows.insert(0, ("start", "", f"{pair.prior:+.2f}", f"{reranked.start:+.2f}" if reranked else ""))
    if reranked:
        rows += [(name, "several fields", "", f"{bits:+.2f}") for name, bits in reranked.overall.items()]
        rows.append(("after the re-ranker", "", "", f"{reranked.rest:+.2f}"))
    sums = f"{pair.weight:+.2f}", f"{reranked.total + reranked.rest:+.2f}" if reranked else ""
    rows += [("together", "", *sums), ("probability", "", f"{pair.weighed:.6f}", f"{pair.probability:.6f}")]
    title = f"{pair.record_l} and {pair.record_r}, bits"
    output.table(title, ("field", "found", "weights", "re-ranker"), rows, ("weights", "re-ranker"))
    output.OUT.print(_sentence(pair, language), highlight=False, soft_wrap=True, markup=False)


def _show_customer(whole: Cohesion, language: Language) -> None:
    rows = [(k.record_l, k.record_r, f"{k.probability:.6f}", ", ".join(k.splits_off)) for k in whole.links]
    columns = ("record", "record ", "probability", "splits off if it falls")
    output.table(f"customer {whole.customer_id}", columns, rows, ("probability",))
    output.OUT.print(_sentence(whole, language), highlight=False, soft_wrap=True, markup=False)
