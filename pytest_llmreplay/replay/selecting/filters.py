"""`--llm-filter KEY=GLOB`: which of the recorded events are meant."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.errors import CassetteError, ConfigError
from pytest_llmreplay.replay.unsent.unsendable import EMBEDDINGS, RECORDED_ERRORS, is_stored_error

from .selector import KEYS, SeenValues, Selector, is_key, nearest_key

__all__ = ["Filtered"]

_STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class _EventFilter:
    """What is said about the events that are meant."""

    selector: Selector = field(default_factory=Selector)
    statuses: tuple[str, ...] = ()
    """Globs of `ok` and `error`: how the recorded call ended."""

    @property
    def lets_through(self) -> tuple[str, ...]:
        """Kinds of events that are replayed because they are asked for."""
        apis = self.selector.globs.get("api", ())
        errors = any(fnmatchcase("error", glob) for glob in self.statuses)
        embeddings = any(fnmatchcase("embeddings", glob) for glob in apis)
        return (*([RECORDED_ERRORS] * errors), *([EMBEDDINGS] * embeddings))

    def means(self, document: EventDocument) -> bool:
        """Whether an event is meant; one that cannot be read is, and says so itself."""
        try:
            return self.selector.matches(document.head) and self._ended(document)
        except CassetteError:
            return True

    def _ended(self, document: EventDocument) -> bool:
        if not self.statuses:
            return True
        status = "error" if is_stored_error(document) else "ok"
        return any(fnmatchcase(status, glob) for glob in self.statuses)


class Filtered:
    """Chooses events, and counts those that it is asked about.

    Args:
        texts: What stands behind the option, each time it is given.
        option: Its name, for messages.

    Raises:
        ConfigError: An option cannot be read.
    """

    def __init__(self, texts: Sequence[str], option: str = "--llm-filter") -> None:
        self._filter, self._texts = _parse_filters(texts, option), texts
        self.looked = self.meant = 0
        """Events that were looked at, and those that are meant; 0 without an option."""
        self._seen = SeenValues()

    @property
    def lets_through(self) -> tuple[str, ...]:
        """Kinds of events that are replayed because they are asked for."""
        return () if self._filter is None else self._filter.lets_through

    def __bool__(self) -> bool:
        return self._filter is not None

    def means(self, document: EventDocument) -> bool:
        """Whether an event is meant; it is parsed no further than it takes to tell."""
        if self._filter is None:
            return True
        meant = self._filter.means(document)
        self.looked, self.meant = self.looked + 1, self.meant + meant
        if not self.meant:
            with suppress(CassetteError):
                self._seen.note(document.head, self._filter.selector.globs)
        return meant

    def told(self) -> str:
        """How many events are meant, or why none is; nothing without an option."""
        if self._filter is None or not self.looked:
            return ""
        if self.meant:
            return f"{self.meant:,} of {self.looked:,} events: {', '.join(self._texts)}"
        # What fits nothing: a key, or how the calls ended.
        keys = self._seen.why_none(self._filter.selector)
        status = ", ".join(f"status={glob}" for glob in self._filter.statuses)
        why = ", ".join(filter(None, [keys, status]))
        return f"none of {self.looked:,} events has {why}"


def _parse_filters(texts: Sequence[str], option: str) -> _EventFilter | None:
    """What the options say: one of each key has to fit; none where there is no option.

    Args:
        texts: What stands behind the option, each time it is given.
        option: Its name, for messages.

    Raises:
        ConfigError: An option cannot be read.
    """
    globs: dict[str, list[str]] = {}
    for text in texts:
        key, equals, glob = text.partition("=")
        if not equals or not glob:
            raise ConfigError(f"{option}: {text!r} is not KEY=GLOB, as in prompt=support-*")
        if not is_key(key) and key != _STATUS:
            raise ConfigError(f"{option}: {nearest_key(key, (*KEYS, _STATUS))}")
        if key == _STATUS and not any(fnmatchcase(word, glob) for word in ("ok", "error")):
            raise ConfigError(f"{option}: status is ok or error, not {glob!r}")
        globs.setdefault(key, []).append(glob)
    statuses = tuple(globs.pop(_STATUS, ()))
    selector = Selector(globs={key: tuple(found) for key, found in globs.items()})
    return _EventFilter(selector=selector, statuses=statuses) if texts else None
