"""How a request tells a conversation: what a free-running session has to change in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from pytest_llmreplay.event import Json, Message, Request, TextPart, ToolCallPart
from pytest_llmreplay.providers.api import ApiFormat

__all__ = ["ListedTranscript", "ModelTurn", "ToolResult", "Transcript", "transcript_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTurn:
    """What the model said at one place of a conversation."""

    start: int
    end: int
    """Of its entries: from the first to behind the last."""
    text: str
    calls: tuple[ToolCallPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a tool answered, at one place of a conversation."""

    value: Json
    """The entry, or the part of one, as it stands there."""
    id: str | None = None
    """Of the call that it answers; not all formats tell it."""
    name: str | None = None
    """Of the tool, where that is told."""

    def answers(self, call: ToolCallPart) -> bool:
        """Whether this may be the result of a call: by id, else by name; without both it may."""
        if self.id is not None and call.id is not None:
            return self.id == call.id
        return self.name in (None, call.name)


class Transcript(Protocol):
    """The conversation in the body of a request of one format: a list of entries."""

    def entries(self, body: dict[str, Json]) -> list[Json] | None:
        """The entries in their order; none where the conversation is not in the body."""
        ...

    def with_entries(self, body: dict[str, Json], entries: Sequence[Json]) -> dict[str, Json]:
        """The same request with another conversation."""
        ...

    def said(self, entries: Sequence[Json]) -> Iterator[ModelTurn]:
        """What the model said in it, in order."""
        ...

    def spoken(self, body: Json) -> list[Json]:
        """The entries that the plain body of an answer holds, with all that they say there."""
        ...

    def pieces(self, chunks: Sequence[bytes]) -> list[Json]:
        """The entries that a stream becomes where each of its events is told as one.

        None where nobody tells the format so.
        """
        ...

    def answer(self, body: Json) -> list[Json]:
        """The same as `spoken`, as any server of the format takes it back."""
        ...

    def results(self, entry: Json) -> list[ToolResult]:
        """The results of tools in an entry."""
        ...

    def with_results(
        self, entries: Sequence[Json], results: Sequence[tuple[ToolCallPart, Json]]
    ) -> list[Json]:
        """Entries that hold results, with these in place of theirs; what else they hold stays.

        Args:
            entries: As the application told them.
            results: Calls, each with the result of an equal one.
        """
        ...

    def result(self, call: ToolCallPart, text: str) -> Json:
        """What a tool answered to a call, but for the id of that."""
        ...


def transcript_of(spoken: ApiFormat | None) -> Transcript | None:
    """How a format tells a conversation; none where that is not known here."""
    return cast("Transcript | None", getattr(spoken, "transcript", None))


class ListedTranscript(ABC):
    """What the transcripts have in common whose conversation is one list in the body.

    Args:
        key: Of the list.
        read: Reads the body of a request.
    """

    def __init__(self, key: str, read: Callable[..., Request]) -> None:
        self._key, self._read_request = key, read

    def entries(self, body: dict[str, Json]) -> list[Json] | None:
        """The list that holds the conversation; none where it is missing."""
        entries = body.get(self._key)
        return entries if isinstance(entries, list) else None

    def with_entries(self, body: dict[str, Json], entries: Sequence[Json]) -> dict[str, Json]:
        """The same body with another list."""
        return body | {self._key: list(entries)}

    def said(self, entries: Sequence[Json]) -> Iterator[ModelTurn]:
        """What the model said, where neighbouring entries that are the model's are one answer."""
        start = 0
        while start < len(entries):
            end = start
            while end < len(entries) and self._is_of_model(entries[end]):
                end += 1
            if end > start:
                messages = self._messages(entries[start:end])
                text, calls = _text_of(messages), _calls_of(messages)
                yield ModelTurn(start=start, end=end, text=text, calls=calls)
            start = end + 1

    def pieces(self, chunks: Sequence[bytes]) -> list[Json]:  # noqa: ARG002  # few formats are told so
        """None: clients put a stream together before they tell it."""
        return []

    @abstractmethod
    def results(self, entry: Json) -> list[ToolResult]:
        """The results of tools in an entry."""

    def with_results(
        self, entries: Sequence[Json], results: Sequence[tuple[ToolCallPart, Json]]
    ) -> list[Json]:
        """One entry a result, and behind them those that hold none."""
        rest = [entry for entry in entries if not self.results(entry)]
        return [*self._answers(results), *rest]

    def _answers(self, results: Sequence[tuple[ToolCallPart, Json]]) -> list[Json]:
        answers: list[Json] = []
        for call, result in results:
            assert isinstance(result, dict)  # `results` and `result` make no others
            answers.append(self._answering(call, result))
        return answers

    @abstractmethod
    def _answering(self, call: ToolCallPart, result: dict[str, Json]) -> Json:
        """A result as that of this call."""

    def _is_of_model(self, entry: Json) -> bool:
        return isinstance(entry, dict) and entry.get("role") == "assistant"

    def _messages(self, entries: Sequence[Json]) -> Sequence[Message]:
        body: dict[str, Json] = {self._key: list(entries)}
        return self._read_request(body, model=None, stream=False).messages


def _text_of(messages: Sequence[Message]) -> str:
    """The words of messages, as one text."""
    parts = (part for message in messages for part in message.parts)
    return "".join(part.content for part in parts if isinstance(part, TextPart))


def _calls_of(messages: Sequence[Message]) -> tuple[ToolCallPart, ...]:
    """The calls of the application's tools in messages."""
    parts = (part for message in messages for part in message.parts)
    return tuple(part for part in parts if isinstance(part, ToolCallPart))
