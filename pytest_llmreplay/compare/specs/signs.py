"""The sign between a check and its amount: `<=` of a budget, `>=` of everything else."""

from __future__ import annotations

import re
from typing import Final

from pytest_llmreplay.compare.checks.budgeted import FIGURES

__all__ = ["is_compared", "with_its_sign"]

_COMPARED: Final = re.compile(
    r"(?P<what>(?:session:|run:)?(?P<figure>[a-z_]+)(?:\.p[0-9]+)?)"
    r"\s*(?P<sign>[<>=\u2264\u2265]{1,2})\s*(?P<amount>.*)",
    re.DOTALL,
)
_UP: Final = frozenset(">\u2265")
_DOWN: Final = frozenset("<\u2264")


def is_compared(name: str) -> bool:
    """Whether a check compares something, with whatever sign."""
    return _COMPARED.fullmatch(name) is not None


def with_its_sign(name: str) -> str:
    """The check with the sign that it takes, where that says the same: `text>=0.9`.

    A budget is at most, everything else at least. The name stays as it is where it compares
    nothing, or the other way round: whoever writes `text<=0.9` means something else.
    """
    found = _COMPARED.fullmatch(name)
    if found is None:
        return name
    sign, opposite = ("<=", _UP) if found["figure"] in FIGURES else (">=", _DOWN)
    return name if opposite & set(found["sign"]) else f"{found['what']}{sign}{found['amount']}"
