"""The simulated models: each is one function, and its docstring says how the model misbehaves.

A fault that finds nothing to spoil (no tool call to drop, no JSON to break) answers as recorded,
as does every fault where the recording is an error.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from pytest_llmreplay.errors import UnknownTarget
from pytest_llmreplay.event import (
    Json,
    RefusalPart,
    Request,
    Response,
    TextPart,
    ToolCallPart,
)
from pytest_llmreplay.loopback.reply import Reply

from .edit import at_length, one_changed, parsed, reworded_text, saying, with_text
from .take import Take

__all__ = ["FAULTS", "Fault", "fault_named", "steady"]

Fault = Callable[[Take], Reply]
"""Makes the answer to a call from the answer that a steady model would give."""

_SLOWER = 6
"""How many times slower the model `slow` is."""

_LONGER = 4
"""How many times more tokens the model `verbose` writes."""

_RETRY_AFTER = 20  # milliseconds


def steady(take: Take) -> Reply:
    """Answers exactly as recorded: the same bytes, and a stream in the same chunks."""
    return take.steady


def wording(take: Take) -> Reply:
    """Says the same in other words; tool calls, numbers, code and JSON keys stay."""
    return _edited(take, with_text(take.response, lambda text: reworded_text(text, take.dice)))


def tool_dropped(take: Take) -> Reply:
    """Leaves out one tool call, and talks instead where it was the only one."""
    parts, calls = take.response.parts, take.response.tool_calls
    if not calls:
        return take.steady
    dropped = take.dice.choose(calls)
    rest = [part for part in parts if part is not dropped]
    if len(calls) > 1:
        return _edited(take, saying(take.response, rest))
    promise = () if take.response.text else (TextPart(content="I will take care of that now."),)
    return _edited(take, saying(take.response, [*rest, *promise], ending="stop"))


def tool_changed(take: Take) -> Reply:
    """Calls the right tool with one argument wrong: another enum member, number, flag or text."""
    calls = [call for call in take.response.tool_calls if isinstance(call.arguments, dict)]
    if not calls:
        return take.steady
    wrong = take.dice.choose(calls)
    assert isinstance(wrong.arguments, dict)
    schema = _parameters(take.request, wrong.name)
    arguments = one_changed(wrong.arguments, schema, take.dice)
    if arguments == wrong.arguments:
        return take.steady
    return _edited(take, _with_call(take.response, wrong, arguments))


def broken_json(take: Take) -> Reply:
    """Loses the end of the arguments of a tool call, or of an answer that is JSON."""
    calls = take.response.tool_calls
    if calls:
        half = _first_half(calls[-1])
        return _edited(take, _with_call(take.response, calls[-1], half, raw=half))
    if parsed(take.response.text) is None:
        return take.steady
    return _edited(take, with_text(take.response, lambda text: text.rstrip()[:-1]))


def refusal(take: Take) -> Reply:
    """Refuses, with the provider's own sign of it."""
    words = "I'm sorry, but I can't help with that request."
    return _edited(take, saying(take.response, [RefusalPart(content=words)], ending="stop"))


def truncated(take: Take) -> Reply:
    """Stops in the middle because of the token limit."""
    response = take.response
    if response.text:
        half = TextPart(content=response.text[: len(response.text) // 2].rstrip())
        return _edited(take, saying(response, [half], ending="length"))
    if not response.tool_calls:
        return take.steady
    last = response.tool_calls[-1]
    cut = _with_call(response, last, _first_half(last), raw=_first_half(last))
    return _edited(take, saying(cut, cut.parts, ending="length"))


def verbose(take: Take) -> Reply:
    """Uses four times as many tokens: says all again and again, or thinks longer before a call."""
    longer = with_text(take.response, lambda text: at_length(text, _LONGER, take.dice))
    tokens = take.response.usage.output_tokens
    usage = replace(longer.usage, output_tokens=None if tokens is None else tokens * _LONGER)
    return _edited(take, replace(longer, usage=usage))


def slow(take: Take) -> Reply:
    """Answers as recorded, but takes six times as long to begin and to end."""
    first, total = take.pace
    return take.steady.paced(first=first * _SLOWER, total=total * _SLOWER)


def rate_limited(take: Take) -> Reply:
    """Asks for patience (429 with `retry-after-ms`) the first time, then answers as recorded."""
    if take.call.attempt > 1:
        return take.steady
    wait = ("retry-after-ms", str(_RETRY_AFTER))
    return take.error(429, "rate_limit_error", "Too many requests; try again shortly.", wait)


def failing(take: Take) -> Reply:
    """Answers every request with an error of the server (500)."""
    return take.error(500, "api_error", "The simulated model failed, as it always does.")


def disconnect(take: Take) -> Reply:
    """Cuts the connection in the middle of the answer."""
    reply = take.steady
    return replace(reply, cut=len(reply.body) // 2)


def drift(take: Take) -> Reply:
    """Mixes as a new version of a model does: mostly the same or other words, rarely a new deed.

    Of a hundred events three are refused, some forty are answered in other words, the rest as
    recorded; of a hundred with tool calls, some twenty get one of them changed. Which ones, the
    seed decides.
    """
    throw = take.dice.below(100)
    if throw < 3:  # noqa: PLR2004  # the shares that the docstring names
        return refusal(take)
    if throw < 25 and take.response.tool_calls:  # noqa: PLR2004  # as above
        return tool_changed(take)
    return wording(take) if throw < 40 else steady(take)  # noqa: PLR2004  # as above


FAULTS: Mapping[str, Fault] = {
    fault.__name__.replace("_", "-"): fault
    for fault in (
        steady,
        wording,
        tool_dropped,
        tool_changed,
        broken_json,
        refusal,
        truncated,
        verbose,
        slow,
        rate_limited,
        failing,
        disconnect,
        drift,
    )
}
"""All simulated models, by the name after `simulated/`."""


def fault_named(name: str) -> Fault:
    """The fault of a simulated model.

    Raises:
        UnknownTarget: No simulated model has this name.
    """
    if name in FAULTS:
        return FAULTS[name]
    near = difflib.get_close_matches(name, FAULTS, n=1)
    hint = f"; did you mean 'simulated/{near[0]}'?" if near else "."
    raise UnknownTarget(
        f"No simulated model is named {name!r}{hint} The simulated models are {', '.join(FAULTS)}."
    )


def _edited(take: Take, response: Response) -> Reply:
    unchanged = take.response.error is not None or response == take.response
    return take.steady if unchanged else take.encoded(response)


def _with_call(
    response: Response, call: ToolCallPart, arguments: Json, *, raw: str | None = None
) -> Response:
    other = replace(call, arguments=arguments, arguments_raw=raw)
    return saying(response, (other if part is call else part for part in response.parts))


def _first_half(call: ToolCallPart) -> str:
    whole = call.arguments_raw or json.dumps(call.arguments, ensure_ascii=False)
    return whole[: (len(whole) + 1) // 2]


def _parameters(request: Request, name: str) -> Json:
    return next((tool.parameters for tool in request.tools if tool.name == name), None)
