"""Writing the steps of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Part,
    ReasoningPart,
    RefusalPart,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    TextPart,
    ToolCallPart,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.fields import as_object

from .steps import CALL, GOOGLE, OUTPUT, STEP, THOUGHT

__all__ = ["encode_steps"]

_RAW = (UnknownPart, ServerToolCallPart, ServerToolCallResponsePart)


def encode_steps(
    parts: Iterable[Part], *, decoded: bool, made: str, bare: bool = False
) -> list[Json]:
    """The steps that some parts are.

    Args:
        parts: What was said.
        decoded: Whether it came from a body of this format, so that nothing is to be filled in.
        made: Begins the ids of calls that have none.
        bare: Whether no step stands around what was said, as of old.
    """
    steps = _Steps(decoded=decoded, made=made, bare=bare)
    for part in parts:
        steps.add(part)
    return steps.told


class _Steps:
    """The steps so far."""

    def __init__(self, *, decoded: bool, made: str, bare: bool) -> None:
        self.told: list[Json] = []
        self._decoded, self._made, self._bare = decoded, made, bare
        self._kind = ""
        self._held: list[Json] = []
        """The type of the last step and what it holds, where more may be added to it."""

    def add(self, part: Part) -> None:
        if isinstance(part, _RAW) and STEP not in part.extra:
            if self._decoded:
                self._append(part.raw)
        elif isinstance(part, ToolCallPart):
            self._append(self._call(part))
        elif self._kind_of(part) == THOUGHT:
            self._add_thought(part)
        else:
            for content in _content(part, decoded=self._decoded):
                if self._bare:
                    self._append(content)
                else:
                    self._put(part, OUTPUT, {"content": content})

    def _kind_of(self, part: Part) -> str:
        """The type of the step to which a part belongs."""
        mark = part.extra.get(STEP, ...)
        if isinstance(mark, dict):
            return str(mark["type"])
        if mark is None and self._kind:
            return self._kind
        return THOUGHT if isinstance(part, ReasoningPart) else OUTPUT

    def _append(self, step: Json) -> None:
        self.told.append(step)
        self._kind, self._held = "", []

    def _put(
        self,
        part: Part,
        kind: str,
        holds: dict[str, Json],
        head: Mapping[str, Json] = MappingProxyType({}),
    ) -> None:
        """Add what a part holds to the last step, or begin one with it."""
        rest = part.extra.get(STEP)
        if not isinstance(rest, dict) and self._kind == kind:
            self._held += holds.values()
            return
        held = list(holds.values())
        step = {"type": kind, **head, **as_object(rest)}
        self._append(step | dict.fromkeys(holds, held))
        self._kind, self._held = kind, held

    def _add_thought(self, part: Part) -> None:
        if not isinstance(part, ReasoningPart):
            for entry in _content(part, decoded=True):
                self._put(part, THOUGHT, {"summary": entry})
            return
        own = part.format == GOOGLE
        extra = {key: value for key, value in part.extra.items() if key != STEP and own}
        summary: Json = {"type": "text", "text": part.content, **extra}
        if own:
            signed: dict[str, Json] = {"signature": part.signature} if part.signature else {}
            self._put(part, THOUGHT, {"summary": summary} if part.summary else {}, signed)
        elif part.content:
            self._put(part, THOUGHT, {"summary": summary})

    def _call(self, part: ToolCallPart) -> Json:
        extra = dict(part.extra) if self._decoded else {}
        step: dict[str, Json] = {"type": CALL, "name": part.name}
        if part.id is not None:
            step["id"] = part.id
        elif not self._decoded:
            step["id"] = f"{self._made}{len(self.told)}"
        if extra.get("arguments", part) is None:
            del extra["arguments"]
            if part.arguments == {}:
                return step | extra
        return step | {"arguments": part.arguments} | extra


def _content(part: Part, *, decoded: bool) -> list[Json]:
    """A piece of content; none where the format has no such thing."""
    extra = {key: value for key, value in part.extra.items() if key != STEP} if decoded else {}
    match part:
        case TextPart():
            # Google tells the places of citations in bytes, other providers in characters.
            notes: list[Json] = list(part.annotations) if decoded else []
            noted: dict[str, Json] = {"annotations": notes} if notes else {}
            return [{"type": "text", "text": part.content, **noted, **extra}]
        case RefusalPart():
            return [{"type": "text", "text": part.content}]
        case BlobPart():
            content: dict[str, Json] = {"type": part.modality, "data": part.content}
        case UriPart() | FilePart():
            uri = part.file_id if isinstance(part, FilePart) else part.uri
            content = {"type": part.modality, "uri": uri}
        case UnknownPart():
            return [part.raw]
        case _:
            return []
    kind: dict[str, Json] = {} if part.mime_type is None else {"mime_type": part.mime_type}
    return [content | kind | extra]
