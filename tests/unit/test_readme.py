"""The README's worked example is a source contract that loads."""

from __future__ import annotations

import re
from pathlib import Path

from conf.bank import TREE, Bank

ROOT = Path(__file__).resolve().parents[2]


def test_the_worked_example_is_a_valid_contract_that_fills_silver(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```yaml\n# conf/(\S+)\n(.*?)```", text, re.DOTALL)
    assert found is not None
    file = tmp_path / found[1]
    file.parent.mkdir(parents=True)
    file.write_text(found[2], encoding="utf-8")
    contract = Bank("demo", (TREE, tmp_path)).contract("bronze.agency_policies")
    assert [m.to for m in contract.maps] == ["silver.holding"]


def test_every_relative_link_in_the_documents_leads_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md"))]
    dead = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\((?!https?://)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert dead == []
