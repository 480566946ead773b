"""`pytest-llmreplay diff`: what two recordings do not have in common."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from pytest_llmreplay.commands.recorded.pairing import Paired, paired
from pytest_llmreplay.commands.recorded.reading import Reading
from pytest_llmreplay.commands.recorded.sides import Side, named, sides_of
from pytest_llmreplay.event import Event, Json, JsonBody
from pytest_llmreplay.playback.misses.differences import differences
from pytest_llmreplay.report.calls.stored import said_in
from pytest_llmreplay.report.cassettes.event_diff import Change, DiffView, EventDiff, diff_lines
from pytest_llmreplay.report.text.sanitise import json_text

from .command import Command, Exit

__all__ = ["DIFF"]


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "a",
        metavar="A",
        help="A cassette, an event as FILE.yaml::0002, a directory of cassettes, or a session, by "
        "its id, name or path.",
    )
    parser.add_argument("b", metavar="B", help="What is held against it.")
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def _run(arguments: Namespace) -> Exit:
    reading = Reading()
    view = _view(arguments, *sides_of(arguments.a, arguments.b, reading))
    if arguments.json:
        print(json_text(_json(view)))
    else:
        print("\n".join(diff_lines(view, shutil.get_terminal_size().columns)))
    exit_code = reading.report_damage()
    return Exit.FINDING if view.changed or view.gone or view.new else exit_code


def _view(arguments: Namespace, before: Side, after: Side) -> DiffView:
    compared: list[EventDiff] = []
    gone: list[str] = []
    new: list[str] = []
    for group in dict.fromkeys([*before.groups, *after.groups]):
        found = _joined(group, before, after)
        compared += [
            EventDiff(
                before=named(before, group, then),
                after=named(after, group, now),
                request=tuple(_asked(then.event, now.event)),
                answer=tuple(_answered(then.event, now.event)),
                figures=(then.figures, now.figures),
            )
            for then, now in found.both
        ]
        gone += [named(before, group, one) for one in found.gone]
        new += [named(after, group, one) for one in found.new]
    changed = [one for one in compared if one.request or one.answer]
    return DiffView(
        before=arguments.a,
        after=arguments.b,
        same=len(compared) - len(changed),
        changed=changed,
        gone=gone,
        new=new,
    )


def _joined(group: str, before: Side, after: Side) -> Paired:
    then, now = (side.groups.get(group, list)() for side in (before, after))
    if before.kind == "event":  # whoever names two events wants them compared
        return Paired(both=[(then[0], now[0])], gone=(), new=())
    return paired(then, now)


def _asked(one: Event, other: Event) -> Iterator[Change]:
    for name, then, now in (
        ("provider", one.provider, other.provider),
        ("api", one.api, other.api),
        ("name", one.name, other.name),
    ):
        if then != now:
            yield Change(place=name, before=(then or "",), after=(now or "",))
    for found in differences(_body(one), _body(other)):
        place = f"body.{found.path}" if found.path else "body"
        yield Change(place=place, before=found.recorded, after=found.now)


def _body(event: Event) -> Json:
    body = event.exchange.request.body
    return body.value if isinstance(body, JsonBody) else None


def _answered(one: Event, other: Event) -> Iterator[Change]:
    then, now = (_lines(event) for event in (one, other))
    if then != now:
        yield Change(place="answer", before=then, after=now)
    ended, ends = one.response.finish_reason, other.response.finish_reason
    if ended != ends:
        yield Change(place="ended with", before=(ended or "",), after=(ends or "",))


def _lines(event: Event) -> tuple[str, ...]:
    error = event.response.error
    texts = [f"error: {error.message}"] if error is not None else said_in(event.response)
    return tuple(line for text in texts for line in text.split("\n"))


def _json(view: DiffView) -> dict[str, Json]:
    changed: list[Json] = [
        {
            "before": one.before,
            "after": one.after,
            "request": [_change(change) for change in one.request],
            "answer": [_change(change) for change in one.answer],
        }
        for one in view.changed
    ]
    gone: list[Json] = [*view.gone]
    new: list[Json] = [*view.new]
    fields: dict[str, Json] = {"before": view.before, "after": view.after, "same": view.same}
    return fields | {"changed": changed, "gone": gone, "new": new}


def _change(change: Change) -> dict[str, Json]:
    return {"place": change.place, "before": [*change.before], "after": [*change.after]}


DIFF = Command(
    name="diff",
    help="Tell what is new, gone and changed between two cassettes, events, sessions or "
    "directories.",
    add_arguments=_add_arguments,
    run=_run,
)
