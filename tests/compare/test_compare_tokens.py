"""Tokens that no provider counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.check import Held, NotMeasured, Pair
from pytest_llmreplay.compare.figures.own_price import Price, amount_of, priced
from pytest_llmreplay.compare.figures.prices import cost
from pytest_llmreplay.compare.figures.tokens import count_tokens, tokens_of_request
from pytest_llmreplay.compare.specs.parsing import parse_checks
from pytest_llmreplay.event import (
    BlobPart,
    Json,
    Message,
    OutputFormat,
    Request,
    Response,
    TextPart,
    Tool,
    Usage,
)

O200K = "fb374d419588a4632f3f557e76b4b70aebbca790"


pytestmark = pytest.mark.usefixtures("no_tokenizer")


@pytest.mark.parametrize("model", ["gpt-5-mini", "claude-sonnet-4-6", "nobody-knows", "", None])
def test_without_a_tokenizer_a_character_is_a_quarter(model: str | None) -> None:
    """And nothing is downloaded, whatever the model."""
    assert (25, "estimate") == count_tokens("x" * 98, model)


@pytest.mark.parametrize("directory", ["", "/nowhere/at/all"])
def test_no_cache_is_no_reason_to_download(directory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where caching is switched off, tiktoken would load the file each time."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", directory)
    assert (1, "estimate") == count_tokens("four", "gpt-5-mini")


def test_a_damaged_file_stays_where_it_is(no_tokenizer: Path) -> None:
    """Tiktoken would remove it, and load it anew."""
    file = no_tokenizer / O200K
    file.write_bytes(b"IQ== 0\n")
    assert (1, "estimate") == count_tokens("four", "gpt-5-mini")
    assert b"IQ== 0\n" == file.read_bytes()


@pytest.mark.usefixtures("tokenizer")
def test_a_tokenizer_on_this_machine_counts() -> None:
    """Only for the models that it knows; the file stands for the real one of some MB."""
    assert (4, "tiktoken") == count_tokens("four", "gpt-5-mini")
    assert (1, "estimate") == count_tokens("four", "claude-sonnet-4-6")


@pytest.mark.usefixtures("tokenizer")
def test_a_text_of_any_length_is_counted() -> None:
    """As a million blanks at once, tiktoken panics."""
    assert (1_000_000, "tiktoken") == count_tokens(" " * 1_000_000, "gpt-4o")


def test_a_request_is_all_that_a_model_reads() -> None:
    """Instructions, messages, tools, schemas; a picture is guessed, not counted by its letters."""
    picture = BlobPart(modality="image", content="x" * 1_000_000, mime_type="image/png")
    request = Request(
        model="m",
        system_instructions=(TextPart(content="s" * 400),),
        messages=(Message(role="user", parts=(TextPart(content="u" * 400), picture)),),
        tools=(Tool(kind="function", name="t", description="d" * 400),),
        output=OutputFormat(type="json_schema", schema={"type": "s" * 400}),
    )
    counted, source = tokens_of_request(request, "m")
    assert "estimate" == source
    assert 400 + 1500 <= counted <= 400 + 1500 + 30


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


@pytest.mark.parametrize("tokens", [(0, 20), (100, 0), (-5, 20), (100, -5), (100, 10**10)])
def test_a_count_that_no_call_can_have_keeps_no_budget(
    event: MakeEvent, tokens: tuple[int, int]
) -> None:
    """Servers that do not count write zero; that is neither cheap nor short."""
    wrong = min(tokens) if min(tokens) <= 0 else max(tokens)
    (check,) = parse_checks(["tokens<=2x"])
    found = check.judge(Pair(baseline=event(), replayed=event(tokens=tokens), live=True))
    assert isinstance(found, NotMeasured)
    assert f"the answer reports a usage that cannot be: {wrong:,} tokens" == found.reason
    assert None is cost(event(tokens=tokens))
    answer = priced(event(tokens=tokens).response, Price(input=2, output=10))
    assert None is answer.usage.cost


def test_an_empty_answer_has_no_tokens(event: MakeEvent) -> None:
    """There zero is a count."""
    (check,) = parse_checks(["output_tokens<=50"])
    empty = event("", tokens=(100, 0))
    assert isinstance(check.judge(Pair(baseline=event(), replayed=empty, live=True)), Held)
