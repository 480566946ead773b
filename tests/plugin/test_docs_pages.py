"""The pages: links lead somewhere, and what is shown can be read."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest
from written_docs import DOCS

from pytest_llmreplay.replay.config.file import load_config

ROOT = DOCS.parent
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
LINK = re.compile(r"\]\(\s*(?!https?:)([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"^( *)```python\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
CONFIG = re.compile(r"^```yaml\n((?:# llmreplay\.yaml|prompts:).*?)^```", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Also to the heading that it names, as GitHub makes an anchor of it."""
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        there = (page.parent / name).resolve() if name else page
        if not there.exists() or (anchor and anchor not in _anchors(there)):
            broken.append(link)
    assert [] == broken


def _anchors(page: Path) -> set[str]:
    headings = HEADING.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_all_code_that_is_shown_is_python(page: Path) -> None:
    """Nobody copies a slip."""
    for _, code in CODE.findall(page.read_text(encoding="utf-8")):
        ast.parse(textwrap.dedent(code))


def test_each_llmreplay_yaml_that_is_shown_can_be_read(tmp_path: Path) -> None:
    """What is unknown in one stops a replay."""
    shown = [text for page in PAGES for text in CONFIG.findall(page.read_text(encoding="utf-8"))]
    assert shown
    for text in shown:
        (tmp_path / "llmreplay.yaml").write_text(text, encoding="utf-8")
        load_config(tmp_path / "llmreplay.yaml")
