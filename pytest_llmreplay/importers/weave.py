"""Calls of W&B Weave, as its API, its browser and its SDKs give them.

The fields: https://docs.wandb.ai/weave/guides/tracking/tracing
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_llmreplay.event import Json, Measured, Session, Usage
from pytest_llmreplay.importers.neutral.answered import answered_of
from pytest_llmreplay.importers.neutral.asked import asked_of
from pytest_llmreplay.importers.neutral.bodies import without_arguments_of_sdk
from pytest_llmreplay.importers.neutral.call import (
    Answered,
    LoggedCall,
    NoCall,
    Shaped,
    Unimportable,
)
from pytest_llmreplay.importers.neutral.decoding import from_text
from pytest_llmreplay.importers.neutral.facts import labels_of, session_of
from pytest_llmreplay.importers.neutral.failed import failed_with
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.halved import Half, HalfRecord, HalvedLog
from pytest_llmreplay.importers.records.listed import records
from pytest_llmreplay.importers.records.moments import at_of, moment_of, seconds_between
from pytest_llmreplay.providers.fields import Fields, as_object, as_text, first_int

from .source import Found, Place, Rejected

__all__ = ["WEAVE", "call_of"]

_OP = re.compile(r"(?:.*/op/)?([^:/]+)(?::.*)?\Z")
"""As `weave:///ENTITY/PROJECT/op/openai.chat.completions.create:DIGEST`."""
_NOTHING = re.compile(r"NOT_GIVEN|<.* object at 0x[0-9a-f]+>")
"""What stands for arguments that nobody gave."""
_OF_CLASS = frozenset({"_type", "_class_name", "_bases"})
_OF_WEAVE = ("_weave", "request_id", "time_to_first_token")
"""How names begin that Weave and SDKs add to bodies."""
_READ, _WRITTEN = ("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens")

_HOLDERS: Final = frozenset({"batch", "calls"})
_HALVES: Final[dict[str, Half]] = {"start": "beginning", "end": "end"}
"""How the halves of calls are called that SDKs send in two."""


def call_of(record: dict[str, Json]) -> LoggedCall:
    """What a call of Weave tells of the call of a model that it was.

    Raises:
        NoCall: It is none of a model.
        Unimportable: It does not tell what was said.
    """
    call, inputs = Fields(record), _body(record.get("inputs"))
    name = _OP.match(call.text("op_name") or "")
    if "op_name" not in record and "inputs" not in record:
        raise Unimportable("neither op_name nor inputs, which every call of Weave has")
    if not asks_a_model(record):
        raise NoCall("a call of something else than a model")
    start = moment_of(record.get("started_at"))
    streamed = inputs.get("stream") is True
    return LoggedCall(
        id=call.text("id"),
        provider=name[1].partition(".")[0] if name else None,
        model=as_text(inputs.get("model")),
        asked=asked_of(inputs, {}),
        answered=_answered(record),
        streamed=streamed,
        usage=_usage(record),
        measured=Measured(
            at=at_of(start),
            duration=seconds_between(start, moment_of(record.get("ended_at"))),
            time_to_first_chunk=Fields(record.get("output")).number("time_to_first_token")
            if streamed
            else None,
        ),
        session=_session(record),
        labels=labels_of({"op": name[1] if name else None, **_own(record)}),
    )


def _body(inputs: Json) -> dict[str, Json]:
    """The arguments of a call that are part of its body."""
    arguments = as_object(inputs)
    return {
        key: _plain(value)
        for key, value in without_arguments_of_sdk(arguments).items()
        if not key.startswith(_OF_WEAVE) and not _is_nothing(value)
    }


def _plain(value: Json) -> Json:
    """The value without the names of classes in it, of which Weave makes objects again."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    of_class = value.keys() >= {"_class_name", "_bases"}
    left_out = _OF_CLASS if of_class else frozenset()
    return {key: _plain(inner) for key, inner in value.items() if key not in left_out}


def _is_nothing(value: Json) -> bool:
    return value is None or (isinstance(value, str) and bool(_NOTHING.fullmatch(value)))


def asks_a_model(record: Mapping[str, Json]) -> bool:
    """Whether Weave says so; older versions say nothing, and a body tells it."""
    inputs = Fields(record.get("inputs")).rest
    given = {key for key, value in inputs.items() if not _is_nothing(value)}
    attributes = Fields(record.get("attributes"))
    kind = Fields(attributes.rest.get("weave")).text("kind")
    is_model = kind == "llm" or (kind is None and "model" in given)
    return is_model and bool(given & {"messages", "input", "contents", "prompt"})


def _answered(record: Mapping[str, Json]) -> Answered:
    if (exception := as_text(record.get("exception"))) is not None:
        failure = Fields(from_text(exception))
        return failed_with(failure.text("message") or exception, type=failure.text("type"))
    output = _plain(record.get("output"))
    if output in (None, "", {}):
        raise Unimportable("no output")
    answered = answered_of(output)
    if isinstance(answered, Shaped):
        body = answered.body.items()
        answer = {key: value for key, value in body if not key.startswith(_OF_WEAVE)}
        return Shaped(api=answered.api, body=answer)
    return answered


def _usage(record: Mapping[str, Json]) -> Usage:
    """What was counted for the model, where that is told beside the answer."""
    models = Fields(record.get("summary")).object("usage")
    used = next((counts for counts in models.values() if isinstance(counts, dict)), {})
    return Usage(input_tokens=first_int(used, _READ), output_tokens=first_int(used, _WRITTEN))


def _session(record: Mapping[str, Json]) -> Session | None:
    """The thread; a trace that belongs to none stands for itself."""
    return session_of([record.get("thread_id"), record.get("trace_id")])


def _own(record: Mapping[str, Json]) -> dict[str, Json]:
    """The user's own attributes."""
    attributes = Fields(record.get("attributes")).rest
    return {key: attributes[key] for key in attributes if key not in {"weave", "integration"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weave:
    name: str = "weave"
    help: str = "Calls of W&B Weave, as its API gives them, or as its SDKs send them."
    personal: bool = True
    endings: tuple[str, ...] = (".json", ".jsonl", ".ndjson")

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        """Every call of every file; those that were sent in two halves come last."""
        found = (one for file in files for one in records(file, _HOLDERS))
        yield from _CALLS.calls(
            one if isinstance(one, Rejected) else _half_record(*one) for one in found
        )


def _half_record(place: Place, record: dict[str, Json]) -> HalfRecord:
    """A call, or the half of one that was sent in two; in a batch it stands under `req`."""
    held = Fields(record).object("req") or record
    for name, half in _HALVES.items():
        if isinstance(inner := held.get(name), dict):
            return HalfRecord(place, inner, half)
    return HalfRecord(place, held)


def _needed(half: dict[str, Json]) -> dict[str, Json]:
    """What a half is kept for: of a beginning that asks no model, that it does not."""
    return half if "inputs" not in half or asks_a_model(half) else {"inputs": {}}


def _is_told(call: dict[str, Json]) -> bool:
    return "inputs" in call and bool(call.keys() & {"output", "exception"})


_CALLS: Final = HalvedLog(noun="call", call_of=call_of, needed=_needed, is_told=_is_told)
WEAVE: Final = _Weave()
