"""Responses: requests, as applications and SDKs write them."""

from __future__ import annotations

from typing import Any

import pytest
from real_calls import RECORDINGS, needs_recordings

from pytest_llmreplay.event import (
    BlobPart,
    Chunk,
    Exchange,
    FilePart,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    OutputFormat,
    Reasoning,
    ReasoningPart,
    RefusalPart,
    Request,
    ServerToolCallPart,
    ServerToolCallResponsePart,
    StreamBody,
    TextPart,
    Tool,
    ToolCallPart,
    ToolCallResponsePart,
    ToolChoice,
    UnknownPart,
    UriPart,
)
from pytest_llmreplay.providers.registry import identify
from pytest_llmreplay.providers.responses import RESPONSES


def read(asked: Any, **body: Any) -> Request:
    """A request in neutral terms."""
    request: Request = RESPONSES.request(asked({"model": "m", **body}))
    return request


def test_words_alone(asked: Any) -> None:
    """An input that is a text is what the user says; instructions stand apart."""
    request = read(asked, input="Hi.", instructions="Be short.", stream=True)
    (message,) = request.messages
    assert ("user", (TextPart(content="Hi."),)) == (message.role, message.parts)
    assert (TextPart(content="Be short."),) == request.system_instructions
    assert ("m", True, {}) == (request.model, request.stream, request.extra)


def test_parameters(asked: Any) -> None:
    """What other formats have too is found under one name; all else is kept."""
    request = read(
        asked,
        max_output_tokens=9,
        temperature=0,
        top_p=0.5,
        parallel_tool_calls=False,
        user="u",
        service_tier="flex",
        reasoning={"effort": "low", "summary": "auto", "context": "all_turns"},
        text={"format": {"type": "text"}, "verbosity": "low", "x": 1},
        previous_response_id="resp_1",
        store=True,
    )
    assert (9, 0, 0.5, False, "u", "flex", "low") == (
        request.max_tokens,
        request.temperature,
        request.top_p,
        request.parallel_tool_calls,
        request.user,
        request.service_tier,
        request.verbosity,
    )
    expected = Reasoning(effort="low", summary="auto", extra={"context": "all_turns"})
    assert expected == request.reasoning
    assert OutputFormat(type="text") == request.output
    assert {"previous_response_id": "resp_1", "store": True, "text": {"x": 1}} == request.extra


def test_structured_output(asked: Any) -> None:
    """The schema is what a check holds answers against."""
    schema: Json = {"type": "object", "properties": {}}
    form = {"type": "json_schema", "name": "r", "schema": schema, "strict": True}
    request = read(asked, text={"format": form})
    assert schema == request.output_schema
    assert OutputFormat(type="json_schema", schema=schema, name="r", strict=True) == request.output
    assert {"text": {"format": {"type": "grammar"}}} == (
        read(asked, text={"format": {"type": "grammar"}}).extra
    )


HISTORY: list[Any] = [
    {"role": "developer", "content": "Be short."},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi."}]},
    {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "AA=="},
    {
        "type": "message",
        "role": "assistant",
        "id": "msg_1",
        "phase": "commentary",
        "content": [
            {"type": "output_text", "text": "I look.", "annotations": []},
            {"type": "refusal", "refusal": "no"},
        ],
    },
    {"type": "web_search_call", "id": "ws_1", "action": {"type": "search"}},
    {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}"},
    {"type": "function_call", "call_id": "c2", "name": "f", "arguments": '{"a": 1}'},
    {"type": "function_call_output", "call_id": "c1", "output": "done"},
    {
        "type": "function_call_output",
        "call_id": "c2",
        "output": [
            {"type": "input_text", "text": "see"},
            {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "auto"},
            {
                "type": "input_file",
                "filename": "a.pdf",
                "file_data": "data:application/pdf;base64,AA==",
            },
        ],
    },
    {"role": "assistant", "content": "Here."},
]


def test_a_conversation(asked: Any) -> None:
    """All that the model said in a row is one message; each result is one of its own."""
    messages = read(asked, input=HISTORY).messages
    assert ["developer", "user", "assistant", "tool", "tool", "assistant"] == [
        message.role for message in messages
    ]
    thought, said, refused, searched, first, second = messages[2].parts
    assert isinstance(thought, ReasoningPart)
    assert ("AA==", "rs_1") == (thought.encrypted, thought.id)
    assert isinstance(said, TextPart)
    assert {"id": "msg_1", "phase": "commentary"} == said.extra["message"]
    assert isinstance(refused, RefusalPart)
    assert isinstance(searched, ServerToolCallPart)
    assert isinstance(first, ToolCallPart)
    assert isinstance(second, ToolCallPart)
    assert [("c1", {"id": "fc_1"}), ("c2", {})] == [(c.id, c.extra) for c in (first, second)]
    (result,) = messages[3].parts
    assert ToolCallResponsePart(id="c1", response=(TextPart(content="done"),)) == result
    (media,) = messages[4].parts
    assert isinstance(media, ToolCallResponsePart)
    assert [TextPart, BlobPart, BlobPart] == [type(part) for part in media.response]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            {"type": "input_image", "image_url": "https://x/a.png", "detail": "high"},
            UriPart(modality="image", uri="https://x/a.png", extra={"detail": "high"}),
        ),
        (
            {"type": "input_image", "file_id": "file-1"},
            FilePart(modality="image", file_id="file-1"),
        ),
        (
            {"type": "input_file", "file_url": "https://x/a.pdf"},
            UriPart(modality="document", uri="https://x/a.pdf"),
        ),
        (
            {"type": "input_file", "file_id": "file-1", "filename": "a"},
            FilePart(modality="document", file_id="file-1", extra={"filename": "a"}),
        ),
        (
            {"type": "input_file", "file_data": "AA=="},
            BlobPart(modality="document", content="AA=="),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": "AA==", "format": "mp3"}},
            BlobPart(modality="audio", content="AA==", mime_type="audio/mp3"),
        ),
        ("words", TextPart(content="words")),
    ],
)
def test_media(asked: Any, part: Any, expected: Any) -> None:
    """Images, files and sound: inline, by URL, by id."""
    request = read(asked, input=[{"role": "user", "content": [part]}])
    assert (expected,) == request.messages[0].parts


@pytest.mark.parametrize(
    ("item", "role", "kind"),
    [
        ({"type": "item_reference", "id": "msg_1"}, "assistant", UnknownPart),
        ({"id": "msg_1"}, "assistant", UnknownPart),
        ({"type": "additional_tools", "role": "developer", "tools": []}, "developer", UnknownPart),
        ({"type": "tool_search_output", "tools": []}, "assistant", ServerToolCallResponsePart),
        ({"type": "computer_call_output", "call_id": "c"}, "tool", ServerToolCallResponsePart),
        ({"type": "mcp_approval_request", "name": "ask"}, "assistant", ServerToolCallPart),
        ({"type": "custom_tool_call_output", "output": "x"}, "tool", ToolCallResponsePart),
        ({"type": "function_call_output"}, "tool", ServerToolCallResponsePart),
        ({"type": "new"}, "user", UnknownPart),
        ({"role": "assistant", "content": []}, "assistant", UnknownPart),
        ({"role": "user", "content": [{"type": "new"}]}, "user", UnknownPart),
        ({"role": "user", "content": [{"type": "input_file"}]}, "user", UnknownPart),
        ({"role": "user", "content": [{"type": "input_image"}]}, "user", UnknownPart),
        ({"role": "user", "content": [{"type": "input_audio"}]}, "user", UnknownPart),
        (7, "user", UnknownPart),
    ],
)
def test_items_of_other_kinds_are_kept(asked: Any, item: Any, role: str, kind: type) -> None:
    """They stand in the turn of whoever wrote them."""
    (message,) = read(asked, input=[item]).messages
    (part,) = message.parts
    assert (role, kind) == (message.role, type(part))


@pytest.mark.parametrize(
    ("told", "closed", "strict"),
    [
        ({}, True, True),
        ({"strict": None}, True, True),
        ({"strict": False}, True, False),
        ({}, False, None),
    ],
)
def test_a_function_is_strict_where_nobody_says_otherwise(
    asked: Any, told: dict[str, Any], strict: bool | None, *, closed: bool
) -> None:
    """In other formats it is not; parameters that nobody could follow strictly stay as told."""
    schema: dict[str, Json] = {"type": "object", "properties": {}}
    schema |= {"additionalProperties": False} if closed else {}
    offered = {"type": "function", "name": "f", "parameters": schema, **told}
    (tool,) = read(asked, tools=[offered]).tools
    assert strict is tool.strict


def test_tools(asked: Any) -> None:
    """Functions are flat; all that the provider runs is kept under its kind."""
    schema: Json = {"type": "object"}
    request = read(
        asked,
        tools=[
            {"type": "function", "name": "f", "parameters": schema, "strict": True, "x": 1},
            {"type": "web_search", "filters": {}},
            {"type": "custom", "name": "w"},
            7,
        ],
    )
    function, hosted, custom, odd = request.tools
    assert Tool(kind="function", name="f", parameters=schema, strict=True, extra={"x": 1}) == (
        function
    )
    assert ("web_search", {"type": "web_search", "filters": {}}) == (hosted.kind, hosted.extra)
    assert ("custom", "w") == (custom.kind, custom.name)
    assert {"raw": 7} == odd.extra


ALLOWED: Json = {
    "type": "allowed_tools",
    "mode": "auto",
    "tools": [{"type": "function", "name": "f"}, 7],
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("auto", ToolChoice(mode="auto")),
        ("required", ToolChoice(mode="required")),
        ({"type": "function", "name": "f"}, ToolChoice(mode="tool", names=("f",))),
        (
            {"type": "custom", "name": "w"},
            ToolChoice(mode="tool", names=("w",), raw={"type": "custom", "name": "w"}),
        ),
        ({"type": "web_search"}, ToolChoice(mode="tool", raw={"type": "web_search"})),
        (ALLOWED, ToolChoice(mode="allowed", names=("f",), raw=ALLOWED)),
        ("new", None),
        (None, None),
        ({}, None),
    ],
)
def test_tool_choice(asked: Any, value: Any, expected: ToolChoice | None) -> None:
    """Which tool may be used, the provider's own among them."""
    request = read(asked, tool_choice=value)
    assert expected == request.tool_choice
    assert (expected is None) == ("tool_choice" in request.extra)


def test_whose_call_it_is() -> None:
    """The path, and anything that a call may have; other paths below are other calls."""
    path = "/openai/v1/responses"
    assert RESPONSES.recognises(path, {}, {"model": "m", "input": "x"})
    assert RESPONSES.recognises(path, {}, {"prompt": {"id": "p"}})
    assert not RESPONSES.recognises(path, {}, {"jsonrpc": "2.0", "input": 1})
    assert not RESPONSES.recognises(path, {}, [])
    for other in ("/v1/responses/compact", "/v1/responses/input_tokens", "/v1/responses/resp_1"):
        assert not RESPONSES.recognises(other, {}, {"model": "m", "input": "x"})
    url = "https://x.openai.azure.com/openai/deployments/d/responses"
    assert ("d", "m") == (RESPONSES.model(url, {}), RESPONSES.model(url, {"model": "m"}))


@needs_recordings
def test_real_recordings_come_back_as_they_were() -> None:
    """Every answer of real providers: decoded and written again it is the same."""
    yaml = pytest.importorskip("yaml")
    count = 0
    for path in sorted(RECORDINGS.glob("*.yaml")):
        calls = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for call in calls["interactions"]:
            asked, answer = call["request"], call["response"]
            url, sent = asked["uri"], asked.get("parsed_body")
            if "responses" != identify(asked["method"], url, {}, sent).api:
                continue
            count += 1
            _comes_back(HttpRequest(method="POST", url=url, body=JsonBody(value=sent)), answer)
    assert count


def _comes_back(request: HttpRequest, answer: Any) -> None:
    status = answer["status"]["code"]
    if "parsed_body" in answer:
        plain: Any = answer["parsed_body"]
        response = HttpResponse(status=status, body=JsonBody(value=plain))
    else:
        text = answer["body"]["string"]
        data = text.encode() if isinstance(text, str) else text
        plain = RESPONSES.assemble([data]).body
        response = HttpResponse(status=status, body=StreamBody(chunks=(Chunk(at=0.0, data=data),)))
    decoded = RESPONSES.response(Exchange(request=request, response=response))
    if plain:  # an error may come as bytes that are no stream
        assert plain == RESPONSES.encode_response(decoded)
        told = RESPONSES.assemble(RESPONSES.encode_stream(decoded))
        assert decoded.error or plain == told.body
    assert not [part for part in decoded.parts if isinstance(part, UnknownPart)]
    assert RESPONSES.request(Exchange(request=request, response=response)).messages
