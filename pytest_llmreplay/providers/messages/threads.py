"""Conversations that Anthropic keeps: a request tells only what is new, and what it goes on from.

Its SDK's tool runner asks so by itself. It tells the whole conversation again where the server does
not know the answer to go on from.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.fields import Fields

__all__ = ["UNKNOWN_STATUS", "goes_on_from", "unknown"]

UNKNOWN_STATUS = 404
"""Of the answer to who goes on from an answer that the server does not know."""


def goes_on_from(body: Mapping[str, Json]) -> str | None:
    """Id of the answer from which a request goes on; none where it tells all that was said."""
    return Fields(body.get("thread")).text("previous_message_id")


def unknown(answer_id: str, target: str) -> Json:
    """What a server says that does not know an answer.

    Args:
        answer_id: Of the answer.
        target: What was asked, for the message.
    """
    message = f"{target} keeps no thread, and does not know {answer_id}"
    details: Json = {"error_code": "thread_not_found"}
    return {
        "type": "error",
        "error": {"type": "not_found_error", "message": message, "details": details},
    }
