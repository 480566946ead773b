"""What Claude models take, by their names.

https://platform.claude.com/docs/en/about-claude/models and the migration guides of the models.
Other models behind the same format take what the oldest do.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = [
    "output_limit",
    "refuses_budgets",
    "refuses_sampling",
    "same_model",
    "takes_one_of_temperature_and_top_p",
    "takes_system_turns",
    "thinks",
    "thinks_adaptively",
]

_NEW = re.compile(r"claude-(opus|sonnet|haiku|fable|mythos)-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)")
_OLD = re.compile(r"claude-(\d)(?:[-.](\d))?(?!\d)")

_USUAL_LIMIT = 16_384
"""Long enough for an answer with its thoughts, and short enough to be sent without a stream."""


@lru_cache(maxsize=256)
def _version(model: str) -> tuple[str, tuple[int, int]]:
    """Family and version; an empty family for what is no Claude model."""
    if found := _NEW.search(model):
        return found[1], (int(found[2]), int(found[3] or 0))
    if found := _OLD.search(model):
        return "old", (int(found[1]), int(found[2] or 0))
    return "", (0, 0)


def refuses_sampling(model: str) -> bool:
    """Whether `temperature`, `top_p` and `top_k` are refused under any API version."""
    family, version = _version(model)
    first = {"opus": (4, 7), "sonnet": (5, 0), "haiku": (5, 5), "fable": (0, 0), "mythos": (0, 0)}
    return family in first and version >= first[family]


def takes_one_of_temperature_and_top_p(model: str) -> bool:
    """Whether `temperature` and `top_p` exclude each other."""
    return _version(model)[1] >= (4, 5)


def same_model(model: str | None, other: str) -> bool:
    """Whether two names, of whichever provider, mean one Claude model."""
    known = _version(model or "")
    return bool(known[0]) and known == _version(other)


def thinks(model: str) -> bool:
    """Whether the model can think before it answers."""
    family, version = _version(model)
    return family != "old" or version >= (3, 7)


def thinks_adaptively(model: str) -> bool:
    """Whether the model decides by itself how long to think."""
    return _version(model)[1] >= (4, 6)


def refuses_budgets(model: str) -> bool:
    """Whether thinking with a budget of tokens is refused."""
    family, version = _version(model)
    return version >= ((4, 7) if family == "opus" else (5, 0))


def takes_system_turns(model: str) -> bool:
    """Whether instructions may stand after a turn of the user."""
    return _version(model)[1] >= (4, 8)


def output_limit(model: str) -> int:
    """A limit for a request that named none; the format demands one."""
    family, version = _version(model)
    if family != "old":
        return _USUAL_LIMIT
    return 8192 if version >= (3, 5) else 4096
