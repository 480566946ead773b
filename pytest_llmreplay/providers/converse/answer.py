"""Reading the plain answer of converse."""

from __future__ import annotations

from pytest_llmreplay.event import Choice, FinishReason, Json, Message, Response
from pytest_llmreplay.providers.answers.envelope import take_counts
from pytest_llmreplay.providers.fields import Fields

from .blocks import read_answer_block
from .usage import read_usage

__all__ = ["FINISH", "read_answer"]

FINISH: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "tool_call",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "guardrail_intervened": "content_filter",
    "content_filtered": "content_filter",
    "malformed_model_output": "error",
    "malformed_tool_use": "error",
}
"""Classes of the stop reasons."""


def read_answer(body: dict[str, Json]) -> Response | None:
    """The neutral answer; `None` when the body has no list of blocks.

    The body names neither the call nor the model. What `output` holds beside the blocks stays
    in `extra`, in its place.
    """
    output = Fields(body.get("output"))
    message = Fields(output.rest.get("message"))
    content = message.rest.pop("content", None)
    if not isinstance(content, list):
        return None
    fields = Fields(body)
    output.rest["message"] = message.rest
    fields.rest["output"] = output.rest
    usage = take_counts(fields, "usage", read_usage)
    word = fields.text("stopReason")
    choice = Choice(
        message=Message(role="assistant", parts=tuple(map(read_answer_block, content))),
        finish_reason=FINISH.get(word) if word else None,
        finish_raw=word,
    )
    return Response(choices=(choice,), usage=usage, extra=fields.rest)
