"""In which format a target is asked what an event asked in its own."""

from __future__ import annotations

from pytest_llmreplay.providers.conversion.convert import can_be_written
from pytest_llmreplay.providers.endpoints.cloud_formats import formats_of, is_cloud
from pytest_llmreplay.providers.endpoints.lookup import provider_named
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.providers.registry import format_of
from pytest_llmreplay.replay.targets.target import Target

__all__ = ["spoken_api", "spoken_apis"]

UNCONVERTED = frozenset({"completions", "embeddings", "other"})
"""Formats of calls that are no conversation."""


def spoken_api(target: Target, provider: str, api: str, model: str) -> str:
    """The API format in which nearly every such call is made: the first of `spoken_apis`."""
    return spoken_apis(target, provider, api, model)[0]


def spoken_apis(target: Target, provider: str, api: str, model: str) -> tuple[str, ...]:
    """The API formats in which a call can be made, the usual one first.

    A target that speaks the event's own format gets it as it was recorded; any other gets one of
    its provider's formats into which a request can be converted. A server of which nothing is
    known but its base URL is taken to speak the event's format.

    Args:
        target: Where the call goes.
        provider: Provider of the recorded event, where the target names none.
        api: API format of the recorded event.
        model: The model that is asked for; clouds serve one in this format, another in that.
    """
    if target.kind == "simulated" or api in UNCONVERTED:
        return (api,)
    if target.api is not None:
        return (target.api,)
    known = provider_named(target.provider or provider)
    spoken = () if known is None else formats_of(known, model)
    if known is None or not spoken or _takes(known, spoken, target, api):
        return (api,)
    first, *others = [name for name in spoken if _writable(name)] or [api]
    return (first, *(name for name in others if name not in known.imitated))


def _takes(provider: Provider, spoken: tuple[str, ...], target: Target, api: str) -> bool:
    """Whether the event's own format is right for a target."""
    elsewhere = target.base_url is not None and bool(target.base_url.url)
    if target.provider is None and (elsewhere or is_cloud(provider.name)):
        return True  # nobody said whose formats the server speaks, or it was asked in this one
    if api not in spoken:
        return False
    # Behind an address of the user's own, a Claude may well be served in another's format.
    unsaid = target.provider is None or (target.guessed and elsewhere)
    return unsaid or api not in provider.imitated


def _writable(api: str) -> bool:
    spoken = format_of(api)
    return spoken is not None and can_be_written(spoken)
