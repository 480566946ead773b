"""docs/hooks.md."""

from __future__ import annotations

import re

from written_docs import DOCS

from pytest_llmreplay import hookspecs


def test_every_hook_is_told_and_leads_to_a_page() -> None:
    """By its name, with what it adds; each link has a heading to lead to."""
    rows = re.findall(
        r"^\| `(\w+)` \|.*\]\((\S+?)\)", (DOCS / "hooks.md").read_text(), re.MULTILINE
    )
    assert sorted(hookspecs.__all__) == sorted(name for name, _ in rows)
    for name, link in rows:
        file, _, anchor = link.partition("#")
        text = (DOCS / file).read_text()
        heading = anchor.replace("-", " ")
        assert name in text
        assert not anchor or f"# {heading}\n" in text.lower()
