"""What a test says of the calls it is about to make: prompt name, session path, labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import pairwise
from threading import get_ident, main_thread
from typing import Final, NamedTuple

from pytest_llmreplay.event import Session

from .telemetry import carried, telemetry

__all__ = [
    "NO_SESSION",
    "NO_STAMP",
    "Stamp",
    "cleaned",
    "joined",
    "latest_step",
    "stamp_of",
    "step",
]

_HELICONE = "helicone-"
_PROPERTY = "helicone-property-"
_LABEL = "label."
_BAGGAGE = "baggage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Name, session and labels of an event."""

    name: str | None = None
    session: Session | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


NO_STAMP = Stamp()
NO_SESSION = Session()


class _Open(NamedTuple):
    """A step that is open."""

    stamp: Stamp
    around: Stamp
    thread: int
    """Which has opened it."""


_open: Final[list[_Open]] = []
_step: ContextVar[Stamp | None] = ContextVar("llmreplay_step", default=None)


@contextmanager
def step(*, prompt: str | None, path: str | None, labels: Mapping[str, str]) -> Iterator[None]:
    """Stamp the calls made inside; nested steps inherit what they do not say themselves."""
    outer = _now()
    session = outer.session if path is None else Session(path=path)
    inner = Stamp(name=prompt or outer.name, session=session, labels={**outer.labels, **labels})
    opened = _Open(inner, outer, get_ident())
    token = _step.set(inner)
    _open.append(opened)
    try:
        yield
    finally:
        _open.remove(opened)
        _step.reset(token)


def _now() -> Stamp:
    """The step around what is done here.

    A thread that was told of none is in that of the test's own thread; not so where tasks side by
    side have some open there, as nobody knows which of them it works for.
    """
    current = _step.get()
    if current is not None or not _open:  # nearly always
        return current or NO_STAMP
    main = main_thread().ident
    if get_ident() == main:
        return NO_STAMP
    steps = [one for one in _open if one.thread == main]
    nested = all(inner.around == outer.stamp for outer, inner in pairwise(steps))
    return steps[-1].stamp if steps and nested else NO_STAMP


@contextmanager
def latest_step() -> Iterator[None]:
    """Stamp the calls of other processes: the step that was opened last is around them all."""
    token = _step.set(_open[-1].stamp if _open else None)
    try:
        yield
    finally:
        _step.reset(token)


def stamp_of(headers: Mapping[str, str], session: Session) -> Stamp:
    """The stamp of a call, by whoever says it first.

    That is the step around it, its own headers, as Helicone reads them
    (https://docs.helicone.ai/features/sessions), the test's session, and what OpenTelemetry has:
    https://opentelemetry.io/docs/specs/semconv/registry/attributes/gen-ai/
    """
    now, attributes = _now(), telemetry()
    if _BAGGAGE in headers:
        attributes = {**attributes, **carried(headers[_BAGGAGE])}
    if _HELICONE not in " ".join(headers):
        if now is NO_STAMP and not attributes:
            return NO_STAMP if session == NO_SESSION else Stamp(session=session)
        headers = {}
    of_test = Stamp(session=session)
    return joined(now, joined(_of_headers(headers), joined(of_test, _of_telemetry(attributes))))


def joined(first: Stamp, below: Stamp) -> Stamp:
    """A stamp, with what it does not say taken from another."""
    if first is NO_STAMP or below is NO_STAMP:
        return below if first is NO_STAMP else first
    one, other = first.session or NO_SESSION, below.session or NO_SESSION
    session = Session(
        id=one.id or other.id, name=one.name or other.name, path=one.path or other.path
    )
    return Stamp(
        name=first.name or below.name,
        session=None if session == NO_SESSION else session,
        labels={**below.labels, **first.labels},
    )


def cleaned(stamp: Stamp, clean: Callable[[str], str]) -> Stamp:
    """A stamp as it may be written: what a body must not hold, it must not hold either."""
    if stamp is NO_STAMP:
        return stamp
    declared = stamp.session
    session = declared and Session(
        id=declared.id and clean(declared.id),
        name=declared.name and clean(declared.name),
        path=declared.path and clean(declared.path),
    )
    labels = {name: clean(text) for name, text in stamp.labels.items()}
    return Stamp(name=stamp.name and clean(stamp.name), session=session, labels=labels)


def _of_headers(sent: Mapping[str, str]) -> Stamp:
    headers = {name: _text(value) for name, value in sent.items() if name.startswith(_HELICONE)}
    return Stamp(
        name=headers.get("helicone-prompt-id"),
        session=Session(
            id=headers.get("helicone-session-id"),
            name=headers.get("helicone-session-name"),
            path=headers.get("helicone-session-path"),
        ),
        labels=_under(_PROPERTY, headers),
    )


def _text(value: str) -> str:
    """A header's words: its bytes are UTF-8 where they can be, as most clients send them."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _of_telemetry(attributes: Mapping[str, str]) -> Stamp:
    return Stamp(
        name=attributes.get("gen_ai.prompt.name"),
        session=Session(
            id=attributes.get("session.id") or attributes.get("gen_ai.conversation.id"),
            name=attributes.get("session.name"),
            path=attributes.get("session.path"),
        ),
        labels=_under(_LABEL, attributes),
    )


def _under(prefix: str, attributes: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value
        for name, value in attributes.items()
        if name.startswith(prefix) and name != prefix
    }
