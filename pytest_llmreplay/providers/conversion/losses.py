"""What a conversion loses, adds and changes: the codes, and how grave each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from pytest_llmreplay.event import (
    CompactionPart,
    Json,
    Part,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    UnknownPart,
)
from pytest_llmreplay.providers.fields import as_object, as_text, is_blank

__all__ = ["Gravity", "Losses", "gravity_of", "item_code"]

Gravity: TypeAlias = Literal["error", "fail", "warn"]
"""What a lost code means for a replay: `error` can never be allowed, `fail` and `warn` can be."""

_NEVER = frozenset(
    {
        *("previous_response_id", "previous_interaction_id"),
        *("conversation", "conversation_id", "thread.previous_message_id"),
        *("cachedContent", "cached_content", "continuationToken", "continuation_token"),
    }
)
"""State of the account without which a request is only a part of what was asked."""

_FAILING = frozenset(
    {
        *("tools", "functions", "function_call", "web_search_options", "search_settings"),
        *("plugins", "mcp_servers", "container", "prompt", "tool_choice", "response_format"),
        *("image", "document", "audio", "video", "file_id", "system", "item", "tool_result"),
        *("image_s3", "document_s3", "video_s3"),
        *("tool_call", "context_management", "message", "modalities", "text.format"),
        *("generationConfig.responseModalities", "documents", "suffix", "context"),
        *("connectors", "extra_body", "compound_custom", "compaction"),
        *("agent", "agent_config", "environment", "response_modalities"),
        # The shape of an answer, as vLLM, SGLang and llama.cpp are asked for it.
        *("structured_outputs", "guided_json", "guided_regex", "guided_choice", "guided_grammar"),
        *("json_schema", "grammar", "regex", "ebnf"),
    }
)
"""Families without which the model is asked something else."""

_HINTS = frozenset(
    {
        *("cache_control", "image.detail", "message.name", "message.phase", "tool_call.caller"),
        *("response_format.name", "response_format.description", "response_format.strict"),
        "response_format.bounds",
        *("tool_result.is_error", "tools.cache_control", "tools.namespace", "tool_call.namespace"),
        *("tools.response", "tools.responseJsonSchema", "tools.eager_input_streaming"),
        *("document.filename", "image.filename", "audio.filename", "video.filename"),
        *("document.resolution", "image.resolution", "video.resolution"),
        "tools.custom.format",
        *("tools.web_search.search_context_size", "tools.web_search.max_uses"),
        *("tools.web_search.allowed_callers", "tools.web_search.response_inclusion"),
    }
)
"""Members of those families that are hints, or whose words are kept."""

_SILENT: Mapping[str, Json] = {
    "store": False,
    "prefix": False,
    "logprobs": False,
    "echo": False,
    "background": False,
    "modalities": ["text"],
    "citations": {"enabled": False},
    "enable_search": False,
    "search_parameters": {"mode": "off"},
}
"""Values with which a key says what is so without it."""

_WRAPPERS = frozenset(
    {
        *("generationConfig", "generation_config", "toolConfig", "inferenceConfig"),
        *("additionalModelRequestFields", "textGenerationConfig"),
        *("options", "output_config", "outputConfig", "toolSpec", "text", "message", "thread"),
    }
)
"""Keys that say nothing themselves: what stands in them is named."""
_ENVELOPES: Mapping[str, frozenset[str]] = {
    "message": frozenset({"id", "status", "role", "content"}),
    "thread": frozenset({"type"}),
}
"""What stands around a message of OpenAI's responses, or what a thread goes on from, and says
nothing itself."""

_RAW = (UnknownPart, ServerToolCallPart, ServerToolCallResponsePart)
_CACHE_MARKS = frozenset({"cachePoint"})
"""Blocks that say where a prefix to be cached ends."""

_SIGNATURES = frozenset({"thoughtSignature", "thought_signature", "signature"})
"""Signed thoughts that ride on other parts."""

_HINTED: Mapping[str, str] = {
    "web_search_options": "tools.web_search",
    "search_parameters": "tools.web_search",
    "enable_search": "tools.web_search",
}
"""Tools of the provider that are asked for outside the list of tools."""


class Losses:
    """Collects codes: each once, in the order of finding."""

    __slots__ = ("_codes",)

    def __init__(self) -> None:
        self._codes: dict[str, None] = {}

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all losses so far."""
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
            if key in known or _SILENT.get(key, ...) == value:
                continue
            if is_blank(value) and (key not in _HINTED or value is None):
                continue
            if key in _WRAPPERS and isinstance(value, dict):
                self.keys(value, f"{prefix}{key}.", known=_ENVELOPES.get(key, ()))
            else:
                self.add(_key_code(key, prefix))


def _key_code(key: str, prefix: str) -> str:
    if key in _SIGNATURES:
        return "thinking.signature"
    if key == "cache_control" and prefix != "tools.":
        return key
    return _HINTED.get(key, prefix + key)


def item_code(part: Part) -> str:
    """The code of a part that only its own format has: what the wire calls it."""
    if isinstance(part, CompactionPart):
        return "item.compaction"
    raw = as_object(part.raw if isinstance(part, _RAW) else None)
    kind = as_text(raw.get("type")) or (part.type if isinstance(part, UnknownPart) else None)
    # Gemini and converse name a block by its key.
    kind = kind or next(iter(raw), "server_tool")
    if kind in _CACHE_MARKS or kind in _SIGNATURES:
        return "cache_control" if kind in _CACHE_MARKS else "thinking.signature"
    return f"~item.{kind}" if kind == "additional_tools" else f"item.{kind}"


def gravity_of(code: str) -> Gravity | None:
    """How grave a code is; none for what is added or only changed."""
    if code.startswith(("+", "~")):
        return None
    if code in _NEVER:
        return "error"
    if code in _HINTS:
        return "warn"
    return "fail" if code in _FAILING or code.partition(".")[0] in _FAILING else "warn"
