"""What a call costs: as the provider reports it, else by a list of prices, else unknown.

The list is the one that the installed genai-prices carries. It stands in a snapshot of our own,
so that an application which updates the process-wide one does not move our figures.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit

from pytest_llmreplay.compare.answers.content import counted, tokens_of
from pytest_llmreplay.event import Event, Usage
from pytest_llmreplay.providers.endpoints.literal_hosts import is_this_machine

if TYPE_CHECKING:
    from genai_prices import Usage as GenaiUsage
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, Provider

__all__ = ["LOCAL", "cost", "price", "price_data", "unpriced"]

LOCAL = frozenset({"ollama", "vllm", "llamacpp", "lmstudio", "simulated"})
"""Providers on somebody's own machine; nobody lists a price for them."""

_LISTED_AS = {"xai": "x-ai", "gemini": "google"}


def cost(event: Event) -> float | None:
    """USD of one call; none is unpriced, which is not free."""
    if event.usage.cost is not None:
        return event.usage.cost
    if _is_local(event):
        return None
    usage = _usage_of(event)
    tier = event.response.extra.get("service_tier")
    models = (event.response.model, event.measured.model, event.model)
    for model in dict.fromkeys(models):
        if model and (found := price(event.provider, model, usage, tier=_tier(tier))) is not None:
            return found
    return None


def price(
    provider: str, model: str, usage: Usage, *, tier: Literal["flex", "priority"] | None = None
) -> float | None:
    """USD of some tokens at list price; none where no price is listed or the usage is unknown."""
    if usage.input_tokens is None or usage.output_tokens is None or provider in LOCAL:
        return None
    counts = _Counts(
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_input_tokens,
        usage.cache_write_input_tokens,
    )
    return _price(provider, model, counts, tier)


class _Counts(NamedTuple):
    """Tokens that have a price, by the names of genai-prices."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int | None
    cache_write_tokens: int | None


@lru_cache(maxsize=4096)
def _price(
    provider: str, model: str, counts: _Counts, tier: Literal["flex", "priority"] | None
) -> float | None:
    """USD of token counts, cached: plan, recording and answer of an event often count alike."""
    if (listed := _listed(provider, model)) is None:
        return None
    owner, info = listed
    try:
        found = info.calc_price(
            _usage(counts),
            owner,
            genai_request_timestamp=_now(),
            price_context={"service_tier": tier} if tier else None,
        )
    except ValueError:
        return None  # the provider reported more cached tokens than tokens
    return float(found.total_price)


def unpriced(event: Event) -> str:
    """Why a call has no price, in words."""
    if _is_local(event):
        return "unpriced: a local server has no list price"
    usage = _usage_of(event)
    if usage.input_tokens is None or usage.output_tokens is None:
        return "unpriced: no usage is reported"
    model = event.response.model or event.model or "a model without a name"
    return f"unpriced: no list price for {event.provider}/{model}"


def price_data(own: Collection[bool] = ()) -> str:
    """Where the prices come from: `genai-prices 0.2.3`, `llmreplay.yaml`, or both.

    Args:
        own: For all that has a price, whether a person wrote it down.
    """
    listed = () if own and all(own) else (f"genai-prices {version('genai-prices')}",)
    return " and ".join([*listed, *["llmreplay.yaml"] * any(own)])


def _usage_of(event: Event) -> Usage:
    """The reported usage, else what was measured when the call was recorded."""
    usage = counted(event.response)
    if usage.input_tokens is not None and usage.output_tokens is not None:
        return usage
    read, written = tokens_of(event, "input_tokens"), tokens_of(event, "output_tokens")
    return Usage(input_tokens=read, output_tokens=written)


def _is_local(event: Event) -> bool:
    return event.provider in LOCAL or _is_loopback(event.exchange.request.url)


@lru_cache(maxsize=256)
def _is_loopback(url: str) -> bool:
    try:
        return is_this_machine(urlsplit(url).hostname or "")
    except ValueError:
        return False


def _tier(named: object) -> Literal["flex", "priority"] | None:
    if named == "flex":
        return "flex"
    return "priority" if named == "priority" else None


def _usage(counts: _Counts) -> GenaiUsage:
    from genai_prices import Usage as Counted  # noqa: PLC0415 - 0.3 s, paid by who asks for prices

    return Counted(**counts._asdict())


@cache
def _listed(provider: str, model: str) -> tuple[Provider, ModelInfo] | None:
    try:
        return _snapshot().find_provider_model(
            model, None, _LISTED_AS.get(provider, provider), None
        )
    except LookupError:
        return None


@cache
def _snapshot() -> DataSnapshot:
    from genai_prices.data import providers  # noqa: PLC0415 - 0.3 s, paid by who asks for prices
    from genai_prices.data_snapshot import DataSnapshot  # noqa: PLC0415 - as above

    return DataSnapshot(providers=providers, from_auto_update=False)


@cache
def _now() -> datetime:
    """One moment for all prices of a run, so that no comparison spans a change of the list."""
    return datetime.now(tz=UTC)
