"""Which events are meant: by prompt, session, path, model, provider, API format and labels."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Protocol

from pytest_llmreplay.errors import did_you_mean
from pytest_llmreplay.event import Session

__all__ = [
    "KEYS",
    "Described",
    "SeenValues",
    "Selector",
    "is_key",
    "nearest_key",
    "there_are",
    "unknown_key",
]

KEYS = ("prompt", "session", "path", "model", "provider", "api")
_LABEL = "label."

_SHOWN = 5
"""Values that a line lists."""


class Described(Protocol):
    """What events say of themselves before their request: an `Event`, or a `Head`."""

    @property
    def number(self) -> int:
        """Place in its cassette."""
        ...

    @property
    def name(self) -> str | None:
        """Prompt name."""
        ...

    @property
    def session(self) -> Session | None:
        """The session that the event belongs to."""
        ...

    @property
    def labels(self) -> Mapping[str, str]:
        """Whatever else was said of it."""
        ...

    @property
    def provider(self) -> str:
        """Who was asked."""
        ...

    @property
    def api(self) -> str:
        """In which format."""
        ...

    @property
    def model(self) -> str | None:
        """The model that was asked for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Globs by key: one of each key has to fit. `*` stands for slashes too."""

    globs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def matches(self, event: Described) -> bool:
        """Whether an event is meant; one that says nothing of a key is not."""
        return all(
            any(fnmatchcase(value, glob) for value in values_of(event, key) for glob in globs)
            for key, globs in self.globs.items()
        )

    def __str__(self) -> str:
        return ", ".join(f"{key}={glob}" for key, globs in self.globs.items() for glob in globs)


def is_key(word: str) -> bool:
    """Whether events can be chosen by it."""
    return word in KEYS or (word.startswith(_LABEL) and word != _LABEL)


def nearest_key(word: str, known: Iterable[str] = KEYS) -> str:
    """What to say about a key that is none."""
    return unknown_key(word, [*known, f"{_LABEL}NAME"])


def unknown_key(word: str, known: Collection[str]) -> str:
    """What to say about a key that a mapping cannot have."""
    return f"unknown key {word!r}{did_you_mean(word, known, '.')} Known keys: {', '.join(known)}"


def values_of(event: Described, key: str) -> tuple[str, ...]:
    """What an event says of a key; a session has an id and a name."""
    session = event.session or Session()
    values: dict[str, tuple[str | None, ...]] = {
        "prompt": (event.name,),
        "session": (session.id, session.name),
        "path": (session.path,),
        "model": (event.model,),
        "provider": (event.provider,),
        "api": (event.api,),
    }
    found = values.get(key) or _labelled(event, key.removeprefix(_LABEL))
    return tuple(value for value in found if value is not None)


class SeenValues:
    """Values by key, each once."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, None]] = {}

    def note(self, event: Described, keys: Iterable[str]) -> None:
        """Take in what an event says of some keys."""
        for key in keys:
            self._said.setdefault(key, {}).update(dict.fromkeys(values_of(event, key)))

    def why_none(self, selector: Selector) -> str:
        """The first key that fits no event, with what there is; all where each fits some."""
        for key, globs in selector.globs.items():
            there = list(self._said.get(key, ()))
            if not any(fnmatchcase(value, glob) for value in there for glob in globs):
                return f"{Selector(globs={key: globs})}{there_are(there, globs[0])}"
        return str(selector)


def there_are(values: Sequence[str], glob: str) -> str:
    """The end of a line that says which values there are, the nearest to a glob first."""
    if not values:
        return "; no event has any"
    near = difflib.get_close_matches(glob, values, n=_SHOWN, cutoff=0.3)
    listed = list(dict.fromkeys([*near, *values]))
    more = f" and {len(listed) - _SHOWN:,} more" if len(listed) > _SHOWN else ""
    return f"; there are: {', '.join(listed[:_SHOWN])}{more}"


def _labelled(event: Described, name: str) -> tuple[str, ...]:
    # HTTP does not keep the case of `Helicone-Property-Tier`.
    wanted = name.lower()
    return tuple(value for label, value in event.labels.items() if label.lower() == wanted)
