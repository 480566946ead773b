"""Checks as people write them: `text`, `warn:tokens<=1.3x`, `exact`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import partial

from pytest_llmreplay.errors import CheckSyntaxError

from .budget import UNITS, BudgetSyntax, parse_budget
from .check import Check
from .checks.answered import Answered
from .checks.budgets import FIGURES, Within
from .checks.finish_reason import Ending
from .checks.json_equal import JsonEqual
from .checks.json_shape import JsonShape
from .checks.judged import JudgedWell
from .checks.model import Model
from .checks.refusal import Refusal
from .checks.schema_request import RequestSchema
from .checks.text import Text
from .checks.tool_calls import ToolCalls
from .checks.tool_calls_contract import ContractCalls
from .sets import PLANNED, SETS

__all__ = ["KNOWN", "parse_checks", "subject"]

WARN = "warn:"

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
KNOWN = (*_PLAIN, *(f"{name}<=..." for name in FIGURES), "judge>=...", *SETS)
"""Everything that can be asked for, as a list for messages."""

_WORD = re.compile(r"[a-z_]*")
_SCORE = re.compile(r">=([+-]?)(0?\.\d+|[01](?:\.\d*)?)")
_MOST = 200


def parse_checks(specs: Iterable[str]) -> tuple[Check, ...]:
    """Read checks, of which a later one takes the place of an earlier one with the same words.

    One that is named also takes the place of a set's member about the same subject, and so does
    a member of a later set.

    Raises:
        CheckSyntaxError: One cannot be read; the message points at the character.
    """
    named: dict[str, Check] = {}
    members: dict[str, Check] = {}
    for spec in specs:
        for check in _parse(spec):
            if check.asked:
                named[check.spec] = check
            else:
                members[subject(check.spec)] = check
    subjects = {subject(check.spec) for check in named.values()}
    kept = (check for check in members.values() if subject(check.spec) not in subjects)
    return (*kept, *named.values())


def subject(spec: str) -> str:
    """What a check is about: `tool_calls` of `tool_calls:names`, `tokens` of `tokens<=2x`."""
    found = _WORD.match(spec)
    return found[0] if found else ""


def _parse(spec: str) -> tuple[Check, ...]:
    gated = not spec.startswith(WARN)
    name = spec.removeprefix(WARN)
    if name in SETS:
        return tuple(_member(member, gated=gated) for member in SETS[name])
    return (_one(spec, name, gated=gated, asked=True),)


def _member(member: str, *, gated: bool) -> Check:
    name = member.removeprefix(WARN)
    return _one(name, name, gated=gated and name == member, asked=False)


def _one(spec: str, name: str, *, gated: bool, asked: bool) -> Check:
    start = len(spec) - len(name)
    if name in _PLAIN:
        return _PLAIN[name](spec=name, gated=gated, asked=asked)
    word = subject(name)
    if word == "judge":
        return _judged(spec, name, gated=gated, asked=asked)
    if word not in FIGURES:
        raise _unknown(spec, start, name)
    try:
        budget = parse_budget(name[len(word) :], UNITS[FIGURES[word]])
    except BudgetSyntax as wrong:
        raise _wrong(spec, start + len(word) + wrong.at, wrong.problem) from None
    return Within(spec=name, gated=gated, asked=asked, figure=word, budget=budget)


def _judged(spec: str, name: str, *, gated: bool, asked: bool) -> Check:
    """`judge>=0.8` is a score; with a sign, as `judge>=-0.1`, it counts from the recorded one."""
    found = _SCORE.fullmatch(name.removeprefix("judge"))
    if found is None or float(found[2]) > 1:
        at = len(spec) - len(name) + len("judge")
        raise _wrong(spec, at, "a judge gives 0 to 1: write judge>=0.8, or judge>=-0.1 for a drop")
    least = float(found[1] + found[2])
    return JudgedWell(spec=name, gated=gated, asked=asked, least=least, relative=bool(found[1]))


def _unknown(spec: str, at: int, name: str) -> CheckSyntaxError:
    if any(name.startswith(prefix) for prefix in PLANNED):
        return _wrong(spec, at, f"check {_cut(name)} is not available in this version")
    first, comma, _ = name.partition(",")
    if comma and (first in SETS or first in _PLAIN or subject(first) in FIGURES):
        return _wrong(
            spec, at + len(first), f"{_cut(first)} is a check; the next is an entry of its own"
        )
    near = get_close_matches(name, [*_PLAIN, *FIGURES, *SETS], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return _wrong(spec, at, f"unknown check {_cut(name)}{hint}")


def _wrong(spec: str, at: int, problem: str) -> CheckSyntaxError:
    shown = ascii(spec[:_MOST])[1:-1]
    place = len(ascii(spec[:at])) - 2
    return CheckSyntaxError(
        f"{problem}\n  {shown}\n  {' ' * place}^\n"
        f"Known: {', '.join(KNOWN)}; 'warn:' in front only reports."
    )


def _cut(name: str) -> str:
    return ascii(name if len(name) <= _MOST else f"{name[:_MOST]}...")
