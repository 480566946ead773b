"""How many tokens a text is, without asking anybody: counted where that is possible, else guessed.

tiktoken knows the encodings of OpenAI's older models. It loads one from the network when it is not
in its cache, so it is asked only for those that are: this package never downloads anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Literal

from pytest_llmreplay.compare.answers.content import calls_of, is_possible, texts_of
from pytest_llmreplay.event import (
    BlobPart,
    FilePart,
    Json,
    Measured,
    Part,
    Request,
    Response,
    ToolCallPart,
    ToolCallResponsePart,
    UriPart,
    Usage,
)

__all__ = ["Source", "count_tokens", "recorded_usage", "tokens_of_request", "tokens_of_response"]

Source = Literal["usage", "tiktoken", "estimate"]
"""Who counted.

* usage: the provider.
* tiktoken: OpenAI's tokenizer, on this machine.
* estimate: a character is taken for a quarter of a token, which is about right for English.
"""

_CHARACTERS = 4
_PER_MESSAGE = 4
"""What roles and separators take."""
_PER_MEDIUM = 1500
"""About what a large picture takes; each provider counts in its own way."""
_PIECE = 50_000
"""Characters that tiktoken is given at once: a million blanks are a panic in its Rust."""

_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_SHA256 = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}
"""Of the files: https://github.com/openai/tiktoken/blob/0.12.0/tiktoken_ext/openai_public.py."""


def recorded_usage(measured: Measured) -> Usage:
    """The tokens of a recorded call; a file may say what no call ever took, which is unknown."""
    counts = (measured.input_tokens, measured.output_tokens)
    read, wrote = (count if is_possible(count) else None for count in counts)
    return Usage(input_tokens=read, output_tokens=wrote)


def tokens_of_request(request: Request, model: str | None) -> tuple[int, Source]:
    """What a model reads, and who counted."""
    parts = [*request.system_instructions]
    parts += [part for message in request.messages for part in message.parts]
    shapes: list[Json] = [[tool.name, tool.description, tool.parameters] for tool in request.tools]
    shapes += [request.output_schema] if request.output_schema is not None else []
    counted, source = count_tokens("\n".join([*_words(parts), *map(_json, shapes)]), model)
    media = sum(isinstance(part, BlobPart | FilePart | UriPart) for part in parts)
    return counted + _PER_MESSAGE * len(request.messages) + _PER_MEDIUM * media, source


def tokens_of_response(response: Response, model: str | None) -> tuple[int, Source]:
    """What a model wrote, as far as it can be seen, and who counted."""
    calls = (f"{call.name}{_json(call.arguments)}" for call in calls_of(response))
    return count_tokens("\n".join([*texts_of(response), *calls]), model)


def _words(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, ToolCallPart):
            yield f"{part.name}{_json(part.arguments)}"
        elif isinstance(part, ToolCallResponsePart):
            yield from _words(part.response)
        elif not isinstance(part, BlobPart | FilePart | UriPart):
            yield getattr(part, "content", None) or ""


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def count_tokens(text: str, model: str | None) -> tuple[int, Source]:
    """The tokens of a text, and who counted them."""
    counter = _counter(model or "")
    if counter is not None:
        return counter(text), "tiktoken"
    return -(-len(text) // _CHARACTERS), "estimate"


@cache
def _counter(model: str) -> Callable[[str], int] | None:
    import tiktoken  # noqa: PLC0415 - paid by who counts

    try:
        name = tiktoken.encoding_name_for_model(model)
    except KeyError:
        return None
    if not _is_cached(name):
        return None
    encoding = tiktoken.get_encoding(name)

    def counted(text: str) -> int:
        pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
        return sum(len(encoding.encode_ordinary(piece)) for piece in pieces)

    return counted


def _is_cached(encoding: str) -> bool:
    """Whether tiktoken finds a whole file; it would remove a damaged one, and load it anew."""
    directory, known = _cache_directory(), _SHA256.get(encoding)
    if not directory or known is None:
        return False
    name = hashlib.sha1(_ADDRESS.format(encoding).encode(), usedforsecurity=False).hexdigest()
    try:
        data = (Path(directory) / name).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() == known


def _cache_directory() -> str:
    """Where tiktoken looks: https://github.com/openai/tiktoken/blob/0.12.0/tiktoken/load.py."""
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if variable in os.environ:
            return os.environ[variable]
    return str(Path(tempfile.gettempdir()) / "data-gym-cache")
