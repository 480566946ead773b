"""How the pieces of a stream are wrapped: what stands around the payload of each.

Nearly every server-sent event is `data: PAYLOAD` and an empty line, after `event: TYPE` exactly
when the payload is a JSON object with a text `type`, or `event_type`, as Gemini's interactions are.
A stream that is wrapped otherwise throughout says so by name, and so does one that is made of
frames of AWS (aws_lines.py).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .aws_lines import frame_of_line, is_line, line_of_frame

__all__ = ["LOOKED_AT", "Framing", "framing_of"]

LOOKED_AT = 32  # pieces of a stream; one style runs through all of it

_WRAPPED = re.compile(r"(event:[^\r\n]*\r?\n)?data:( ?)([^\r\n]*)(\r?\n)\4")
_LINE = re.compile(r"([\[{][^\r\n]*)(\r?\n)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """The style of one stream; all off is the usual one."""

    no_event: bool = False
    """No `event:` line, whatever the payload's `type`."""
    no_space: bool = False
    """No blank after the colon."""
    crlf: bool = False
    """Lines end in CR LF."""
    lines: bool = False
    """No server-sent events: one payload per line."""
    aws_frames: bool = False
    """Frames of an AWS event stream; the payload is the type of the event and its JSON."""

    @property
    def names(self) -> list[str]:
        """The words of `framing:` in a cassette."""
        return [name.replace("_", "-") for name in self.__slots__ if getattr(self, name)]

    @classmethod
    def named(cls, names: Iterable[str]) -> Framing:
        """The framing that the words stand for; KeyError for one that is not known."""
        known = {name.replace("_", "-"): name for name in cls.__slots__}
        return cls(**{known[name]: True for name in names})

    def wrap(self, payload: str) -> tuple[str, str]:
        """What stands before and after the payload."""
        end = "\r\n" if self.crlf else "\n"
        if self.aws_frames:
            return "", ""
        if self.lines:
            return "", end
        blank = "" if self.no_space else " "
        kind = None if self.no_event else _type(payload)
        event = "" if kind is None else f"event:{blank}{kind}{end}"
        return f"{event}data:{blank}", end + end

    def payload(self, text: str) -> str | None:
        """The payload of a piece, if the piece is wrapped in exactly this way."""
        if self.aws_frames:
            return text
        found = _LINE.fullmatch(text) if self.lines else _WRAPPED.fullmatch(text)
        if found is None:
            return None
        payload: str = found[1] if self.lines else found[3]
        before, after = self.wrap(payload)
        return payload if before + payload + after == text else None

    def text(self, data: bytes) -> str | None:
        """A piece of the wire as text; none where it is none, or no frame that a line can tell."""
        if self.aws_frames:
            return line_of_frame(data)
        try:
            return data.decode()
        except UnicodeDecodeError:
            return None

    def data(self, texts: str) -> list[bytes]:
        """The pieces of the wire that texts stand for, each of which is closed by a NUL."""
        if self.aws_frames:
            return [frame_of_line(text) for text in texts.split("\0")[:-1]]
        return texts.encode().split(b"\0")[:-1]

    def may_begin(self, rest: str) -> bool:
        """Whether a payload, and not texts or bytes, stands in a line after its time."""
        return is_line(rest) if self.aws_frames else rest[0] in "{["


def framing_of(data: Iterable[bytes]) -> Framing:
    """The style that most pieces of a stream have."""
    pieces = list(data)
    if any(line_of_frame(piece) for piece in pieces):
        return Framing(aws_frames=True)
    return _of_texts(text for piece in pieces if (text := Framing().text(piece)) is not None)


def _of_texts(pieces: Iterable[str]) -> Framing:
    styles = Counter(style for piece in pieces if (style := _style(piece)))
    return styles.most_common(1)[0][0] if styles else Framing()


def _style(piece: str) -> Framing | None:
    if found := _WRAPPED.fullmatch(piece):
        no_event = found[1] is None and _type(found[3]) is not None
        return Framing(no_event=no_event, no_space=not found[2], crlf=found[4] == "\r\n")
    if found := _LINE.fullmatch(piece):
        return Framing(lines=True, crlf=found[2] == "\r\n")
    return None


def _type(payload: str) -> str | None:
    """The `type` of a payload that is a JSON object, or its `event_type`, where it is text."""
    if 'type"' not in payload:
        return None
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    kind = value.get("type", value.get("event_type")) if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None
