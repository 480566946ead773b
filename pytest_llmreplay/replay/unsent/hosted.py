"""Bodies that act with the account they are sent to, and are therefore not sent unasked.

A cassette is data that anybody may have written. A body can ask the provider to search a vector
store, to call a remote tool server, to go on with a stored conversation: with the account of
whoever replays it. `store: true`, and what begins a thread, are let through: they keep at the
provider nothing but the request.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import as_list
from pytest_llmreplay.providers.google_format import is_stored, snake
from pytest_llmreplay.providers.messages.threads import goes_on_from

__all__ = ["account_actions", "refusal"]

STATE = {
    "agent": "agent",
    "agent_id": "agent_id",
    "background": "background",
    "billing_policy": "billing_policy",
    "cachedContent": "cached_content",
    "cached_content": "cached_content",
    "container": "container",
    "container_id": "container",
    "connectors": "connectors",
    "continuationToken": "continuation_token",
    "continuation_token": "continuation_token",
    "conversation": "conversation",
    "conversation_id": "conversation",
    "enable_search": "web_search",
    "environment": "environment",
    "extra_body": "extra_body",
    "mcp_servers": "mcp",
    "previous_interaction_id": "previous_interaction_id",
    "previous_response_id": "previous_response_id",
    "prompt": "prompt",
    "search_parameters": "web_search",
    "search_settings": "web_search",
    "vector_store_ids": "file_search",
    "web_search_options": "web_search",
    "webhook_config": "webhook_config",
    "file_ids": "file_id",
    "plugins": "plugins",
}
"""Keys of a body that name something stored in the account or a tool that the provider runs."""

ASKED_BY_NOTHING = frozenset({"web_search_options"})
"""Keys that ask for a tool even where they say nothing of it."""

SEARCHES = {"google_search": "web_search"}
"""What Google calls a search; whoever lets a search through lets it go to another provider too."""

CLIENT_TOOLS = frozenset(
    [
        *("function", "custom", "functionDeclarations", "function_declarations"),
        *("tool_spec", "cache_point"),  # converse; the other one marks what is cached
    ]
)
"""Kinds of tools that the application runs: the model only asks for them."""

CLIENT_TOOLS_OF_ANTHROPIC = re.compile(r"(bash|text_editor|memory)_\d{8}")
"""Client tools: https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview"""

DECLARED = frozenset({"input_schema", "parameter_definitions"})
"""Where Anthropic's format and Cohere's first chat have the parameters of such a tool."""

SUFFIX = re.compile(r"(_preview)?(_\d{4}_\d{2}_\d{2}|_\d{8})?$")
"""Version of a hosted tool: `web_search_preview_2025_03_11`, `code_execution_20250522`."""

FILE_KEYS = frozenset({"file_id", "fileId", "file_ids", "s3Location"})

ACTING_ITEMS = frozenset({"item_reference", "mcp_approval_response", "container_upload"})

TOOL_ITEMS = frozenset({"additional_tools", "tool_search_output"})
"""Items of a conversation that offer further tools."""

FILE_URIS = ("fileUri", "file_uri")
"""Google's word for what the account stores, and for any other address."""

MEDIA = frozenset({"image", "audio", "video", "document"})
"""Content of Google's interactions, which names such a thing by its `uri`."""

CONVERSATION = (
    "messages",
    "input",
    "contents",
    "system",
    "systemInstruction",
    "system_instruction",
)
"""Keys of a body that hold what was said."""

OPAQUE = frozenset({"input", "args", "arguments", "parameters", "input_schema", "response"})
"""Keys under which a conversation holds the application's own data."""


def account_actions(body: Mapping[str, Json]) -> tuple[str, ...]:
    """Names of everything in a body that acts with the account, in the order found."""
    found = [*_state(body), *_tools(body.get("tools")), *_bare_references(body.get("input"))]
    found += ["thread"] if goes_on_from(body) is not None else []
    found += [*_storage(body.get("outputConfig")), *_delivery(body.get("response_format"))]
    converse = body.get("toolConfig")
    found += _tools(converse.get("tools")) if isinstance(converse, dict) else ()
    for key in CONVERSATION:
        found += _files(body.get(key))
    return tuple(dict.fromkeys(found))


def refusal(body: Mapping[str, Json], allow: Collection[str]) -> str | None:
    """Why a body is not sent; none where nothing stands against it.

    Args:
        body: What would be sent.
        allow: Names that `--llm-allow` lets through.
    """
    refused = [
        name
        for name in account_actions(body)
        if name not in allow and SEARCHES.get(name) not in allow
    ]
    if not refused:
        return None
    flags = " ".join(f"--llm-allow {SEARCHES.get(name, name)}" for name in refused)
    return f"{', '.join(refused)}: acts with the account of the target (to send it: {flags})"


def _state(body: Mapping[str, Json]) -> Iterator[str]:
    for key, value in body.items():
        name = STATE.get(key)
        if name is None or value in (None, False, []) or _is_completion(key, value):
            continue
        if value != {} or key in ASKED_BY_NOTHING:
            yield name


def _is_completion(key: str, value: Json) -> bool:
    """A stored prompt is named by an object; in completions `prompt` is what the model reads."""
    return key == "prompt" and not isinstance(value, dict)


def _storage(config: Json) -> Iterator[str]:
    """Where Vertex writes what it makes; in converse the key holds the shape of the answer."""
    if isinstance(config, dict) and any(snake(key) == "output_uri_prefix" for key in config):
        yield "output_uri_prefix"


def _delivery(formats: Json) -> Iterator[str]:
    """Where Google's interactions write what they make."""
    for form in formats if isinstance(formats, list) else [formats]:
        if isinstance(form, dict) and form.get("gcs_uri"):
            yield "gcs_uri"


def _tools(tools: Json) -> Iterator[str]:
    # Google's servers take one tool for a list of one.
    listed = tools if isinstance(tools, list) else [tools] if isinstance(tools, dict) else []
    for kind in (kind for tool in listed for kind in _kinds(tool)):
        if kind not in CLIENT_TOOLS and not CLIENT_TOOLS_OF_ANTHROPIC.fullmatch(kind):
            yield SUFFIX.sub("", kind) or kind


def _kinds(tool: Json) -> list[str]:
    if not isinstance(tool, dict):
        return ["unknown_tool"]
    kind = tool.get("type")
    if isinstance(kind, str):
        return [kind]
    if DECLARED & tool.keys() or tool.keys() <= {"name", "description"}:
        return ["custom"]
    # Gemini names tools by their keys, of which one object may hold several:
    # {"functionDeclarations": […], "googleSearch": {}}.
    return sorted(snake(key) for key in tool)


def _files(part: Json, depth: int = 0) -> Iterator[str]:
    if depth > 40:  # noqa: PLR2004 - no conversation nests like this; do not send what is not understood
        yield "deep_nesting"
    elif isinstance(part, list):
        for item in part:
            yield from _files(item, depth + 1)
    elif isinstance(part, dict):
        yield from _references(part, depth)


def _references(part: dict[str, Json], depth: int) -> Iterator[str]:
    kind = part.get("type")
    uris = [part[key] for key in FILE_URIS if key in part]
    if isinstance(kind, str) and kind in MEDIA and part.get("uri") is not None:
        uris.append(part["uri"])
    if FILE_KEYS & part.keys() or any(not isinstance(uri, str) or is_stored(uri) for uri in uris):
        yield "file_id"
    if isinstance(kind, str) and kind in ACTING_ITEMS:
        yield kind
    if isinstance(kind, str) and kind in TOOL_ITEMS:
        yield from _tools(part.get("tools"))
    for key, value in part.items():
        if key not in OPAQUE and isinstance(value, list | dict):
            yield from _files(value, depth + 1)


def _bare_references(value: Json) -> Iterator[str]:
    """Items that name a stored one by nothing but its id."""
    for item in as_list(value):
        if isinstance(item, dict) and "id" in item and not (item.get("type") or item.get("role")):
            yield "item_reference"
