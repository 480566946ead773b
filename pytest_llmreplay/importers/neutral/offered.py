"""Tools that were offered, in the format in which a log tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_llmreplay.event import Json

from .call import Asked, Shaped
from .decoding import CHAT, MESSAGES, decoded, from_text

__all__ = ["with_tools"]


def with_tools(asked: Asked, tools: Json, choice: Json = None) -> Asked:
    """The same request, offering these tools, which may be told in another format.

    Args:
        asked: The request.
        tools: Tools as a log tells them; each may be JSON in a text.
        choice: `tool_choice` in the same format.
    """
    listed = [from_text(tool) for tool in tools] if isinstance(tools, list) else []
    if not listed:
        return asked
    api = _api_of_tools(listed)
    fields: dict[str, Json] = {"tools": listed, **({"tool_choice": choice} if choice else {})}
    if isinstance(asked, Shaped) and asked.api == api:
        return replace(asked, body={**asked.body, **fields})
    offered = decoded(Shaped(api=api, body=fields))
    return replace(decoded(asked), tools=offered.tools, tool_choice=offered.tool_choice)


def _api_of_tools(tools: Sequence[Json]) -> str:
    keys = {key for tool in tools if isinstance(tool, dict) for key in tool}
    if "function" in keys:
        return CHAT
    return MESSAGES if "input_schema" in keys else "responses"
