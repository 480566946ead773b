"""The same calls as vcrpy stores and plays them, to have a peer beside the figures."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import vcr
import yaml
from made_calls import ANSWER_HEADERS, URL, answer_of, request_of

__all__ = ["vcr_playing", "vcr_recording", "write_vcr_cassette"]

_REQUEST_HEADERS = {
    "accept": ["application/json"],
    "accept-encoding": ["gzip, deflate"],
    "connection": ["keep-alive"],
    "content-type": ["application/json"],
    "host": ["api.openai.com"],
    "user-agent": ["OpenAI/Python 3.52.0"],
}


def write_vcr_cassette(path: Path, events: int, *, size: int = 0) -> Path:
    """The cassette that vcrpy would have written of calls 1, 2, 3 and so on."""
    asked = partial(request_of, size=size) if size else request_of
    calls = [
        {
            "request": {
                "body": _text(asked(number)),
                "headers": _REQUEST_HEADERS,
                "method": "POST",
                "uri": URL,
            },
            "response": {
                "body": {"string": _text(answer_of(number))},
                "headers": {name: [value] for name, value in ANSWER_HEADERS.items()},
                "status": {"code": 200, "message": "OK"},
            },
        }
        for number in range(1, events + 1)
    ]
    with path.open("w", encoding="utf-8") as file:
        yaml.dump({"interactions": calls, "version": 1}, file, Dumper=yaml.CDumper)
    return path


def vcr_playing(path: Path) -> AbstractContextManager[Any]:
    """The cassette, open and offline; matched by method, URL and body."""
    opened: AbstractContextManager[Any] = vcr.use_cassette(
        str(path), record_mode="none", match_on=["method", "uri", "body"]
    )
    return opened


def vcr_recording(path: Path) -> AbstractContextManager[Any]:
    """A new cassette that takes every call."""
    opened: AbstractContextManager[Any] = vcr.use_cassette(str(path), record_mode="all")
    return opened


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
