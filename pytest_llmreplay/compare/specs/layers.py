"""Which checks are in force, and where each comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_llmreplay.compare.check import Check
from pytest_llmreplay.compare.syntax.surroundings import NOWHERE, Surroundings

from .parsing import parse_checks, parse_scoped
from .scoped import ScopedCheck
from .sets import DEFAULT

__all__ = ["InForce", "Layer", "base_layer", "in_force"]

_Specs = tuple[str, ...] | None

_NO_CHECKS = "no checks"
"""Is told of a place that asks for none, where others would fall back on a default."""
_JUDGED = re.compile(r"(?:^|:)judge>=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Checks that were asked for in one place."""

    source: str
    """`default`, `ini`, `config`, `addopts`, `command line`, `cassette header` or `event`."""
    specs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The checks of an event."""

    checks: tuple[Check, ...]
    sources: tuple[tuple[str, str], ...]
    """Each check as written, with the place that asked for it, or that asked for none."""
    dropped: tuple[tuple[str, str], ...] = ()
    """The same of those that `--llm-check-only` left out."""
    scoped: tuple[ScopedCheck, ...] = ()
    """Checks over the event's session or over the run."""

    @property
    def asks_judge(self) -> bool:
        """Whether a check needs a judge: of the event, its session or the run, gating or not."""
        return any(_JUDGED.search(spec) for spec, _ in self.sources)


def base_layer(*, command_line: _Specs, config: _Specs, ini: _Specs) -> Layer:
    """What stands below the checks of cassettes: the first of these that says anything."""
    sources = {"command line": command_line, "config": config, "ini": ini}
    found = (
        Layer(source=name, specs=specs) for name, specs in sources.items() if specs is not None
    )
    return next(found, Layer(source="default", specs=DEFAULT))


def in_force(
    layers: Sequence[Layer], *, only: bool = False, around: Surroundings = NOWHERE
) -> InForce:
    """Add up the checks of all places, the general one first.

    A later place's check takes the place of an earlier set's member about the same subject: a
    cassette that says `warn:text` lets `text` of the default go. What was asked for by name goes
    by the same words alone.

    Args:
        layers: The default set or what replaces it, then the cassette's own.
        only: Whether the first layer stands alone.
        around: What checks may refer to.

    Raises:
        CheckSyntaxError: A check cannot be read.
    """
    used, left = (layers[:1], layers[1:]) if only else (layers, ())
    specs = [spec for layer in used for spec in layer.specs]
    return InForce(
        checks=parse_checks(specs, around),
        scoped=parse_scoped(specs),
        sources=_listed([*map(_told, used[:1]), *used[1:]]),
        dropped=_listed(left),
    )


def _told(base: Layer) -> Layer:
    """The first layer; whoever lets all checks go is named for it."""
    return base if base.specs else replace(base, specs=(_NO_CHECKS,))


def _listed(layers: Sequence[Layer]) -> tuple[tuple[str, str], ...]:
    return tuple((spec, layer.source) for layer in layers for spec in layer.specs)
