"""Whatever JSON stands in a log: it becomes a call, or it is told; nothing is raised."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from importers import (
    test_importers_braintrust,
    test_importers_helicone,
    test_importers_langfuse,
    test_importers_langsmith,
    test_importers_leanllm,
    test_importers_mlflow,
    test_importers_openllm_monitor,
    test_importers_opik,
    test_importers_otel_bodies,
    test_importers_weave,
    told_spans,
)
from importers.told_logs import event_of

from pytest_llmreplay.importers.braintrust import BRAINTRUST
from pytest_llmreplay.importers.helicone.source import HELICONE
from pytest_llmreplay.importers.langfuse import LANGFUSE
from pytest_llmreplay.importers.langsmith.run import call_of as langsmith_call
from pytest_llmreplay.importers.leanllm.event import call_of
from pytest_llmreplay.importers.mlflow.source import traced
from pytest_llmreplay.importers.neutral.call import LoggedCall
from pytest_llmreplay.importers.openllm_monitor import OPENLLM_MONITOR
from pytest_llmreplay.importers.opik import OPIK
from pytest_llmreplay.importers.otel.source import told_in
from pytest_llmreplay.importers.records.logs import found_call
from pytest_llmreplay.importers.source import Found, Imported, Place
from pytest_llmreplay.importers.weave import call_of as weave_call

WORDS = (
    *("role", "content", "messages", "parts", "type", "text", "tool_calls", "function", "name"),
    *("arguments", "id", "choices", "message", "user", "assistant", "tool_use", "input", "lc"),
    *("kwargs", "generations", "data", "$date", "$numberInt", "output", "prompt", "prompts"),
    *("message_content", "tool_call", "candidates", "stop_reason", "contents", "tools", "system"),
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
)
ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    LEAVES
    | st.sampled_from(
        [*WORDS, "[[", '{"role": 1}', '[{"role": "user"}]', "1e999", "0" * 9, 10**400]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)
PLACE = Place(Path("log"), 1)


def of(call: Callable[[Any], LoggedCall]) -> Callable[[dict[str, Any]], list[Found]]:
    """What a source finds in one record."""
    return lambda told: [found_call(PLACE, lambda: call(told))]


def plain(attributes: dict[str, Any], *events: tuple[str, Any]) -> dict[str, Any]:
    """A span whose values have no types, as a console prints it."""
    listed = [{"name": name, "attributes": held} for name, held in events]
    return {**told_spans.span({}), "attributes": attributes, "events": listed}


def piece(text: str) -> dict[str, Any]:
    """What Google's SDK tells of an answer."""
    return {"content": {"role": "model", "parts": [{"text": text, "thought": None}]}}


BEDROCK, USE = test_importers_otel_bodies.BEDROCK, test_importers_otel_bodies.USE
RESULT = test_importers_otel_bodies.RESULT
GEMINI = {
    "gen_ai.system": "gemini",
    "gen_ai.request.model": "gemini-2.5-flash",
    "code.function.name": "google.genai.Models.generate_content_stream",
}
SPANS: dict[str, dict[str, Any]] = {
    "otel converse": plain(
        BEDROCK,
        ("gen_ai.system.message", {"content": [{"text": "Be brief."}]}),
        ("gen_ai.assistant.message", {"content": [USE]}),
        ("gen_ai.tool.message", {"id": "t1", "content": [{"text": "sunny"}]}),
        ("gen_ai.user.message", {"content": [RESULT]}),
        ("gen_ai.choice", {"message": {"content": [{"text": "Sunny."}]}}),
    ),
    "otel gemini": plain(
        GEMINI,
        ("gen_ai.user.message", {"content": "Weather?"}),
        ("gen_ai.choice", piece("It is ")),
        ("gen_ai.choice", piece("sunny.")),
    ),
    "otel bodies": plain(
        {
            "openinference.span.kind": "LLM",
            "input.value": {"model": "m", "messages": [{"role": "user", "content": "Hi"}]},
            "output.value": {"choices": [{"message": {"content": "Yes."}}], "id": "1"},
        }
    ),
    "otel listed": plain(
        {
            "gen_ai.request.model": "m",
            "logfire.span_type": "span",
            "events": [
                {"event.name": "gen_ai.user.message", "content": "Hi"},
                {"event.name": "gen_ai.assistant.message", "content": "Yes."},
            ],
        }
    ),
}
TRACE = test_importers_mlflow.trace(
    {
        **test_importers_mlflow.span(events=[test_importers_mlflow.piece(0, {"content": "Yes."})]),
        "attributes": {
            "mlflow.spanType": "LLM",
            "mlflow.spanInputs": test_importers_mlflow.ASKED,
            "mlflow.spanOutputs": test_importers_mlflow.ANSWERED,
        },
    }
)
READERS: dict[str, tuple[Callable[[dict[str, Any]], list[Found]], dict[str, Any]]] = {
    "langsmith": (of(langsmith_call), test_importers_langsmith.langchain_run()),
    "langsmith wrappers": (of(langsmith_call), test_importers_langsmith.run()),
    "braintrust": (of(BRAINTRUST.call_of), test_importers_braintrust.span()),
    "langfuse": (of(LANGFUSE.call_of), test_importers_langfuse.observation()),
    "mlflow": (lambda told: list(traced(PLACE, told)), TRACE),
    "opik": (of(OPIK.call_of), test_importers_opik.span()),
    "weave": (of(weave_call), test_importers_weave.call()),
    "openllm-monitor": (of(OPENLLM_MONITOR.call_of), test_importers_openllm_monitor.log()),
    "helicone": (
        lambda told: [HELICONE.found(PLACE, told)],
        test_importers_helicone.record(),
    ),
    "leanllm": (of(call_of), test_importers_leanllm.row()),
    "otel document": (lambda told: list(told_in([(PLACE, told)])), told_spans.document()),
    "otel span": (lambda told: list(told_in([(PLACE, told)])), told_spans.span({})),
    **{name: (lambda told: list(told_in([(PLACE, told)])), span) for name, span in SPANS.items()},
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a value."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(place for key, held in inner for place in places(held, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with something else in a place."""
    if not path:
        return new
    key, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = replaced(copy[key], tuple(rest), new)
    return copy


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_json_in_any_place_is_imported_or_told(name: str, data: st.DataObject) -> None:
    """One to three places of a sound record hold something else."""
    read, told = READERS[name]
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from([place for place in places(told) if place]))
        told = replaced(told, path, data.draw(ANY_JSON))
    for found in read(told):
        if isinstance(found, Imported):
            event = event_of(found)
            assert event.request.model or found.origin == "wire"
            assert event.response.choices is not None


@settings(max_examples=40, deadline=None)
@given(messages=ANY_JSON, answer=ANY_JSON)
@pytest.mark.parametrize("spelling", ["gen_ai.input.messages", "gen_ai.prompt"])
def test_any_json_as_content_of_a_span_is_imported_or_told(
    spelling: str, messages: Any, answer: Any
) -> None:
    """Content of spans is JSON in texts, or structured."""
    attributes = {
        "gen_ai.request.model": "gpt-4o",
        spelling: messages,
        "gen_ai.output.messages": answer,
        "gen_ai.tool.definitions": answer,
        "gen_ai.system_instructions": messages,
        "gen_ai.response.finish_reasons": answer,
        "gen_ai.prompt.0": answer,
        "gen_ai.prompt.0.role": messages,
        "gen_ai.prompt.99999999999999999999.role": "user",
    }
    span = {**told_spans.span({}), "attributes": attributes}
    assert 1 == len(list(told_in([(PLACE, span)])))
