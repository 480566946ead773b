"""The checks that there are, and the one that a name means."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from typing import Any

from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.checks.answered import Answered
from pytest_llmreplay.compare.checks.budgeted import FIGURES, budget_of
from pytest_llmreplay.compare.checks.budgets import Within
from pytest_llmreplay.compare.checks.contains import Contains
from pytest_llmreplay.compare.checks.finish_reason import Ending
from pytest_llmreplay.compare.checks.json_equal import JsonEqual
from pytest_llmreplay.compare.checks.json_shape import JsonShape
from pytest_llmreplay.compare.checks.judged import JUDGED, JudgedWell
from pytest_llmreplay.compare.checks.model import Model
from pytest_llmreplay.compare.checks.own import Own, not_here
from pytest_llmreplay.compare.checks.refusal import Refusal
from pytest_llmreplay.compare.checks.regex import Matches
from pytest_llmreplay.compare.checks.schema import FileSchema, RequestSchema
from pytest_llmreplay.compare.checks.text import Text
from pytest_llmreplay.compare.checks.text_similar import SIMILAR, Similar
from pytest_llmreplay.compare.checks.tool_calls import ToolCalls
from pytest_llmreplay.compare.checks.tool_calls_contract import ContractCalls
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec, moved
from pytest_llmreplay.compare.syntax.surroundings import Surroundings

from .scoped import SCOPED
from .sets import SETS
from .signs import is_compared

__all__ = ["KNOWN", "UnknownCheck", "read_check", "subject"]

_PLAIN: dict[str, Callable[..., Check]] = {
    "text": Text,
    "text:normalized": partial(Text, normalized=True),
    "answered": Answered,
    "tool_calls": ToolCalls,
    "tool_calls:names": partial(ToolCalls, names_only=True),
    "tool_calls:contract": ContractCalls,
    "json": JsonEqual,
    "json:shape": JsonShape,
    "schema:request": RequestSchema,
    "finish_reason": Ending,
    "refusal": Refusal,
    "model": Model,
}
_WITH_ARGUMENT: dict[str, Callable[..., Check]] = {
    "text>=": Similar.read,
    "contains:": Contains.read,
    "regex:": Matches.read,
    "tool_calls:except=": ToolCalls.read,
    "judge>=": JudgedWell.read,
}
"""Beginnings of checks that say more, and who reads the rest."""

_SCHEMA = "schema:"

KNOWN = (
    *_PLAIN,
    *(f"{beginning}..." for beginning in (*_WITH_ARGUMENT, _SCHEMA)),
    *(f"{name}<=..." for name in FIGURES),
    *SCOPED,
    *SETS,
)
"""Everything that can be asked for, as a list for messages."""

_WORD = re.compile(r"[a-z_]*")
_OWN_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MOST = 200


def subject(spec: str) -> str:
    """What a check is about: `tool_calls` of `tool_calls:names`, `tokens` of `tokens<=2x`."""
    found = _WORD.match(spec)
    return found[0] if found else ""


def read_check(name: str, around: Surroundings, **asked: Any) -> Check:
    """Read a check without `warn:`.

    Raises:
        BadSpec: It is none.
    """
    if name in _PLAIN:
        return _PLAIN[name](**asked)
    if (word := subject(name)) in FIGURES:
        return Within(figure=word, budget=budget_of(word, name), **asked)
    for beginning, read in _WITH_ARGUMENT.items():
        if name.startswith(beginning):
            with moved(len(beginning)):
                return read(name.removeprefix(beginning), **asked)
    if name.startswith(_SCHEMA):
        with moved(len(_SCHEMA)):
            return FileSchema.read(name.removeprefix(_SCHEMA), around.project, **asked)
    if word == "judge":
        raise BadSpec(JUDGED, len(word))
    if word == "text" and is_compared(name):
        raise BadSpec(SIMILAR, len(word))
    own, colon, argument = name.partition(":")
    if own in around.own:
        return Own(function=around.own[own], argument=argument if colon else None, **asked)
    if around.own_unknown and _may_be_own(own, around):
        return Own(function=not_here, **asked)
    raise _unknown(name, around)


class UnknownCheck(BadSpec):
    """No check has this name, so that all are listed."""


def _unknown(name: str, around: Surroundings) -> BadSpec:
    first, comma, _ = name.partition(",")
    if comma and (first in SETS or first in _PLAIN or subject(first) in FIGURES):
        return BadSpec(f"{_cut(first)} is a check; the next is an entry of its own", len(first))
    near = _near(name, around)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return UnknownCheck(f"unknown check {_cut(name)}{hint}")


def _may_be_own(name: str, around: Surroundings) -> bool:
    taken = {subject(known) for known in KNOWN}
    return bool(_OWN_NAME.fullmatch(name)) and name not in taken and not _near(name, around)


def _near(name: str, around: Surroundings) -> list[str]:
    return get_close_matches(name, [*_PLAIN, *FIGURES, *SETS, *around.own], n=1)


def _cut(name: str) -> str:
    return ascii(name if len(name) <= _MOST else f"{name[:_MOST]}...")
