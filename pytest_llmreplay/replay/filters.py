"""`--llm-filter KEY=GLOB`: which of the recorded events are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pytest_llmreplay.cassette.document import EventDocument
from pytest_llmreplay.errors import CassetteError, ConfigError

from .selecting import KEYS, Selector, is_key, nearest_key
from .unsendable import EMBEDDINGS, RECORDED_ERRORS, tells_error

__all__ = ["EventFilter", "parse_filters"]

_STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
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
        status = "error" if tells_error(document) else "ok"
        return any(fnmatchcase(status, glob) for glob in self.statuses)


def parse_filters(texts: Sequence[str], option: str = "--llm-filter") -> EventFilter | None:
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
    return EventFilter(selector=selector, statuses=statuses) if texts else None
