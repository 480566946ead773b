"""What our own emitter writes above the body of an answer, read once for all that are alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from pytest_llmreplay.cassette.documents.wire import response_of
from pytest_llmreplay.cassette.streams.framing import Framing
from pytest_llmreplay.cassette.yaml_text.fast_scalar import NotCanonical
from pytest_llmreplay.cassette.yaml_text.fastread import read
from pytest_llmreplay.event import Ended, HttpResponse, Json

__all__ = ["USUAL", "AnswerHead", "head_of"]

USUAL = Framing()
"""Of an answer that says nothing of its framing."""

_SAID_BEFORE = frozenset(["status", "headers", "ended", "framing"])


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHead:
    """What is said of an answer before its body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    ended: Ended


@lru_cache(maxsize=256)
def head_of(lines: bytes) -> tuple[AnswerHead, Framing]:
    """What stands before the body, which many events have in common, and how it is wrapped.

    Raises:
        NotCanonical: It is not as our emitter writes.
        WrongField: A member is wrong.
    """
    value = read(lines.decode())
    if not isinstance(value, dict) or value.keys() != {"response"}:
        raise NotCanonical
    members = value["response"]
    if not isinstance(members, dict) or not members.keys() <= _SAID_BEFORE:
        raise NotCanonical
    response = response_of({key: value for key, value in members.items() if key != "framing"})
    if not isinstance(response, HttpResponse):
        raise NotCanonical
    head = AnswerHead(
        status=response.status, headers=tuple(response.headers.items()), ended=response.ended
    )
    return head, _framing(members.get("framing"))


def _framing(names: Json) -> Framing:
    try:
        return Framing.named([str(name) for name in names]) if isinstance(names, list) else USUAL
    except KeyError:
        raise NotCanonical from None
