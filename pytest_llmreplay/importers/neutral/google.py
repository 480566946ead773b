"""Calls as Google's own SDK tells them: arguments and results of functions, no bodies.

https://googleapis.github.io/python-genai/genai.html#genai.types.GenerateContentConfig
"""

from __future__ import annotations

from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.google_format import OPAQUE, Names, camel, normalised

__all__ = ["google_answer", "google_body", "without_nulls"]

_BESIDE = frozenset({"cachedContent", "labels", "safetySettings", "toolConfig", "tools"})
"""What of a config stands in a body beside its parameters of generating."""
_LOCAL = frozenset(
    {"automaticFunctionCalling", "httpOptions", "shouldReturnHttpResponse", "systemInstruction"}
)
"""What of it is not sent so."""
_ABOVE = {"usageMetadata", "modelVersion", "responseId"}
"""What of an answer stands beside its candidates."""


def google_body(request: dict[str, Json]) -> dict[str, Json]:
    """The body of a request, whose config is taken apart as the SDK does."""
    apart = {"config", "contents", "model"}  # the path names the model
    rest = {key: value for key, value in request.items() if key not in apart}
    body: dict[str, Json] = {**rest, "contents": _contents(request.get("contents"))}
    config = Names(request.get("config")).rest
    if "systemInstruction" in config:
        body["systemInstruction"] = _content(config["systemInstruction"])
    body |= {key: value for key, value in config.items() if key in _BESIDE and value}
    parameters: dict[str, Json] = {
        key: value
        for key, value in config.items()
        if key not in _BESIDE | _LOCAL and value is not None
    }
    if parameters:
        body["generationConfig"] = parameters
    return {camel(key): normalised(without_nulls(value)) for key, value in body.items()}


def without_nulls(value: Json) -> Json:
    """The value without what was not given, as Google's SDK tells every name that there is."""
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    given = {key: held for key, held in value.items() if held is not None}
    return {
        key: held if camel(key) in OPAQUE else without_nulls(held) for key, held in given.items()
    }


def google_answer(answer: dict[str, Json]) -> dict[str, Json] | None:
    """The body of an answer of which only the candidate was kept, if it is one, as ADK does."""
    match answer:
        case {"content": {"parts": list()}}:
            named = {camel(key): value for key, value in answer.items()}
            above = {key: named.pop(key) for key in _ABOVE & named.keys()}
            return {"candidates": [named], **above}
        case _:
            return None


def _contents(contents: Json) -> list[Json]:
    """Turns; words alone are those of the user."""
    return [_content(one) for one in (contents if isinstance(contents, list) else [contents])]


def _content(content: Json) -> Json:
    if isinstance(content, str):
        return {"role": "user", "parts": [{"text": content}]}
    if isinstance(content, dict) and "parts" not in content:
        return {"role": "user", "parts": [content]}
    return content
