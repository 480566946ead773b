"""Requests of Google's format in neutral terms, whichever way their keys are spelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pytest_llmreplay.event import (
    BlobPart,
    Exchange,
    FilePart,
    Json,
    Message,
    OutputFormat,
    Reasoning,
    Request,
    TextPart,
    Tool,
    ToolCallPart,
    ToolCallResponsePart,
    ToolChoice,
)
from pytest_llmreplay.providers.generate_content import GENERATE_CONTENT

Make = Callable[..., Exchange]
URL = "https://generativelanguage.googleapis.com/v1beta/models/g:streamGenerateContent?alt=sse"
SCHEMA: Json = {"type": "object", "properties": {"max_size": {"type": "integer"}}}


@pytest.fixture
def read(asked: Make) -> Callable[[Json], Request]:
    """The neutral request of a body."""
    return lambda body: GENERATE_CONTENT.request(asked(body, URL))


Read = Callable[[Json], Request]


def test_a_conversation_is_read(read: Read) -> None:
    """Turns, instructions, calls without ids, and media in what a function answered."""
    call: Json = {
        "function_call": {"name": "f", "args": {"user_id": 1}},
        "thought_signature": "AA==",
    }
    answer: Json = {
        "function_response": {
            "name": "f",
            "response": {"output_text": "done"},
            "parts": [{"inline_data": {"mime_type": "image/png", "data": "AA=="}}],
        }
    }
    failed: Json = {"functionResponse": {"id": "c", "name": "f", "response": {"error": "boom"}}}
    request = read(
        {
            "system_instruction": {"role": "user", "parts": {"text": "Be short."}},
            "contents": [
                {"role": "user", "parts": [{"text": "Hi"}]},
                {"role": "model", "parts": [call]},
                {"role": "user", "parts": [answer]},
                {"role": "function", "parts": [failed]},
                {"role": "narrator", "parts": [{"file_data": {"file_uri": "files/a"}}]},
                "And now?",
            ],
            "generationConfig": {"responseModalities": ["TEXT"]},
        }
    )
    assert ("g", True, {}) == (request.model, request.stream, request.extra)
    assert (TextPart(content="Be short."),) == request.system_instructions
    image = BlobPart(modality="image", content="AA==", mime_type="image/png")
    assert (
        Message(role="user", parts=(TextPart(content="Hi"),)),
        Message(
            role="assistant",
            parts=(
                ToolCallPart(
                    name="f", arguments={"user_id": 1}, extra={"thoughtSignature": "AA=="}
                ),
            ),
        ),
        Message(
            role="user",
            parts=(
                ToolCallResponsePart(
                    name="f", response=(TextPart(content='{"output_text":"done"}'), image)
                ),
            ),
        ),
        Message(
            role="tool",
            parts=(
                ToolCallResponsePart(
                    id="c",
                    name="f",
                    response=(TextPart(content='{"error":"boom"}'),),
                    is_error=True,
                ),
            ),
        ),
        Message(
            role="user",
            parts=(FilePart(modality="video", file_id="files/a"),),
            extra={"role": "narrator"},
        ),
        Message(role="user", parts=(TextPart(content="And now?"),)),
    ) == request.messages


@pytest.mark.parametrize("key", ["parametersJsonSchema", "parameters_json_schema"])
def test_functions_and_hosted_tools_are_told_apart(read: Read, key: str) -> None:
    """One object may hold both; schemas keep the names that the application gave."""
    declared = {"name": "f", "description": "Does.", key: SCHEMA, "behavior": "BLOCKING"}
    request = read({"tools": {"function_declarations": [declared, {}], "googleSearch": {"x": 1}}})
    assert (
        Tool(
            kind="function",
            name="f",
            description="Does.",
            parameters=SCHEMA,
            extra={"behavior": "BLOCKING"},
        ),
        Tool(kind="unknown", name="unknown"),
        Tool(kind="google_search", name="google_search", extra={"googleSearch": {"x": 1}}),
    ) == request.tools
    assert "unknown" == read({"tools": ["x"]}).tools[0].kind


def test_googles_schemas_become_json_schema(read: Read) -> None:
    """Types in capitals, `nullable`, counts as strings."""
    parameters: Json = {
        "type": "OBJECT",
        "propertyOrdering": ["tag_list"],
        "properties": {
            "tag_list": {
                "type": "ARRAY",
                "minItems": "1",
                "items": {"any_of": [{"type": "STRING", "nullable": True}, {"type": "NUMBER"}]},
            }
        },
    }
    declared: Json = {"name": "f", "parameters": parameters}
    (tool,) = read({"tools": [{"functionDeclarations": [declared]}]}).tools
    assert {
        "type": "object",
        "properties": {
            "tag_list": {
                "type": "array",
                "minItems": 1,
                "items": {"anyOf": [{"type": ["string", "null"]}, {"type": "number"}]},
            }
        },
    } == tool.parameters


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"mode": "AUTO"}, ToolChoice(mode="auto")),
        ({"mode": "ANY"}, ToolChoice(mode="required")),
        ({"mode": "NONE"}, ToolChoice(mode="none")),
        ({"mode": "VALIDATED"}, ToolChoice(mode="auto", raw={"mode": "VALIDATED"})),
        (
            {"mode": "ANY", "allowed_function_names": ["f"]},
            ToolChoice(
                mode="tool", names=("f",), raw={"mode": "ANY", "allowedFunctionNames": ["f"]}
            ),
        ),
        (
            {"mode": "VALIDATED", "allowedFunctionNames": ["f"]},
            ToolChoice(
                mode="allowed",
                names=("f",),
                raw={"mode": "VALIDATED", "allowedFunctionNames": ["f"]},
            ),
        ),
        ({"mode": "LATER"}, None),
    ],
)
def test_which_functions_may_be_called(
    read: Read, config: Json, expected: ToolChoice | None
) -> None:
    """Modes have neutral names; what has none is kept raw."""
    told: Json = {"function_calling_config": config, "retrievalConfig": {"a": 1}}
    request = read({"tool_config": told})
    assert expected == request.tool_choice
    left = {} if expected else {"functionCallingConfig": config}
    assert {"toolConfig": {"retrievalConfig": {"a": 1}} | left} == request.extra


def test_zero_is_a_value(read: Read) -> None:
    """A temperature of zero is asked for."""
    assert 0 == read({"generationConfig": {"temperature": 0}}).temperature


def test_parameters_have_neutral_names(read: Read) -> None:
    """What no field names stays in its place, in camelCase."""
    request = read(
        {
            "generation_config": {
                "max_output_tokens": 9,
                "temperature": 0.5,
                "topP": 0.9,
                "topK": 40.0,
                "seed": 7,
                "stopSequences": ["END"],
                "frequencyPenalty": 0.1,
                "presencePenalty": 0.2,
                "candidateCount": 2,
                "image_config": {"aspect_ratio": "1:1"},
            },
            "serviceTier": "flex",
            "safety_settings": [],
        }
    )
    assert (9, 0.5, 0.9, 40, 7, ("END",), 0.1, 0.2, 2, "flex") == (
        request.max_tokens,
        request.temperature,
        request.top_p,
        request.top_k,
        request.seed,
        request.stop_sequences,
        request.frequency_penalty,
        request.presence_penalty,
        request.choice_count,
        request.service_tier,
    )
    assert {
        "generationConfig": {"imageConfig": {"aspectRatio": "1:1"}},
        "safetySettings": [],
    } == request.extra


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"thinkingBudget": 0}, Reasoning(mode="disabled")),
        ({"thinking_budget": -1}, Reasoning(mode="adaptive")),
        (
            {"thinkingBudget": 512, "includeThoughts": True},
            Reasoning(mode="enabled", budget_tokens=512, summary="auto"),
        ),
        ({"thinkingLevel": "LOW"}, Reasoning(effort="low")),
        ({"new": 1}, Reasoning(extra={"new": 1})),
        ({}, None),
    ],
)
def test_how_much_a_model_thinks(read: Read, config: Json, expected: Reasoning | None) -> None:
    """A level or a budget, and whether its thoughts are told."""
    assert expected == read({"generationConfig": {"thinkingConfig": config}}).reasoning


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"responseMimeType": "text/plain"}, OutputFormat(type="text")),
        ({"response_mime_type": "application/json"}, OutputFormat(type="json_object")),
        (
            {"responseMimeType": "application/json", "response_json_schema": SCHEMA},
            OutputFormat(type="json_schema", schema=SCHEMA),
        ),
        (
            {"responseMimeType": "application/json", "responseSchema": {"type": "STRING"}},
            OutputFormat(type="json_schema", schema={"type": "string"}),
        ),
        ({"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING"}}, None),
        ({}, None),
    ],
)
def test_the_shape_of_an_answer(read: Read, config: Json, expected: OutputFormat | None) -> None:
    """A media type and one of two kinds of schema."""
    assert expected == read({"generationConfig": config}).output


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"contents": 1, "tools": 1, "systemInstruction": [], "generationConfig": 1},
        {"contents": [[]]},
    ],
)
def test_odd_requests_are_kept(read: Read, body: Any) -> None:
    """Nothing that a client sends is refused, and no key is lost."""
    request = read(body)
    kept = dict(body) if isinstance(body, dict) and body["contents"] == 1 else {}
    assert kept == request.extra


def test_deep_values_are_read(read: Read) -> None:
    """Nesting that no application has is no reason to fail."""
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    schema: Any = {"type": "STRING"}
    for _ in range(100):
        schema = {"type": "ARRAY", "items": schema}
    request = read(
        {
            "contents": [{"parts": [{"functionResponse": {"name": "f", "response": deep}}]}],
            "tools": [{"functionDeclarations": [{"name": "f", "parameters": schema}]}],
            "safetySettings": deep,
        }
    )
    (result,) = request.messages[0].parts
    assert isinstance(result, ToolCallResponsePart)
    assert (TextPart(content="a list"),) == result.response
    assert {"safetySettings": deep} == request.extra
