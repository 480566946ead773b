"""A stream of messages that Bedrock packs into frames: what else may stand among its events."""

from __future__ import annotations

import json

import pytest
from servers.bedrock import frame

from pytest_llmreplay.event import (
    Chunk,
    Exchange,
    HttpRequest,
    HttpResponse,
    Json,
    Response,
    StreamBody,
)
from pytest_llmreplay.providers.messages import MESSAGES
from pytest_llmreplay.providers.streams.messages_frames import packed
from pytest_llmreplay.providers.streams.writing import event_bytes

URL = "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/invoke-with-response-stream"
EVENTS: list[dict[str, Json]] = [
    {"type": "message_start", "message": {"id": "1", "usage": {"input_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
]
BEGUN = packed(event_bytes(event, str(event["type"])) for event in EVENTS)


def told(*frames: bytes) -> Response:
    """What a stream says that began well and went on with these frames."""
    data = b"".join([*BEGUN, *frames])
    body = StreamBody(chunks=(Chunk(at=0, data=data),))
    headers = {"content-type": "application/vnd.amazon.eventstream"}
    response = HttpResponse(status=200, headers=headers, body=body)
    return MESSAGES.response(
        Exchange(request=HttpRequest(method="POST", url=URL), response=response)
    )


def test_an_exception_amid_the_stream_is_its_error() -> None:
    """With the words of AWS, or the name of the exception for want of words."""
    for payload, message in (({"message": "Too slow."}, "Too slow."), ({}, "throttlingException")):
        response = told(frame("throttlingException", json.dumps(payload).encode(), "exception"))
        assert response.error is not None
        assert ("throttlingException", message) == (response.error.type, response.error.message)
        assert "Hi" == response.text


def test_a_damaged_frame_is_an_error() -> None:
    """Half of an answer never counts for the whole."""
    response = told(BEGUN[-1][:-1] + b"?")
    assert response.error is not None
    assert "damaged_stream" == response.error.type


@pytest.mark.parametrize(
    "payload", [b"{}", b"7", b"nonsense", b'{"bytes": 7}', b'{"bytes": "%"}', b'{"bytes": "e30"}']
)
def test_a_frame_without_an_event_says_nothing(payload: bytes) -> None:
    """What came before it stands."""
    response = told(frame("chunk", payload))
    assert ("Hi", None) == (response.text, response.error)
