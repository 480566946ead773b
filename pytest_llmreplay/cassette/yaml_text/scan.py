"""What no cassette may hold, refused by line before a YAML parser sees the text.

30,000 opening brackets crash libyaml, a few hundred bytes of aliases stand for gigabytes, tags
name Python types, and a raw U+2028 ends a block scalar in the eyes of the parser but of nobody
else. The scan follows quotes, comments, block scalars and plain text over several lines, so that
`text: "a & b *c !d"` is only text. Where it loses its way in a broken document, the parser's own
refusal follows; reader.py refuses the same once more on the parser's events.
"""

from __future__ import annotations

import re

from pytest_llmreplay.errors import CassetteDamaged

from .characters import BREAKING

__all__ = [
    "CONFLICT",
    "CONFLICT_ADVICE",
    "LONGEST_KEY",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "PROPERTIES",
    "refuse_danger",
]

MAX_DEPTH = 200
MAX_LENGTH = 64 * 1024 * 1024
LONGEST_KEY = 1000
"""Characters; libyaml and PyYAML look 1,024 characters ahead for the colon of a key."""

PROPERTIES = {
    "&": "an anchor; write the value itself wherever it is needed",
    "*": "an alias; write the value itself, or put text that begins with * in quotes",
    "!": "a tag; remove it, or put text that begins with ! in quotes",
}
"""What YAML knows and a cassette does not, with the advice."""

CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: .*)?$|^={7}$", re.MULTILINE)
CONFLICT_ADVICE = (
    "a merge conflict was left in the file; take one side with `git checkout --ours FILE` "
    "or `git checkout --theirs FILE`"
)
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_BLANKS = re.compile(r" *")
_DOUBLE = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SINGLE = re.compile(r"'[^']*+(?:''[^']*+)*+'")
_COLON = re.compile(r"[ \t]*:(?=\s|\Z)", re.ASCII)
_PLAIN = re.compile(r"[^\n:#]*+(?:(?::(?!\s|\Z)|(?<![ \t])#)[^\n:#]*+)*+", re.ASCII)
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?:(?<=[ \t])#[^\n]*)?(?=\n|\Z)")
_MARKER = re.compile(r"(?:---|\.\.\.)(?=\s|\Z)", re.ASCII)
_FLOW_GAP = re.compile(r"(?:[\s,:]|\?(?=\s)|#[^\n]*)*+", re.ASCII)
_FLOW_PLAIN = re.compile(
    r"(?:[^\s,\[\]{}:]++|:(?![\s,\[\]{}]|\Z)|\s++(?![\s,\[\]{}#:])|\s++:(?![\s,\[\]{}]|\Z))++",
    re.ASCII,  # other blanks, as U+00A0, are part of a text
)


def refuse_danger(text: str) -> None:
    """Raise CassetteDamaged, with the line, if the document holds what no cassette may hold."""
    if len(text) > MAX_LENGTH:
        raise CassetteDamaged("the document is larger than 64 MiB; split the test, or record less")
    _refuse(CONFLICT, text, CONFLICT_ADVICE)
    _refuse(_DIRECTIVE, text, "YAML directives (%) have no place in a cassette; remove the line")
    if found := BREAKING.search(text):
        code = f"U+{ord(found[0]):04X}"
        advice = "write it as an escape in double quotes"
        raise CassetteDamaged(f"raw character {code}; {advice}", line=_line(text, found.start()))
    _Scan(text).run()


def _refuse(pattern: re.Pattern[str], text: str, problem: str) -> None:
    if found := pattern.search(text):
        raise CassetteDamaged(problem, line=_line(text, found.start()))


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


class _Scan:
    """One walk over a document, token by token."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.open: list[tuple[int, str]] = []
        """Column and kind (`-` or `:`) of the block collections around this place."""

    def run(self) -> None:
        while self.at < len(self.text):
            start = self.at
            self.at = self._end_of(_BLANKS)
            column = self.at - start
            if column == 0 and _MARKER.match(self.text, self.at):
                self.open.clear()
                self.at += 3
                self._skip_blanks()
                self._node(start)
            elif not self._is_empty_line():
                self._close(column)
                self._node(start)
            self._next_line()

    def _close(self, column: int) -> None:
        """Leave the collections that end before a line beginning in `column`."""
        while self.open and self.open[-1][0] > column:
            self.open.pop()
        if self.open and self.open[-1] == (column, "-") and not self._is_at("-"):
            self.open.pop()

    def _node(self, line_start: int) -> None:
        """Everything that begins on one line: dashes, keys, and the value after them."""
        while not self._is_empty_line():
            column = self.at - line_start
            if self._is_at("-") or self._is_at("?") or self._is_at(":"):
                self._enter(column, "-" if self.text[self.at] == "-" else ":")
                self.at += 1
            elif not self._value() or not (colon := _COLON.match(self.text, self.at)):
                return
            else:
                self._enter(column, ":")
                self.at = colon.end()
            self._skip_blanks()

    def _value(self) -> bool:
        """Walk over one value; whether it may be the key of a mapping."""
        first = self.text[self.at]
        if first in PROPERTIES:
            self._fail(PROPERTIES[first])
        if first in "|>" and (header := _BLOCK_HEADER.match(self.text, self.at)):
            self._block_scalar(header)
            return False
        if first in "\"'[{":
            line = self.text.find("\n", self.at)
            self._flow() if first in "[{" else self._quoted()
            return line < 0 or self.at <= line
        return self._plain()

    def _plain(self) -> bool:
        """Text without quotes; it goes on over lines further in than the collection around it."""
        self.at = max(self._end_of(_PLAIN), self.at + 1)
        if _COLON.match(self.text, self.at):
            return True
        around = self.open[-1][0] if self.open else -1
        while self.at < len(self.text) and self.text[self.at] == "\n":
            line = self._end_of(_BLANKS, self.at + 1)
            is_empty = self.text[line : line + 1] in {"\n", ""}
            if not is_empty and (line - self.at - 1 <= around or self.text[line] == "#"):
                break
            if line - self.at - 1 == 0 and _MARKER.match(self.text, line):
                break
            end = self.text.find("\n", line)
            self.at = len(self.text) if end < 0 else end
        return False

    def _block_scalar(self, header: re.Match[str]) -> None:
        """Walk over a literal or folded block: the lines further in than what is around it."""
        around = self.open[-1][0] if self.open else 0
        digits = [character for character in header[0][1:3] if character.isdigit()]
        inner = around + int(digits[0]) if digits else 0
        self.at = header.end()
        while self.at < len(self.text):
            line = self._end_of(_BLANKS, self.at + 1)
            column = line - self.at - 1
            if self.text[line : line + 1] not in {"\n", ""}:
                inner = inner or max(column, around + 1)
                if column < inner:
                    return
            end = self.text.find("\n", line)
            self.at = len(self.text) if end < 0 else end

    def _flow(self) -> None:
        """Walk over `[…]` or `{…}`, over as many lines as it takes."""
        depth = 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character in "[{]}":
                depth += 1 if character in "[{" else -1
                self.at += 1
                self._check_depth(depth)
                if depth == 0:
                    return
            elif character in PROPERTIES:
                self._fail(PROPERTIES[character])
            elif character in "\"'":
                self._quoted()
            else:
                self.at = max(self._end_of(_FLOW_PLAIN), self.at + 1)
            self.at = self._end_of(_FLOW_GAP)

    def _quoted(self) -> None:
        found = (_DOUBLE if self.text[self.at] == '"' else _SINGLE).match(self.text, self.at)
        self.at = found.end() if found else len(self.text)

    def _enter(self, column: int, kind: str) -> None:
        if not self.open or self.open[-1] != (column, kind):
            self.open.append((column, kind))
        self._check_depth(0)

    def _check_depth(self, flow: int) -> None:
        if len(self.open) + flow > MAX_DEPTH:
            self._fail(f"values are nested more than {MAX_DEPTH} deep; no real call is")

    def _is_at(self, indicator: str) -> bool:
        return self.text.startswith((f"{indicator} ", f"{indicator}\n"), self.at)

    def _is_empty_line(self) -> bool:
        return self.text[self.at : self.at + 1] in {"", "\n", "#"}

    def _skip_blanks(self) -> None:
        while self.text[self.at : self.at + 1] in {" ", "\t"}:
            self.at += 1

    def _next_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end + 1

    def _end_of(self, pattern: re.Pattern[str], at: int | None = None) -> int:
        found = pattern.match(self.text, self.at if at is None else at)
        return found.end() if found else self.at

    def _fail(self, problem: str) -> None:
        raise CassetteDamaged(problem, line=_line(self.text, self.at))
