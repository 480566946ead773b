"""Calls of custom tools in a stream of a model for which they are functions."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pytest_llmreplay.providers.tools.custom_tools import input_of

from .delta import Arguments, CallBegins, CallEnds, Delta

__all__ = ["CustomCalls"]


class CustomCalls:
    """Tells calls of these functions as calls of the tools that they became of, once whole.

    Args:
        names: Of the tools.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._held: dict[int, str] = {}
        """Arguments so far, by the place of the call."""

    def take(self, delta: Delta) -> Iterator[Delta]:
        """What a delta says to a client that knows the tools as custom ones."""
        match delta:
            case CallBegins(place, call_id, name) if name in self._names:
                self._held[place] = ""
                yield CallBegins(place, call_id, name, custom=True)
            case Arguments(place, text) if place in self._held:
                self._held[place] += text
            case CallEnds(place) if place in self._held:
                yield Arguments(place, input_of(self._held.pop(place)))
                yield delta
            case _:
                yield delta

    def close(self) -> Iterator[Delta]:
        """What is held back of calls of which no end was told."""
        for place, arguments in self._held.items():
            yield Arguments(place, input_of(arguments))
        self._held.clear()
