"""Events as tests write them, and golden texts as readable files.

`LLMREPLAY_GOLDEN=write pytest tests/report` writes the golden texts anew; look at every one of them
before it is committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from compared_events import event

__all__ = ["event", "golden"]

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a text with a golden one."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / f"{name}.txt"
        if os.environ.get("LLMREPLAY_GOLDEN") == "write":
            path.write_text(text + "\n", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text + "\n"

    return compare
