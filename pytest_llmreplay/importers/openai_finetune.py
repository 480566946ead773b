"""Training files of OpenAI's fine-tuning: each turn of the assistant becomes a call.

The lines, supervised and of preferences: https://platform.openai.com/docs/guides/fine-tuning
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pytest_llmreplay.cassette.json_dump import ascii_json
from pytest_llmreplay.event import Exchange, HttpRequest, Json, JsonBody, Session
from pytest_llmreplay.importers.reading.files import InputFile
from pytest_llmreplay.importers.records.listed import records
from pytest_llmreplay.providers.fields import Fields, as_objects

from .calls import answered, call_of
from .shown import url_for
from .source import Found, Place, Rejected

__all__ = ["OPENAI_FINETUNE"]

_API: Final = "chat_completions"
_WEIGHT: Final = "weight"
"""Said about a message for the training alone."""
_FEW: Final = 20
_MOST_REPEATED: Final = 1024**3
"""Bytes that all turns of one line may take, each with all that was said before."""
_Answer: TypeAlias = tuple[int, dict[str, Json]]
"""How many messages come before, and what the assistant said then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpenAiFinetune:
    name: str = "openai-finetune"
    help: str = "Training files of OpenAI's fine-tuning: one call for each turn of the assistant."
    personal: bool = True
    endings: tuple[str, ...] = (".jsonl",)

    def read(self, files: Sequence[InputFile]) -> Iterator[Found]:
        for file in files:
            for found in records(file):
                yield from [found] if isinstance(found, Rejected) else _calls(*found)


OPENAI_FINETUNE: Final = _OpenAiFinetune()


def _calls(place: Place, line: dict[str, Json]) -> Iterator[Found]:
    asked = Fields(line["input"]).rest if "input" in line else line
    messages = _messages(asked)
    answers = _preferred(line, messages) if "input" in line else _answers(messages)
    problem = _problem(answers, messages)
    if problem is not None:
        yield Rejected(place=place, reason=problem)
        return
    rest = {key: value for key, value in asked.items() if key != "messages"}
    session = Session(id=f"{place.path.name}-{place.at}") if len(answers) > 1 else None
    for before, answer in answers:
        yield call_of(
            place,
            _exchange(messages[:before], rest, answer),
            origin="reconstructed",
            provider="openai",
            session=session,
        )


def _messages(asked: Mapping[str, Json]) -> list[dict[str, Json]]:
    return as_objects(asked.get("messages"))


def _answers(messages: Sequence[dict[str, Json]]) -> list[_Answer]:
    """Each answer that is trained on: those of weight 0 are history only."""
    return [
        (place, message)
        for place, message in enumerate(messages)
        if place and message.get("role") == "assistant" and message.get(_WEIGHT) != 0
    ]


def _preferred(line: Mapping[str, Json], messages: Sequence[Json]) -> list[_Answer]:
    preferred = line.get("preferred_output")
    answer = preferred[0] if isinstance(preferred, list) and preferred else None
    return [(len(messages), answer)] if messages and isinstance(answer, dict) else []


def _problem(answers: Sequence[_Answer], messages: list[dict[str, Json]]) -> str | None:
    if not answers:
        return "no message of the assistant to compare with"
    if len(answers) > _FEW and len(answers) * len(ascii_json([*messages])) > _MOST_REPEATED:
        return f"its {len(answers):,} turns, each with all before, would take more than 1 GB"
    return None


def _exchange(
    messages: Sequence[dict[str, Json]], rest: Mapping[str, Json], answer: dict[str, Json]
) -> Exchange:
    body: dict[str, Json] = {"messages": [_sent(message) for message in messages], **rest}
    choice: Json = {
        "index": 0,
        "message": {"content": None, **_sent(answer)},
        "finish_reason": "tool_calls" if answer.get("tool_calls") else "stop",
    }
    completion: Json = {"object": "chat.completion", "choices": [choice]}
    return Exchange(
        request=HttpRequest(
            method="POST",
            url=url_for("openai", _API, body),
            headers={"content-type": "application/json"},
            body=JsonBody(value=body),
        ),
        response=answered(JsonBody(value=completion)),
    )


def _sent(message: dict[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in message.items() if key != _WEIGHT}
