"""What a client is not told of an answer in another format than its own."""

from __future__ import annotations

import pytest

from pytest_llmreplay.event import (
    BlobPart,
    Choice,
    Json,
    Message,
    Part,
    ReasoningPart,
    RefusalPart,
    Response,
    ServerToolCallPart,
    TextPart,
    ToolCallPart,
)
from pytest_llmreplay.providers.retelling.answer import untold

PAGE: Json = {"type": "web_search_result_location", "url": "https://a.example", "title": "A"}
DOCUMENT: Json = {"type": "char_location", "document_index": 0}
PARTS: list[tuple[Part, str, tuple[str, ...]]] = [
    (TextPart(content="x", annotations=(PAGE,)), "chat_completions", ()),
    (TextPart(content="x", annotations=(PAGE,)), "responses", ()),
    (TextPart(content="x", annotations=(PAGE,)), "messages", ("text.annotations",)),
    (TextPart(content="x", annotations=(DOCUMENT,)), "responses", ("text.annotations",)),
    (BlobPart(modality="audio", content="AAAA"), "messages", ("audio",)),
    (
        ServerToolCallPart(name="search", raw={"type": "web_search_call"}),
        "messages",
        ("item.web_search_call",),
    ),
    (ReasoningPart(content="hm", signature="s"), "responses", ()),
    (ReasoningPart(content="", encrypted="e"), "responses", ()),
    (RefusalPart(content="no"), "messages", ()),
    (ToolCallPart(id="c", name="f", arguments={}), "messages", ()),
]


@pytest.mark.parametrize(("part", "client", "codes"), PARTS)
def test_what_is_left_out_of_an_answer_has_a_code(
    part: Part, client: str, codes: tuple[str, ...]
) -> None:
    """Thoughts are the provider's own and are not missed."""
    message = Message(role="assistant", parts=(part, part))
    assert codes == untold(
        Response(choices=(Choice(message=message, finish_reason="stop"),)), client
    )
