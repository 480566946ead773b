"""A run of LangSmith, and the call of a model that it is where its type is `llm`.

https://docs.langchain.com/langsmith/run-data-format
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pytest_llmreplay.event import Json, Measured, Session, Usage
from pytest_llmreplay.importers.neutral.answered import answered_of
from pytest_llmreplay.importers.neutral.asked import asked_of
from pytest_llmreplay.importers.neutral.call import (
    Answered,
    Asked,
    LoggedCall,
    NoCall,
    Shaped,
    Unimportable,
)
from pytest_llmreplay.importers.neutral.facts import SESSIONS, labels_of, session_of
from pytest_llmreplay.importers.neutral.failed import failed_with
from pytest_llmreplay.importers.neutral.langchain import answer_facts, is_langchain
from pytest_llmreplay.importers.neutral.offered import with_tools
from pytest_llmreplay.importers.neutral.parameters import parameters_of
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_between
from pytest_llmreplay.providers.fields import as_int, as_list, as_object, as_text

__all__ = ["call_of"]

_NOTES = frozenset(
    {
        *("model", "model_name", "usage_metadata", "stream", "temperature", "stop"),
        *("max_tokens", "streaming", "max_retries", "revision_id"),
    }
)
_TOLD = ("ls_", "lc_", "_", "LANGSMITH_", "LANGCHAIN_")
"""How names begin that the SDKs add; they put their environment into the metadata too."""


def call_of(record: dict[str, Json]) -> LoggedCall:
    """What a run of LangSmith tells of the call that it was.

    Raises:
        NoCall: It is a run of another type.
        Unimportable: It does not tell what was said.
    """
    kind = as_text(record.get("run_type"))
    if kind is not None and kind != "llm":
        raise NoCall("a run that is no call of a model")
    metadata = _metadata(record)
    start = moment_of(record.get("start_time"))
    first = moment_of(record.get("first_token_time")) or _first_token(record)
    return LoggedCall(
        id=as_text(record.get("id")),
        provider=as_text(metadata.get("ls_provider")),
        model=_model(record, metadata),
        api=_api(record),
        asked=_asked(record, metadata),
        answered=_answered(record),
        streamed=first is not None,
        usage=_usage(record, metadata),
        measured=Measured(
            at=at_of(start),
            duration=seconds_between(start, moment_of(record.get("end_time"))),
            time_to_first_chunk=seconds_between(start, first),
        ),
        session=_session(record, metadata),
        prompt=as_text(metadata.get("lc_hub_repo")) or as_text(metadata.get("prompt_name")),
        labels=_labels(record, metadata),
    )


def _first_token(record: Mapping[str, Json]) -> datetime | None:
    """When the first piece came, in a run as the SDK sent it."""
    named = (as_object(event) for event in as_list(record.get("events")))
    times = (event.get("time") for event in named if event.get("name") == "new_token")
    return moment_of(next(times, None))


def _metadata(record: Mapping[str, Json]) -> dict[str, Json]:
    return as_object(as_object(record.get("extra")).get("metadata"))


def _invocation(record: Mapping[str, Json], metadata: Mapping[str, Json]) -> dict[str, Json]:
    """Parameters of the call, as LangChain tells them, and as the wrappers of SDKs do."""
    parameters = as_object(as_object(record.get("extra")).get("invocation_params"))
    spelled = {
        "temperature": metadata.get("ls_temperature"),
        "max_tokens": metadata.get("ls_max_tokens"),
        "stop": metadata.get("ls_stop"),
        **as_object(metadata.get("ls_invocation_params")),
        **as_object(parameters.get("model_kwargs")),
        **{key: value for key, value in parameters.items() if value is not None},
    }
    if parameters.get("max_completion_tokens") is not None:
        spelled["max_tokens"] = None
    return spelled


def _asked(record: Mapping[str, Json], metadata: Mapping[str, Json]) -> Asked:
    inputs, invocation = as_object(record.get("inputs")), _invocation(record, metadata)
    if not inputs:
        raise Unimportable(_missing(record, "inputs"))
    parameters = parameters_of(invocation)
    if "model" in inputs:  # the wrapper of an SDK keeps the body itself
        own: dict[str, Json] = {key: given for key, given in inputs.items() if given is not None}
        return asked_of(own, {key: value for key, value in parameters.items() if key not in own})
    asked = asked_of(inputs, parameters)
    return with_tools(asked, invocation.get("tools"), invocation.get("tool_choice"))


def _answered(record: Mapping[str, Json]) -> Answered:
    error = as_text(record.get("error"))
    if error is not None:
        return failed_with(error)
    outputs = record.get("outputs")
    if not isinstance(outputs, dict) or not outputs:
        raise Unimportable(_missing(record, "outputs"))
    answered = answered_of(outputs)
    if isinstance(answered, Shaped):
        body = {key: value for key, value in answered.body.items() if key != "usage_metadata"}
        return Shaped(api=answered.api, body=body)
    return answered


def _missing(record: Mapping[str, Json], key: str) -> str:
    """Why a run lacks one side; the server keeps large ones apart, behind addresses that expire."""
    apart = f"{key}_s3_urls"
    return f"no {key}: put what is behind {apart} there" if record.get(apart) else f"no {key}"


def _api(record: Mapping[str, Json]) -> str | None:
    """The format, where a message of LangChain says that it was one of OpenAI's responses."""
    match record.get("outputs"):
        case {"generations": [[{"message": message}, *_], *_]} if is_langchain(message):
            of_response = (as_text(answer_facts(message).get("id")) or "").startswith("resp_")
            return "responses" if of_response else None
        case _:
            return None


def _model(record: Mapping[str, Json], metadata: Mapping[str, Json]) -> str | None:
    invocation = as_object(as_object(record.get("extra")).get("invocation_params"))
    found = [
        as_object(record.get("inputs")).get("model"),
        *(invocation.get(key) for key in ("model", "model_name", "model_id")),
        metadata.get("ls_model_name"),
    ]
    return next((name for name in map(as_text, found) if name), None)


def _usage(record: Mapping[str, Json], metadata: Mapping[str, Json]) -> Usage:
    """Counts of the answer, else those that the server made of them."""
    outputs = as_object(record.get("outputs"))
    counts = as_object(outputs.get("usage_metadata")) or as_object(metadata.get("usage_metadata"))
    read, written = (
        as_object(counts.get("input_token_details")),
        as_object(counts.get("output_token_details")),
    )
    return Usage(
        input_tokens=_either(counts.get("input_tokens"), record.get("prompt_tokens")),
        output_tokens=_either(counts.get("output_tokens"), record.get("completion_tokens")),
        cache_read_input_tokens=as_int(read.get("cache_read")),
        cache_write_input_tokens=as_int(read.get("cache_creation")),
        reasoning_output_tokens=as_int(written.get("reasoning")),
    )


def _either(count: Json, other: Json) -> int | None:
    found = as_int(count)
    return as_int(other) if found is None else found


def _session(record: Mapping[str, Json], metadata: Mapping[str, Json]) -> Session | None:
    """The thread; a trace that belongs to none stands for itself."""
    return session_of([*(metadata.get(key) for key in SESSIONS), record.get("trace_id")])


def _labels(record: Mapping[str, Json], metadata: Mapping[str, Json]) -> dict[str, str]:
    """The user's own metadata, and the tags."""
    own = {
        key: value
        for key, value in metadata.items()
        if not key.startswith(_TOLD) and key not in {*_NOTES, *SESSIONS}
    }
    return labels_of({"name": record.get("name"), "tags": record.get("tags"), **own})
