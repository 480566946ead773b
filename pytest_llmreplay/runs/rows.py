"""Writes the line of one call in a run file: what was asked, and what came of it, as it came."""

from __future__ import annotations

import base64

from pytest_llmreplay.event import Attempt, Json
from pytest_llmreplay.replay.calls.call import Call
from pytest_llmreplay.replay.calls.outgoing import Outgoing
from pytest_llmreplay.replay.calls.result import CallFailed, Reply

__all__ = ["row_of"]


def row_of(call: Call, outcome: Reply | CallFailed) -> dict[str, Json]:
    """A call and what came of it, as JSON; secrets were taken out before."""
    row: dict[str, Json] = {"call": _call_value(call)}
    if isinstance(outcome, CallFailed):
        return row | {"failure": _failure_value(outcome)}
    if outcome.taken_from is not None:
        row["taken_from"] = outcome.taken_from
    return row | {"sent": _sent_value(outcome.outgoing), "reply": _reply_value(outcome)}


def _call_value(call: Call) -> dict[str, Json]:
    identity = call.identity
    session: dict[str, Json] = {} if call.session is None else {"session": call.session}
    return {
        "purpose": call.purpose,
        "cassette": identity.cassette,
        "key": identity.key,
        "occurrence": identity.occurrence,
        "label": identity.label,
        "target": call.target,
        "digest": call.digest,
        "sample": call.sample,
        **session,
    }


def _sent_value(sent: Outgoing) -> dict[str, Json]:
    return {
        "provider": sent.endpoint.provider,
        "url": sent.endpoint.base_url,
        "path": sent.path,
        "api": sent.api,
        "headers": dict(sent.headers),
        "body": dict(sent.body),
        "stream": sent.stream,
        "model": sent.model,
        "converted": sent.converted,
        "losses": list(sent.losses),
    }


def _reply_value(reply: Reply) -> dict[str, Json]:
    value: dict[str, Json] = {
        "status": reply.status,
        "headers": dict(reply.headers),
        "at": reply.at,
        "duration": round(reply.duration, 6),
        "first": _rounded(reply.time_to_first_chunk),
        "lag": round(reply.lag, 6),
        "pieces": [[round(chunk.at, 6), _data_value(chunk.data)] for chunk in reply.chunks],
    }
    return value | _attempts_value(reply.attempts)


def _data_value(data: bytes) -> Json:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _failure_value(failure: CallFailed) -> dict[str, Json]:
    return {
        "kind": failure.kind,
        "problem": failure.problem,
        "host": failure.host,
        "status": failure.status,
    } | _attempts_value(failure.attempts)


def _attempts_value(attempts: tuple[Attempt, ...]) -> dict[str, Json]:
    values: list[Json] = [[attempt.status, round(attempt.duration, 6)] for attempt in attempts]
    return {"attempts": values} if values else {}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
