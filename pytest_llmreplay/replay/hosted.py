"""Bodies that act with the account they are sent to, and are therefore not sent unasked.

A cassette is data that anybody may have written. A body can ask the provider to search a vector
store, to call a remote tool server, to go on with a stored conversation: with the account of
whoever replays it. `store: true` is let through: it keeps at the provider nothing but the request.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from pytest_llmreplay.event import Json

__all__ = ["account_actions", "refusal"]

STATE = {
    "agent_id": "agent_id",
    "background": "background",
    "cachedContent": "cached_content",
    "cached_content": "cached_content",
    "container": "container",
    "container_id": "container",
    "conversation": "conversation",
    "extra_body": "extra_body",
    "mcp_servers": "mcp",
    "previous_response_id": "previous_response_id",
    "prompt": "prompt",
    "search_parameters": "web_search",
    "search_settings": "web_search",
    "vector_store_ids": "file_search",
    "web_search_options": "web_search",
    "file_ids": "file_id",
    "plugins": "plugins",
}
"""Keys of a body that name something stored in the account or a tool that the provider runs."""

CLIENT_TOOLS = frozenset({"function", "custom", "functionDeclarations", "function_declarations"})
"""Kinds of tools that the application runs: the model only asks for them."""

CLIENT_TOOLS_OF_ANTHROPIC = re.compile(r"(bash|text_editor|memory)_\d{8}")
"""Client tools: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview"""

SUFFIX = re.compile(r"(_preview)?(_\d{4}_\d{2}_\d{2}|_\d{8})?$")
"""Version of a hosted tool: `web_search_preview_2025_03_11`, `code_execution_20250522`."""

FILE_KEYS = frozenset({"file_id", "fileId", "file_ids"})

OPAQUE = frozenset({"input", "arguments", "parameters", "input_schema"})
"""Keys under which a conversation holds the application's own data."""


def account_actions(body: Mapping[str, Json]) -> tuple[str, ...]:
    """Names of everything in a body that acts with the account, in the order found."""
    found = [*_state(body), *_tools(body.get("tools"))]
    for key in ("messages", "input", "contents", "system"):
        found += _files(body.get(key))
    return tuple(dict.fromkeys(found))


def refusal(body: Mapping[str, Json], allow: Collection[str]) -> str | None:
    """Why a body is not sent; none where nothing stands against it.

    Args:
        body: What would be sent.
        allow: Names that `--llm-allow` lets through.
    """
    refused = [name for name in account_actions(body) if name not in allow]
    if not refused:
        return None
    flags = " ".join(f"--llm-allow {name}" for name in refused)
    return f"{', '.join(refused)}: acts with the account of the target (to send it: {flags})"


def _state(body: Mapping[str, Json]) -> Iterator[str]:
    for key, name in STATE.items():
        value = body.get(key)
        is_words = key == "prompt" and isinstance(value, str)  # Ollama's; a stored one has an id
        if value not in (None, False, [], {}) and not is_words:
            yield name


def _tools(tools: Json) -> Iterator[str]:
    for tool in tools if isinstance(tools, list) else []:
        kind = _kind(tool)
        if kind not in CLIENT_TOOLS and not CLIENT_TOOLS_OF_ANTHROPIC.fullmatch(kind):
            yield SUFFIX.sub("", kind) or kind


def _kind(tool: Json) -> str:
    if not isinstance(tool, dict):
        return "unknown_tool"
    kind = tool.get("type")
    if isinstance(kind, str):
        return kind
    if "input_schema" in tool:
        return "custom"
    # Gemini names a tool by its only key: {"google_search": {}}.
    return next(iter(sorted(set(tool) - CLIENT_TOOLS)), "functionDeclarations")


def _files(part: Json, depth: int = 0) -> Iterator[str]:
    if depth > 40:  # noqa: PLR2004 - no conversation nests like this; do not send what is not understood
        yield "deep_nesting"
    elif isinstance(part, list):
        for item in part:
            yield from _files(item, depth + 1)
    elif isinstance(part, dict):
        yield from _references(part, depth)


def _references(part: dict[str, Json], depth: int) -> Iterator[str]:
    if FILE_KEYS & part.keys():
        yield "file_id"
    if part.get("type") in {"item_reference", "mcp_approval_response", "container_upload"}:
        yield str(part["type"])
    for key, value in part.items():
        if key not in OPAQUE and isinstance(value, list | dict):
            yield from _files(value, depth + 1)
