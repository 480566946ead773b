"""Where the calls of a program go, and what is changed in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Self

from pytest_llmreplay.errors import ConfigError, LlmReplayError
from pytest_llmreplay.event import Event
from pytest_llmreplay.replay.overrides import Overrides
from pytest_llmreplay.replay.requests.spoken import spoken_api
from pytest_llmreplay.replay.targets.target import Target, TargetSettings, resolve
from pytest_llmreplay.replay.variants.variant import OwnVariant, Variant
from pytest_llmreplay.replay.variants.variants import Variants

from .asking import Asked
from .judging import Judging
from .overrides import ReplayOverrides

__all__ = ["Destination"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The target of an engine, from which a call may be led away by its overrides."""

    target: Target
    settings: TargetSettings
    variants: Mapping[str, OwnVariant]

    @classmethod
    def of(cls, target: str, settings: TargetSettings, variants: Mapping[str, OwnVariant]) -> Self:
        """The target that a name means.

        Raises:
            UnknownTarget: No target, provider or simulated model has this name.
        """
        return cls(target=resolve(target, settings), settings=settings, variants=variants)

    def elsewhere(self, target: str, base_url: str | None) -> Self:
        """Another target, by the same settings but for its endpoint.

        Raises:
            UnknownTarget: No target, provider or simulated model has this name.
        """
        settings = replace(self.settings, base_url=base_url)
        return replace(self, target=resolve(target, settings), settings=settings)

    def asked(self, event: Event, overrides: ReplayOverrides | None, judging: Judging) -> Asked:
        """One call, with what is wrong with it, if anything is."""
        problem, target, changed = None, self.target, Overrides()
        asked, api = event, event.api
        try:
            target, changed = self.of_call(overrides)
            asked = event if overrides is None else overrides.asked(event)
            model = changed.model or target.model_for(asked) or ""
            api = spoken_api(target, asked.provider, asked.api, model)
            judging.checks_of(event)  # nobody pays for an answer that cannot be judged
        except LlmReplayError as error:
            problem = error
        return Asked(
            original=event,
            event=asked,
            target=target,
            overrides=changed,
            api=api,
            problem=problem,
        )

    def of_call(self, overrides: ReplayOverrides | None) -> tuple[Target, Overrides]:
        """The target of a call, and what is changed in its body.

        Raises:
            ConfigError: The overrides name an unknown target or variant, or change what is not
                sent at all.
        """
        if overrides is None:
            return self.target, Overrides()
        target, model = self.target, overrides.target
        if model is not None and (self._has_no_address or self._takes(overrides.provider)):
            target, model = resolve(model, self.settings), None
        if target.kind == "recorded" and overrides != ReplayOverrides():
            raise ConfigError(
                "nothing is sent to 'recorded', so nothing can be changed in it; name a target "
                "(same is the recorded model)"
            )
        target = target.varied(self._variant(overrides.variant))
        return target, Overrides(model=model, set=overrides.parameters or {})

    def _variant(self, name: str | None) -> Variant | None:
        if name is None:
            return None
        variants = Variants(self.settings.config, self.variants)
        if name not in variants.names:
            near = get_close_matches(name, variants.names, n=3, cutoff=0.5) or variants.names
            known = f"; there is {', '.join(near)}" if near else ""
            raise ConfigError(f"no variant {name!r} in {self.settings.config.path}{known}")
        return variants.chosen([name])[0]

    def _takes(self, provider: str | None) -> bool:
        """Whether a provider's name tells how to speak to the base URL, not where to go."""
        return provider is not None and self.settings.base_url is not None

    @property
    def _has_no_address(self) -> bool:
        """Whether another model may well be somewhere else."""
        own = self.target.base_url is not None or self.target.name in self.settings.config.targets
        return self.target.live and not own
