"""What a conversion loses, adds and changes: the codes, and how grave each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from pytest_llmreplay.event import Json, Part, ServerToolCallPart, UnknownPart

from .fields import as_text, is_blank

__all__ = ["Gravity", "Losses", "gravity_of", "item_code"]

Gravity: TypeAlias = Literal["error", "fail", "warn"]
"""What a lost code means for a replay: `error` can never be allowed, `fail` and `warn` can be."""

_NEVER = frozenset({"previous_response_id", "conversation", "cachedContent", "cached_content"})
"""State of the account without which a request is only a part of what was asked."""

_FAILING = frozenset(
    {
        *("tools", "functions", "function_call", "web_search_options", "search_settings"),
        *("plugins", "mcp_servers", "container", "prompt", "tool_choice", "response_format"),
        *("image", "document", "audio", "video", "file_id", "system", "item", "tool_result"),
        *("tool_call", "context_management", "message", "modalities", "text.format"),
    }
)
"""Families without which the model is asked something else."""

_HINTS = frozenset(
    {
        *("cache_control", "image.detail", "message.name", "message.phase", "tool_call.caller"),
        *("response_format.name", "response_format.description", "response_format.strict"),
        *("tool_result.is_error", "tools.cache_control"),
    }
)
"""Members of those families that are hints, or whose words are kept."""

_SILENT: Mapping[str, Json] = {"store": False, "prefix": False, "logprobs": False, "echo": False}
"""Values with which a key says what is so without it."""


class Losses:
    """Collects codes: each once, in the order of finding."""

    __slots__ = ("_codes",)

    def __init__(self) -> None:
        self._codes: dict[str, None] = {}

    @property
    def codes(self) -> tuple[str, ...]:
        """What was found so far."""
        return tuple(self._codes)

    def add(self, *codes: str) -> None:
        """Note what is lost (`code`), added (`+code`) or changed (`~code`)."""
        self._codes.update(dict.fromkeys(codes))

    def keys(
        self, extra: Mapping[str, Json], prefix: str = "", *, known: Iterable[str] = ()
    ) -> None:
        """Note keys that no field took, under their own names.

        Args:
            extra: What decoding left.
            prefix: Stands before the names; not before that of a caching hint of a part.
            known: Keys that say nothing here, or were taken care of.
        """
        for key, value in extra.items():
            if key not in known and not is_blank(value) and _SILENT.get(key, ...) != value:
                self.add(key if key == "cache_control" and prefix != "tools." else prefix + key)


def item_code(part: Part) -> str:
    """The code of a part that only its own format has."""
    if isinstance(part, UnknownPart):
        return f"item.{part.type}"
    raw = getattr(part, "raw", None)
    kind = as_text(raw.get("type")) if isinstance(raw, dict) else None
    name = part.name if isinstance(part, ServerToolCallPart) else "compaction"
    return f"item.{kind or name}"


def gravity_of(code: str) -> Gravity | None:
    """How grave a code is; none for what is added or only changed."""
    if code.startswith(("+", "~")):
        return None
    if code in _NEVER:
        return "error"
    if code in _HINTS:
        return "warn"
    return "fail" if code in _FAILING or code.partition(".")[0] in _FAILING else "warn"
