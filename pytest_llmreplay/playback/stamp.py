"""What a test says of the calls it is about to make: prompt name, session path, labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final

from pytest_llmreplay.event import Session

__all__ = ["NO_STAMP", "Stamp", "latest_step", "stamp_of", "step"]

_HELICONE = "helicone-"
_PROPERTY = "helicone-property-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Name, session and labels of an event."""

    name: str | None = None
    session: Session | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


NO_STAMP = Stamp()
_NO_SESSION = Session()
_open: Final[list[Stamp]] = []
_step: ContextVar[Stamp | None] = ContextVar("llmreplay_step", default=None)


@contextmanager
def step(*, prompt: str | None, path: str | None, labels: Mapping[str, str]) -> Iterator[None]:
    """Stamp the calls made inside; nested steps inherit what they do not say themselves."""
    outer = _step.get() or NO_STAMP
    session = outer.session if path is None else Session(path=path)
    inner = Stamp(name=prompt or outer.name, session=session, labels={**outer.labels, **labels})
    token = _step.set(inner)
    _open.append(inner)
    try:
        yield
    finally:
        _open.remove(inner)
        _step.reset(token)


@contextmanager
def latest_step() -> Iterator[None]:
    """Stamp the calls of other processes: the step that was opened last is around them all."""
    token = _step.set(_open[-1] if _open else None)
    try:
        yield
    finally:
        _step.reset(token)


def stamp_of(headers: Mapping[str, str], session: Session) -> Stamp:
    """The stamp of a call: the step around it, else its own headers, else the test's session.

    The headers are those that Helicone reads
    (https://docs.helicone.ai/features/sessions).
    """
    now = _step.get() or NO_STAMP
    if _HELICONE not in " ".join(headers):
        if now is NO_STAMP and session == _NO_SESSION:
            return NO_STAMP
        headers = {}
    told = Session(
        id=headers.get("helicone-session-id") or session.id,
        name=headers.get("helicone-session-name") or session.name,
        path=(now.session and now.session.path)
        or headers.get("helicone-session-path")
        or session.path,
    )
    return Stamp(
        name=now.name or headers.get("helicone-prompt-id"),
        session=None if told == _NO_SESSION else told,
        labels={**_properties(headers), **now.labels},
    )


def _properties(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(_PROPERTY): value
        for name, value in headers.items()
        if name.startswith(_PROPERTY)
    }
