"""Tokens that no provider counted."""

from __future__ import annotations

import base64
import hashlib
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_llmreplay.compare import tokens
from pytest_llmreplay.compare.own_price import Price, amount_of, priced
from pytest_llmreplay.compare.tokens import count_tokens, tokens_of_request
from pytest_llmreplay.event import BlobPart, Json, Message, Request, Response, TextPart, Tool, Usage

O200K = "fb374d419588a4632f3f557e76b4b70aebbca790"


@pytest.fixture(autouse=True)
def cache_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """tiktoken's, empty; whoever opens a connection fails."""

    def refuse(*_: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    tokens._counter.cache_clear()
    yield tmp_path
    tokens._counter.cache_clear()


@pytest.mark.parametrize("model", ["gpt-5-mini", "claude-sonnet-4-6", "nobody-knows", "", None])
def test_without_a_tokenizer_a_character_is_a_quarter(model: str | None) -> None:
    """And nothing is downloaded, whatever the model."""
    assert (25, "estimate") == count_tokens("x" * 98, model)


@pytest.mark.parametrize("directory", ["", "/nowhere/at/all"])
def test_no_cache_is_no_reason_to_download(directory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where caching is switched off, tiktoken would load the file each time."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", directory)
    assert (1, "estimate") == count_tokens("four", "gpt-5-mini")


def test_a_damaged_file_stays_where_it_is(cache_directory: Path) -> None:
    """Tiktoken would remove it, and load it anew."""
    file = cache_directory / O200K
    file.write_bytes(b"IQ== 0\n")
    assert (1, "estimate") == count_tokens("four", "gpt-5-mini")
    assert b"IQ== 0\n" == file.read_bytes()


def test_a_tokenizer_on_this_machine_counts(
    cache_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only for the models that it knows; the file here stands for the real one of some MB."""
    import tiktoken_ext.openai_public as known  # noqa: PLC0415  # tiktoken reads it when it needs it

    data = b"".join(b"%s %d\n" % (base64.b64encode(bytes([byte])), byte) for byte in range(256))
    (cache_directory / O200K).write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    monkeypatch.setitem(tokens._SHA256, "o200k_base", digest)
    monkeypatch.setattr(known, "load_tiktoken_bpe", _loading_any(known.load_tiktoken_bpe))
    monkeypatch.setattr(sys.modules["tiktoken.registry"], "ENCODINGS", {})
    assert (4, "tiktoken") == count_tokens("four", "gpt-5-mini")
    assert (1, "estimate") == count_tokens("four", "claude-sonnet-4-6")


def _loading_any(load: object) -> object:
    return lambda address, expected_hash=None: load(address)  # type: ignore[operator]  # noqa: ARG005


def test_a_request_is_all_that_a_model_reads() -> None:
    """Instructions, messages, tools; a picture is guessed, not counted by its letters."""
    picture = BlobPart(modality="image", content="x" * 1_000_000, mime_type="image/png")
    request = Request(
        model="m",
        system_instructions=(TextPart(content="s" * 400),),
        messages=(Message(role="user", parts=(TextPart(content="u" * 400), picture)),),
        tools=(Tool(kind="function", name="t", description="d" * 400),),
    )
    counted, source = tokens_of_request(request, "m")
    assert "estimate" == source
    assert 300 + 1500 <= counted <= 300 + 1500 + 20


def test_a_price_that_is_written_down() -> None:
    """It counts where the provider told no cost, and says nothing of unknown tokens."""
    price = Price(input=2, output=10)
    usage = Usage(input_tokens=1_000_000, output_tokens=100_000)
    assert 3.0 == priced(Response(usage=usage), price).usage.cost
    told = Response(usage=Usage(input_tokens=1, output_tokens=1, cost=0.5))
    assert 0.5 == priced(told, price).usage.cost
    assert None is priced(Response(), price).usage.cost
    assert None is priced(Response(usage=usage), None).usage.cost


@pytest.mark.parametrize("value", [None, "3", True, -1, float("nan"), float("inf"), 10**400, []])
def test_what_is_no_amount_of_money(value: Json) -> None:
    """Whatever a file says."""
    assert None is amount_of(value)
