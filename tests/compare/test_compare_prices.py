"""What a call costs."""

from __future__ import annotations

import pytest
from compared_events import MakeEvent

from pytest_llmreplay.compare.figures.prices import cost, price, price_data, unpriced
from pytest_llmreplay.event import Measured, Usage


def test_the_providers_own_figure_comes_first(event: MakeEvent) -> None:
    """Whatever a price list says."""
    assert 0.5 == cost(event(cost=0.5))


def test_a_listed_model_is_priced_offline(event: MakeEvent) -> None:
    """Floats come out: a Decimal would end a run of pytest-xdist."""
    found = cost(event(None, tokens=(1_000_000, 0), model="gpt-4o-mini"))
    assert isinstance(found, float)
    assert 0.15 == pytest.approx(found)


def test_an_unknown_answering_model_is_priced_as_the_one_asked_for(event: MakeEvent) -> None:
    """Providers name dated versions that no list has yet."""
    known = cost(event(model="gpt-4o-mini"))
    assert known == cost(event(model="gpt-4o-mini", answered_by="gpt-next-2031-01-01"))


def test_cached_tokens_cost_less() -> None:
    """They are part of the input tokens."""
    whole = price("openai", "gpt-4o-mini", Usage(input_tokens=1000, output_tokens=0))
    cached = price(
        "openai",
        "gpt-4o-mini",
        Usage(input_tokens=1000, output_tokens=0, cache_read_input_tokens=1000),
    )
    assert whole is not None
    assert cached is not None
    assert cached < whole


def test_usage_that_contradicts_itself_has_no_price() -> None:
    """More cached tokens than tokens."""
    usage = Usage(input_tokens=1, output_tokens=1, cache_read_input_tokens=9)
    assert None is price("openai", "gpt-4o-mini", usage)


@pytest.mark.parametrize("provider", ["ollama", "vllm", "llamacpp", "lmstudio", "simulated"])
def test_a_local_model_has_no_price(event: MakeEvent, provider: str) -> None:
    """Unpriced is not free."""
    assert None is cost(event(provider=provider, model="gpt-4o-mini"))


def test_a_loopback_address_has_no_price(event: MakeEvent) -> None:
    """A server on this machine is nobody's list price, whatever it calls itself."""
    local = event(url="http://127.0.0.1:8080/v1/chat/completions", model="gpt-4o-mini")
    assert None is cost(local)
    assert "unpriced: a local server has no list price" == unpriced(local)


def test_the_reason_for_no_price_is_said(event: MakeEvent) -> None:
    """Which model, or that there is no usage."""
    assert "unpriced: no list price for openai/nobody-1" == unpriced(event(model="nobody-1"))
    silent = event(tokens=(None, None))
    assert "unpriced: no usage is reported" == unpriced(silent)
    assert None is cost(silent)


def test_a_service_tier_has_its_own_price(event: MakeEvent) -> None:
    """Where the answer names it."""
    whole = cost(event(model="gpt-5-mini", response={}))
    flex = cost(event(model="gpt-5-mini", response={"extra": {"service_tier": "flex"}}))
    priority = cost(event(model="gpt-5-mini", response={"extra": {"service_tier": "priority"}}))
    assert whole is not None
    assert flex is not None
    assert priority is not None
    assert flex < whole < priority


def test_a_url_that_is_none_is_not_local(event: MakeEvent) -> None:
    """Whatever stands in a cassette."""
    assert None is not cost(event(model="gpt-4o-mini", url="http://[broken"))


def test_measured_tokens_are_priced(event: MakeEvent) -> None:
    """A recording may have its tokens in `measured` alone."""
    measured = Measured(input_tokens=1_000_000, output_tokens=0)
    found = cost(event(None, model="gpt-4o-mini", tokens=(None, None), measured=measured))
    assert 0.15 == pytest.approx(found)


def test_the_price_list_has_a_version() -> None:
    """An estimate says what it rests on."""
    assert price_data().startswith("genai-prices ")
    assert price_data() == price_data({False})
    assert "llmreplay.yaml" == price_data({True})
    assert f"{price_data()} and llmreplay.yaml" == price_data({True, False})


@pytest.mark.parametrize(
    ("provider", "model"), [("xai", "grok-4"), ("gemini", "gemini-2.5-flash"), ("azure", "gpt-4o")]
)
def test_our_names_of_providers_are_found_in_the_list(provider: str, model: str) -> None:
    """The list spells some of them in another way."""
    assert None is not price(provider, model, Usage(input_tokens=1000, output_tokens=10))
