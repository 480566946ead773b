"""What a replay can be sent to, by the names that `--llm-model` takes."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from pytest_llmreplay.compare.figures.own_price import Price
from pytest_llmreplay.errors import ConfigError, UnknownTarget
from pytest_llmreplay.event import Json
from pytest_llmreplay.providers.endpoints.lookup import provider_named, provider_of_model
from pytest_llmreplay.providers.endpoints.provider import Provider
from pytest_llmreplay.providers.endpoints.table import PROVIDERS
from pytest_llmreplay.replay.calls.endpoint import AuthStyle
from pytest_llmreplay.replay.calls.trust import BaseUrl
from pytest_llmreplay.replay.config.file import Config
from pytest_llmreplay.replay.config.target_entry import TargetEntry
from pytest_llmreplay.replay.selecting.selector import Described

if TYPE_CHECKING:
    from pytest_llmreplay.replay.variants.variant import Variant

__all__ = ["SIMULATED", "Kind", "Target", "TargetSettings", "matrix", "resolve", "resolve_all"]

Kind = Literal["recorded", "same", "live", "simulated"]
"""What a target is.

* recorded: the recording itself; nothing is sent.
* same: the recorded model, asked again.
* live: another model.
* simulated: the model server inside this package.
"""

SIMULATED = "simulated/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a replay goes."""

    name: str
    """As the user wrote it, with its variant behind: `gpt-5-mini-terse`."""
    kind: Kind
    provider: str | None = None
    """None: that of each recorded event."""
    model: str | None = None
    """None: the recorded one."""
    base_url: BaseUrl | None = None
    """None: the provider's own."""
    auth: AuthStyle | None = None
    """None: the provider's own."""
    api: str | None = None
    """The format it is to be asked in; none: the one that it speaks best for each event."""
    guessed: bool = False
    """Whether its provider follows from the name of its model alone."""
    parameters: Mapping[str, Json] = field(default_factory=dict)
    """Set in every request, below what `--llm-set` says."""
    price: Price | None = None
    """What a person wrote down as its price, before any list."""
    variant: Variant | None = None
    """What is changed in the requests that it gets."""

    @property
    def has_account(self) -> bool:
        """Whether a call may act with somebody's account: a server is asked, and not ours."""
        return self.kind not in {"recorded", "simulated"}

    @property
    def named(self) -> str:
        """As the user wrote it, whatever its variant."""
        return self.name.removesuffix(f"-{self.variant.name}") if self.variant else self.name

    def varied(self, variant: Variant | None) -> Target:
        """The target that gets the requests of a variant; itself, where there is none."""
        if variant is None:
            return self
        return replace(self, name=f"{self.name}-{variant.name}", variant=variant)

    def model_for(self, event: Described) -> str | None:
        """The model that it is asked for in the place of an event's."""
        changed = self.variant.edit_for(event).model if self.variant else None
        return changed or self.model or event.model

    @property
    def live(self) -> bool:
        """Whether calls to it cost money and time."""
        return self.kind in {"same", "live"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """What resolving a target depends on."""

    config: Config = field(default_factory=Config)
    base_url: str | None = None
    base_url_typed: bool = True
    """Whether a person typed `--llm-base-url` on this command line; else it is a proposal."""
    base_url_place: str = "--llm-base-url"
    """Where the base URL was typed, for messages."""
    simulated: Collection[str] = ()
    """Names behind `simulated/`."""
    asked_by: str = "--llm-model"
    """Who names the target, for messages."""


def resolve_all(texts: Iterable[str], settings: TargetSettings) -> tuple[Target, ...]:
    """The targets of a run: those named, `same` where there is only a base URL, else `recorded`.

    Raises:
        UnknownTarget: A name is none of a target, provider or simulated model.
    """
    named = tuple(dict.fromkeys(texts))
    default = ("same",) if settings.base_url else ("recorded",)
    return tuple(resolve(text, settings) for text in named or default)


def resolve(text: str, settings: TargetSettings) -> Target:
    """The target of a name as users type it.

    Raises:
        UnknownTarget: No target, provider or simulated model has this name.
    """
    base = _typed_base_url(settings)
    if text in settings.config.targets:
        return _of_config(text, settings.config.targets[text], base)
    if text == "recorded":
        return Target(name=text, kind="recorded")
    if text == "same":
        return Target(name=text, kind="same", base_url=base)
    if text.startswith(SIMULATED):
        return _simulated(text, settings)
    return _live(text, base, settings)


def matrix(targets: Sequence[Target], variants: Sequence[Variant | None]) -> tuple[Target, ...]:
    """Each target with each variant; nothing can be changed in what is sent nowhere.

    Raises:
        ConfigError: Two of them would have the same name.
    """
    found = [
        target.varied(variant)
        for target in targets
        for variant in (variants if target.kind != "recorded" else (None,))
    ]
    names = [target.name for target in found]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        raise ConfigError(
            f"--llm-variant: two targets would be called {twice!r}, with and without a variant; "
            "call the variant otherwise"
        )
    return tuple(found)


def _typed_base_url(settings: TargetSettings) -> BaseUrl | None:
    if settings.base_url is None:
        return None
    if settings.base_url_typed:
        return BaseUrl(url=settings.base_url, source="command line", place=settings.base_url_place)
    place = "--llm-base-url in addopts"
    return BaseUrl(url=settings.base_url, source="proposal", place=place)


def _of_config(name: str, entry: TargetEntry, base: BaseUrl | None) -> Target:
    return Target(
        name=name,
        kind="live" if entry.model else "same",
        provider=entry.provider or provider_of_model(entry.model or ""),
        model=entry.model,
        base_url=base or entry.base_url,
        auth=entry.auth,
        api=entry.api,
        guessed=entry.provider is None,
        parameters=entry.parameters,
        price=entry.price,
    )


def _simulated(text: str, settings: TargetSettings) -> Target:
    name = text.removeprefix(SIMULATED)
    if settings.simulated and name not in settings.simulated:
        raise _unknown(text, [SIMULATED + known for known in settings.simulated], settings)
    return Target(name=text, kind="simulated")


def _live(text: str, base: BaseUrl | None, settings: TargetSettings) -> Target:
    head, slash, rest = text.partition("/")
    provider = provider_named(head) if slash and rest else None
    if provider is not None:
        return Target(name=text, kind="live", provider=provider.name, model=rest, base_url=base)
    guessed = provider_of_model(text)
    if guessed is None:
        _refuse_slips(text, slash and base is None, settings)
    return Target(name=text, kind="live", provider=guessed, model=text, base_url=base, guessed=True)


def _refuse_slips(text: str, no_provider: object, settings: TargetSettings) -> None:
    """Refuse what is more likely a slip than the name of a model."""
    names = [*settings.config.targets, "recorded", "same", "simulated"]
    slip = difflib.get_close_matches(text, names, n=1, cutoff=0.8)
    if not text.strip() or text != text.strip() or no_provider or slip:
        known = [*names, *(f"{provider.name}/" for provider in _served())]
        raise _unknown(text, known, settings)


def _served() -> Iterable[Provider]:
    return (provider for provider in PROVIDERS if provider.base_urls)


def _unknown(text: str, known: list[str], settings: TargetSettings) -> UnknownTarget:
    head = text.partition("/")[0]
    if text in known:
        return UnknownTarget(f"{settings.asked_by}: {text!r} names no model; write {head}/MODEL")
    near = difflib.get_close_matches(text, known, n=3, cutoff=0.5)
    near += difflib.get_close_matches(f"{head}/", known, n=3, cutoff=0.7)
    nearest = f"; did you mean {' or '.join(map(repr, dict.fromkeys(near)))}?" if near else ""
    return UnknownTarget(
        f"{settings.asked_by}: no target {text!r}{nearest}\n"
        f"  A target is a model, PROVIDER/MODEL, or one of: {', '.join(known)}"
    )
