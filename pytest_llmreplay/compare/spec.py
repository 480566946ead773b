"""Checks as people write them: `text`, `warn:tokens<=1.3x`, `exact`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from textwrap import fill
from typing import Any

from pytest_llmreplay.errors import CheckSyntaxError

from .around import NOWHERE, Surroundings
from .check import Check
from .checks.answered import Answered
from .checks.budgeted import FIGURES, budget_of
from .checks.budgets import Within
from .checks.contains import Contains
from .checks.finish_reason import Ending
from .checks.json_equal import JsonEqual
from .checks.json_shape import JsonShape
from .checks.judged import JUDGED, JudgedWell
from .checks.model import Model
from .checks.own import Own, not_here
from .checks.refusal import Refusal
from .checks.regex import Matches
from .checks.schema_file import FileSchema
from .checks.schema_request import RequestSchema
from .checks.text import Text
from .checks.text_similar import SIMILAR, Similar
from .checks.tool_calls import ToolCalls
from .checks.tool_calls_contract import ContractCalls
from .comparisons import is_compared, with_its_sign
from .scoped import SCOPED, ScopedCheck, is_scoped, read_scoped
from .sets import SETS
from .syntax import BadSpec, moved

__all__ = ["KNOWN", "parse_checks", "parse_scoped", "subject"]

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

_LISTED = "\n" + fill(
    f"Known: {', '.join(KNOWN)}; 'warn:' in front only reports.", 78, break_on_hyphens=False
)

_WORD = re.compile(r"[a-z_]*")
_OWN_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MOST = 200


def parse_checks(specs: Iterable[str], around: Surroundings = NOWHERE) -> tuple[Check, ...]:
    """Read the checks of single events; those of a session or a run are left out.

    One that is named also takes the place of a set's member about the same subject, and so does
    a member of a later set. The same words again take the place of the earlier ones.

    Raises:
        CheckSyntaxError: One cannot be read; the message points at the character.
    """
    named: dict[str, Check] = {}
    members: dict[str, Check] = {}
    for spec in specs:
        for check in _parse(spec, around):
            if check.asked:
                named[check.spec] = check
            else:
                members[subject(check.spec)] = check
    subjects = {subject(check.spec) for check in named.values()}
    kept = (check for check in members.values() if subject(check.spec) not in subjects)
    return (*kept, *named.values())


def parse_scoped(specs: Iterable[str]) -> tuple[ScopedCheck, ...]:
    """Read the checks of sessions and of the run; those of single events are left out.

    Raises:
        CheckSyntaxError: One cannot be read; the message points at the character.
    """
    found = (_scoped(spec) for spec in specs if is_scoped(spec.removeprefix(WARN)))
    return tuple({check.spec: check for check in found}.values())


def subject(spec: str) -> str:
    """What a check is about: `tool_calls` of `tool_calls:names`, `tokens` of `tokens<=2x`."""
    found = _WORD.match(spec)
    return found[0] if found else ""


def _parse(spec: str, around: Surroundings) -> tuple[Check, ...]:
    gated = not spec.startswith(WARN)
    name = spec.removeprefix(WARN)
    if is_scoped(name):
        _scoped(spec)
        return ()
    if name in SETS:
        return tuple(_member(member, gated=gated) for member in SETS[name])
    return (_one(spec, name, around, gated=gated, asked=True),)


def _member(member: str, *, gated: bool) -> Check:
    name = member.removeprefix(WARN)
    return _one(name, name, NOWHERE, gated=gated and name == member, asked=False)


def _one(spec: str, name: str, around: Surroundings, *, gated: bool, asked: bool) -> Check:
    with _pointing(spec, name):
        return _read(name, around, spec=name, gated=gated, asked=asked)


def _scoped(spec: str) -> ScopedCheck:
    name = spec.removeprefix(WARN)
    with _pointing(spec, name):
        return read_scoped(name, gated=name == spec)


def _read(name: str, around: Surroundings, **asked: Any) -> Check:
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


class _UnknownCheck(BadSpec):
    """No check has this name, so that all are listed."""


def _unknown(name: str, around: Surroundings) -> BadSpec:
    first, comma, _ = name.partition(",")
    if comma and (first in SETS or first in _PLAIN or subject(first) in FIGURES):
        return BadSpec(f"{_cut(first)} is a check; the next is an entry of its own", len(first))
    near = _near(name, around)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return _UnknownCheck(f"unknown check {_cut(name)}{hint}")


def _may_be_own(name: str, around: Surroundings) -> bool:
    taken = {subject(known) for known in KNOWN}
    return bool(_OWN_NAME.fullmatch(name)) and name not in taken and not _near(name, around)


def _near(name: str, around: Surroundings) -> list[str]:
    return get_close_matches(name, [*_PLAIN, *FIGURES, *SETS, *around.own], n=1)


@contextmanager
def _pointing(spec: str, name: str) -> Iterator[None]:
    """Turn what is wrong with a name into an error that points at the character of the spec."""
    try:
        yield
    except BadSpec as wrong:
        known = _LISTED if isinstance(wrong, _UnknownCheck) else ""
        at = len(spec) - len(name) + wrong.at
        problem = f"{wrong.problem}{_meant(name)}"
        raise CheckSyntaxError(f"{_pointed(spec, at, problem)}{known}") from None


def _meant(name: str) -> str:
    """What was meant where the sign of the comparison alone is wrong, as words of a message."""
    meant = with_its_sign(name)
    try:
        if is_scoped(meant):
            read_scoped(meant, gated=True)
        else:
            _read(meant, NOWHERE, spec=meant)
    except BadSpec:
        return ""
    return f"; did you mean {meant!r}?"


def _pointed(spec: str, at: int, problem: str) -> str:
    shown = ascii(spec[:_MOST])[1:-1]
    place = len(ascii(spec[:at])) - 2
    return f"{problem}\n  {shown}\n  {' ' * place}^"


def _cut(name: str) -> str:
    return ascii(name if len(name) <= _MOST else f"{name[:_MOST]}...")
