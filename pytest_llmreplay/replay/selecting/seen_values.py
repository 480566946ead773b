"""What the events of a run say of themselves, to tell why none of them was chosen."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from .selector import Described, Selector, values_of

__all__ = ["SeenValues", "there_are"]

_SHOWN = 5
"""Values that a line lists."""


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
        return "; none says any"
    near = difflib.get_close_matches(glob, values, n=_SHOWN, cutoff=0.3)
    listed = list(dict.fromkeys([*near, *values]))
    more = f" and {len(listed) - _SHOWN:,} more" if len(listed) > _SHOWN else ""
    return f"; there are: {', '.join(listed[:_SHOWN])}{more}"
