"""Which calls of a run are meant: `-k` as pytest has it, and paths of cassettes or node ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.replay.calls.call import Call

from .stored import StoredCall, StoredRun

__all__ = ["chosen", "node_id"]

_TOKEN = re.compile(r"\s*(?:([()])|([^\s()]+))")
_DEEPEST = 50

Matcher = Callable[[str], bool]


def node_id(call: Call) -> str:
    """The event and its target as pytest names them, from the root directory."""
    return f"{call.identity.cassette}::{call.identity.label}[{call.target}]"


def chosen(
    run: StoredRun,
    expression: str,
    paths: Sequence[Path],
    root: Path,
    *,
    every_sample: bool = False,
) -> list[StoredCall]:
    """The first answer of a target to each event that is meant, by cassette and event.

    Args:
        run: The run.
        expression: As `-k` takes it; empty for all.
        paths: Cassettes, folders or node ids; none for all.
        root: What names of cassettes begin at.
        every_sample: Whether all answers are meant, not the first alone.

    Raises:
        ConfigError: The expression cannot be read, or nothing is meant.
    """
    meant = _matcher(expression) if expression.strip() else lambda _: True
    found = [
        one
        for one in run.calls
        if one.call.purpose == "answer" and (every_sample or one.call.sample == 0)
        if meant(node_id(one.call)) and (not paths or _below(one.call, paths, root))
    ]
    if run.calls and all(one.call.purpose == "calibration" for one in run.calls):
        raise ConfigError(
            f"{run.header.id} has answers of --llm-calibrate alone, which stand for no target: "
            f"judge them again with --llm-rejudge {run.header.id} --llm-calibrate"
        )
    if not found:
        what = " ".join(filter(None, (f"-k {expression!r}" * bool(expression), *map(str, paths))))
        raise ConfigError(f"{run.header.id} has no call that fits {what or 'at all'}")
    return sorted(found, key=_place)


def _place(stored: StoredCall) -> tuple[str, str, str, int]:
    """What tells calls apart; a run has them in the order in which their answers came."""
    call = stored.call
    return call.identity.cassette, call.identity.label, call.target, call.sample


def _below(call: Call, paths: Sequence[Path], root: Path) -> bool:
    file = root / call.identity.cassette
    for path in paths:
        name, _, event = str(path).partition("::")
        if event:
            fits = file == Path(name) and event in {
                call.identity.label,
                f"{call.identity.label}[{call.target}]",
            }
        else:
            fits = file.is_relative_to(name)
        if fits:
            return True
    return False


def _matcher(expression: str) -> Matcher:
    tokens = [bracket or word for bracket, word in _TOKEN.findall(expression)]
    parser = _Parser(tokens, expression)
    matcher = parser.either()
    if parser.tokens:
        raise parser.wrong(f"unexpected {parser.tokens[0]!r}")
    return matcher


class _Parser:
    """Words with `and`, `or`, `not` and brackets; a word fits where it is part of the node id."""

    def __init__(self, tokens: list[str], expression: str) -> None:
        self.tokens = tokens
        self._expression = expression
        self._depth = 0

    def wrong(self, problem: str) -> ConfigError:
        return ConfigError(f"-k {self._expression!r}: {problem}")

    def either(self) -> Matcher:
        one = self._both()
        while self._takes("or"):
            one = _either(one, self._both())
        return one

    def _both(self) -> Matcher:
        one = self._operand()
        while self._takes("and"):
            one = _both(one, self._operand())
        return one

    def _operand(self) -> Matcher:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.wrong("too deep")
        try:
            return self._simple()
        finally:
            self._depth -= 1

    def _simple(self) -> Matcher:
        if self._takes("not"):
            return _not(self._operand())
        if self._takes("("):
            inner = self.either()
            if not self._takes(")"):
                raise self.wrong("a bracket is not closed")
            return inner
        if not self.tokens or self.tokens[0] in {"and", "or", ")"}:
            raise self.wrong("a word is missing")
        word = self.tokens.pop(0).lower()
        return lambda name: word in name.lower()

    def _takes(self, token: str) -> bool:
        if self.tokens[:1] == [token]:
            del self.tokens[0]
            return True
        return False


def _either(one: Matcher, other: Matcher) -> Matcher:
    return lambda name: one(name) or other(name)


def _both(one: Matcher, other: Matcher) -> Matcher:
    return lambda name: one(name) and other(name)


def _not(one: Matcher) -> Matcher:
    return lambda name: not one(name)
