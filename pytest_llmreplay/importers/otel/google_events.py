"""Events of OpenTelemetry's instrumentation of Google's SDK, whose contents are Gemini's.

https://github.com/open-telemetry/opentelemetry-python-contrib (instrumentation-genai)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_llmreplay.event import Json
from pytest_llmreplay.importers.neutral.google import without_nulls
from pytest_llmreplay.providers.fields import Fields, as_text

from .otlp import Span

__all__ = ["google_asked", "google_choices"]

_OF_GOOGLE: Final = frozenset({"gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai", "gemini", "vertex_ai"})
_CHOICE: Final = "gen_ai.choice"
_CONFIG: Final = {
    "gen_ai.request.max_tokens": "max_output_tokens",
    "gen_ai.request.stop_sequences": "stop_sequences",
    "gen_ai.request.temperature": "temperature",
    "gen_ai.request.top_k": "top_k",
    "gen_ai.request.top_p": "top_p",
}


def google_asked(span: Span, attributes: Mapping[str, Json]) -> Json:
    """The arguments of the SDK, as events tell them; none where they are another's."""
    if not _answers(span, attributes):
        return None
    system = _contents(span, "gen_ai.system.message")
    config = {name: attributes[key] for key, name in _CONFIG.items() if key in attributes}
    return {
        "contents": _contents(span, "gen_ai.user.message"),
        "config": config | ({"system_instruction": system[0]} if system else {}),
    }


def google_choices(span: Span, attributes: Mapping[str, Json]) -> Json:
    """The body of the answer; of a stream, each event tells a piece of it."""
    answers = _answers(span, attributes)
    if answers and (as_text(attributes.get("code.function.name")) or "").endswith("_stream"):
        parts = [part for one in answers for part in Fields(one.get("content")).items("parts")]
        content: Json = {"role": "model", "parts": _joined(parts)}
        answers = [{**answers[-1], "content": content}]
    return {"candidates": [*answers]} if answers else None


def _answers(span: Span, attributes: Mapping[str, Json]) -> list[dict[str, Json]]:
    of_google = as_text(attributes.get("gen_ai.system")) in _OF_GOOGLE
    events = [event.attributes for event in span.events if event.name == _CHOICE]
    kept = ("content", "finish_reason")
    answers = [{key: one[key] for key in kept if key in one} for one in events]
    has_parts = any("parts" in Fields(one.get("content")).rest for one in answers)
    return answers if of_google and has_parts else []


def _contents(span: Span, name: str) -> list[Json]:
    contents = (event.attributes.get("content") for event in span.events if event.name == name)
    return [content for content in contents if content]


def _joined(parts: list[Json]) -> list[Json]:
    """The parts of a stream, whose words come in pieces."""
    whole: list[Json] = []
    for part in map(without_nulls, parts):
        words, before = _only_text(part), _only_text(whole[-1]) if whole else None
        if words is None or before is None:
            whole.append(part)
        else:
            whole[-1] = {"text": before + words}
    return whole


def _only_text(part: Json) -> str | None:
    """The words of a part that is nothing else, as a thought."""
    match part:
        case {"text": str(words), **more} if not more:
            return words
        case _:
            return None
