"""Checks as people write them: `text`, `warn:tokens<=1.3x`, `exact`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from textwrap import fill

from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.syntax.bad_spec import BadSpec
from pytest_llmreplay.compare.syntax.surroundings import NOWHERE, Surroundings
from pytest_llmreplay.errors import CheckSyntaxError

from .known import KNOWN, UnknownCheck, read_check, subject
from .scoped import ScopedCheck, is_scoped, read_scoped
from .sets import SETS
from .signs import with_its_sign

__all__ = ["parse_checks", "parse_scoped"]

_WARN = "warn:"

_LISTED = "\n" + fill(
    f"Known: {', '.join(KNOWN)}; 'warn:' in front only reports.", 78, break_on_hyphens=False
)

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
    found = (_scoped(spec) for spec in specs if is_scoped(spec.removeprefix(_WARN)))
    return tuple({check.spec: check for check in found}.values())


def _parse(spec: str, around: Surroundings) -> tuple[Check, ...]:
    gated = not spec.startswith(_WARN)
    name = spec.removeprefix(_WARN)
    if is_scoped(name):
        _scoped(spec)
        return ()
    if name in SETS:
        return tuple(_member(member, gated=gated) for member in SETS[name])
    return (_check_of(spec, name, around, gated=gated, asked=True),)


def _member(member: str, *, gated: bool) -> Check:
    name = member.removeprefix(_WARN)
    return _check_of(name, name, NOWHERE, gated=gated and name == member, asked=False)


def _check_of(spec: str, name: str, around: Surroundings, *, gated: bool, asked: bool) -> Check:
    with _pointing(spec, name):
        return read_check(name, around, spec=name, gated=gated, asked=asked)


def _scoped(spec: str) -> ScopedCheck:
    name = spec.removeprefix(_WARN)
    with _pointing(spec, name):
        return read_scoped(name, gated=name == spec)


@contextmanager
def _pointing(spec: str, name: str) -> Iterator[None]:
    """Turn what is wrong with a name into an error that points at the character of the spec."""
    try:
        yield
    except BadSpec as wrong:
        known = _LISTED if isinstance(wrong, UnknownCheck) else ""
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
            read_check(meant, NOWHERE, spec=meant)
    except BadSpec:
        return ""
    return f"; did you mean {meant!r}?"


def _pointed(spec: str, at: int, problem: str) -> str:
    shown = ascii(spec[:_MOST])[1:-1]
    place = len(ascii(spec[:at])) - 2
    return f"{problem}\n  {shown}\n  {' ' * place}^"
