"""`onebook list` and `onebook graph`: the tables, what each is made of, its grain and schedule."""

from __future__ import annotations

from typing import Annotated

import typer

from conf.bank import open_bank
from jobs.cli import output
from jobs.cli.options import AsJson, BankName, ConfAt
from jobs.core.errors import UsageError
from jobs.registry import BRONZE, GRAPH, graph, graph_text, registry


def list_command(bank: BankName = "demo", conf: ConfAt = None, json: AsJson = False) -> None:
    """List every table of the bank: inputs, grain, schedule."""
    described = open_bank(bank, tuple(conf or ()))
    sources = [
        {
            "tables": [c.bronze],
            "module": "jobs.bronze",
            "inputs": [f"{c.system}/{c.delivery.files}"],
            "schedule": c.delivery.frequency,
            "layer": "bronze",
            "grain": c.description,
        }
        for c in described.contracts
    ]
    nodes = [*sources, *graph(registry())["jobs"]]
    if json:
        output.as_json({"bank": bank, "tables": nodes})
        return
    rows = [(", ".join(n["tables"]), n["grain"], ", ".join(n["inputs"]), n["schedule"]) for n in nodes]
    output.table(f"Tables of {bank}", ("table", "grain", "made of", "schedule"), rows)


def command(
    json: AsJson = False,
    write: Annotated[bool, typer.Option("--write", help="Write dags/graph.json.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Fail where dags/graph.json isn't fresh.")] = False,
) -> None:
    """Show the graph of jobs as Mermaid, or as JSON; keep the file that Airflow reads."""
    reg = registry()
    text = graph_text(reg)
    if write:
        GRAPH.write_text(text, encoding="utf-8")
    elif check:
        if not GRAPH.is_file() or GRAPH.read_text(encoding="utf-8") != text:
            raise UsageError("dags/graph.json isn't what the jobs declare", "run `onebook graph --write`")
    elif json:
        output.as_json(graph(reg))
    else:
        output.OUT.print(mermaid(graph(reg)["jobs"]), highlight=False, markup=False)


def mermaid(nodes: list[dict[str, list[str]]]) -> str:
    """The graph as a Mermaid flowchart, an arrow from each input to each table."""
    lines = ["flowchart LR"]
    for node in nodes:
        head = node["tables"][0]
        lines += [
            f"  {_id(i)}[{i if i != BRONZE else 'bronze'}] --> {_id(head)}[{head}]" for i in node["inputs"]
        ]
    return "\n".join(lines)


def _id(table: str) -> str:
    return table.replace(".", "_").replace("*", "all")
