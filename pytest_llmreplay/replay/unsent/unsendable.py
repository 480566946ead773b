"""Recorded events that are not sent to any target, and why."""

from __future__ import annotations

import re
from collections.abc import Collection

from pytest_llmreplay.cassette.documents.document import EventDocument
from pytest_llmreplay.event import Event, Failure, Json, JsonBody, StreamBody, TextBody
from pytest_llmreplay.providers.answers.reading import error_in
from pytest_llmreplay.providers.endpoints.routes import is_kept_answer, path_of
from pytest_llmreplay.providers.registry import format_of, unknown_format

from .hosted import refusal

__all__ = [
    "EMBEDDINGS",
    "RECORDED_ERRORS",
    "TOKEN_COUNT",
    "is_recorded_error",
    "is_stored_error",
    "not_replayed",
    "recorded_body",
    "unsendable",
]

RECORDED_ERRORS, EMBEDDINGS = "recorded_errors", "embeddings"
"""Words that let through what a replay leaves out of itself."""

REDIRECT = 300

TOKEN_COUNT = re.compile(r"/(?:count_tokens|count-tokens|input_tokens|tokenize)/?\Z|:countTokens\Z")
"""Paths that count the tokens of a request and generate nothing."""

STORE = re.compile(r"/(?:batches|files|uploads)(?:/|\Z)")
"""Paths at which a provider keeps what an account has made."""


def not_replayed(event: Event, *, account: bool, allow: Collection[str] = ()) -> str | None:
    """Why an event is not sent to a target; none where it is.

    Args:
        event: The recording.
        account: Whether the target has an account that its body could act with.
        allow: What `--llm-allow` lets through.
    """
    reason, body = unsendable(event, allow), recorded_body(event)
    return refusal(body, allow) if reason is None and account and body is not None else reason


def unsendable(event: Event, allow: Collection[str] = ()) -> str | None:
    """Why an event is not sent to any target, whatever it asks of the account of one."""
    spoken = format_of(event.api) is not None
    if not spoken and (reason := _no_model_asked(event)):
        return reason
    if event.api == "embeddings" and (reason := _no_answer_in_words(event, allow)):
        return reason
    if RECORDED_ERRORS not in allow and is_recorded_error(event):
        return "recorded error"
    if not spoken:
        return unknown_format(event.api) or f"api {event.api!r} cannot be sent again"
    return "the recorded request has no JSON body" if recorded_body(event) is None else None


def _no_model_asked(event: Event) -> str | None:
    request = event.exchange.request
    path = path_of(request.url)
    if TOKEN_COUNT.search(path):
        return "token count: no model answers it"
    if request.method.upper() != "POST":
        return f"{request.method.upper()}: no model is asked"
    if STORE.search(path) or is_kept_answer(path):
        return "files, batches and kept answers are those of the recorded account"
    return None


def _no_answer_in_words(event: Event, allow: Collection[str]) -> str | None:
    if EMBEDDINGS not in allow:
        return "embeddings"
    body = recorded_body(event)
    if body is not None and "input" not in body:
        return "embeddings in another shape than OpenAI's cannot be sent again"
    return None


def is_recorded_error(event: Event) -> bool:
    """Whether no answer was recorded that another could be compared with."""
    response = event.exchange.response
    if (
        isinstance(response, Failure)
        or response.status >= REDIRECT
        or response.ended in {"cut", "timeout"}
    ):
        return True
    if isinstance(response.body, JsonBody):
        return error_in(None, response.body.value) is not None
    if not isinstance(response.body, StreamBody | TextBody):
        return False
    broke_off = event.response.truncated and response.ended == "complete"
    return broke_off or event.response.error is not None


def is_stored_error(document: EventDocument) -> bool:
    """Whether a stored recording is an error; no more of it is read than that takes."""
    status = document.plain_status
    return is_recorded_error(document.event) if status is None else status >= REDIRECT


def recorded_body(event: Event) -> dict[str, Json] | None:
    """The object that was sent; none where the body is something else."""
    body = event.exchange.request.body
    return body.value if isinstance(body, JsonBody) and isinstance(body.value, dict) else None
