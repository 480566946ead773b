"""The first line of a run file: what was known of the run before its first call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_llmreplay.cassette.yaml_text.fields import Fields, WrongField
from pytest_llmreplay.errors import CassetteError, CassetteTooNew
from pytest_llmreplay.event import Json

__all__ = ["RunHeader", "RunTarget", "read_header"]

_VERSION: Final = 1
"""Of the format."""

_HEADER_KEYS = frozenset(
    ["run", "id", "started", "targets", "selection", "overrides", "calls", "stages"]
)
_TARGET_KEYS = frozenset(["name", "kind", "provider", "model", "variant"])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTarget:
    """A target of a run, as far as its answers can be told without asking it."""

    name: str
    kind: str
    provider: str | None = None
    model: str | None = None
    variant: str | None = None
    """Name of what was changed in its requests."""

    def value(self) -> dict[str, Json]:
        """As the first line of a run file has it."""
        value: dict[str, Json] = {"name": self.name, "kind": self.kind, "provider": self.provider}
        value["model"] = self.model
        return value if self.variant is None else value | {"variant": self.variant}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """What is known of a run before its first call."""

    id: str
    """`run-41`."""
    started: str
    """ISO 8601, UTC."""
    targets: tuple[RunTarget, ...]
    selection: Mapping[str, Json] = field(default_factory=dict)
    """What was asked for: paths, expressions, names of targets."""
    overrides: str = ""
    """Digest of what a person changed in every request."""
    calls: int = 0
    """Events that were to be asked, each of each target."""
    stages: tuple[int, ...] = ()
    """Samples of each event after each stage of a verdict over the run, if there was to be one."""

    def value(self) -> dict[str, Json]:
        """As the first line of a run file has it."""
        targets: list[Json] = [one.value() for one in self.targets]
        stages: dict[str, Json] = {"stages": list(self.stages)} if self.stages else {}
        return {
            "run": _VERSION,
            "id": self.id,
            "started": self.started,
            "targets": targets,
            "selection": dict(self.selection),
            "overrides": self.overrides,
            "calls": self.calls,
            **stages,
        }


def read_header(value: Json, path: Path) -> RunHeader:
    """The header that the first line of a run file is.

    Raises:
        CassetteTooNew: A later version of this package wrote it.
        CassetteError: It is none.
    """
    if not isinstance(value, dict) or "run" not in value:
        raise CassetteError(f"{path}: is no run file, which begins with its version")
    if value["run"] != _VERSION:
        raise CassetteTooNew(
            f"{path}: a run file of format {value['run']!r}, but this version of "
            f"pytest-llmreplay reads format {_VERSION}; upgrade it "
            "(pip install --upgrade pytest-llmreplay), or replay again"
        )
    try:
        return _header_of(Fields(value, (), _HEADER_KEYS))
    except WrongField as wrong:
        raise CassetteError(f"{path}:1: {wrong}") from None


def _header_of(fields: Fields) -> RunHeader:
    targets, selection = fields.value.get("targets"), fields.value.get("selection")
    if not isinstance(targets, list):
        raise WrongField(("targets",), "expected a list of targets")
    if not isinstance(selection, dict):
        raise WrongField(("selection",), "expected keys and values")
    return RunHeader(
        id=fields.text("id"),
        started=fields.text("started"),
        targets=tuple(_target(Fields(one, ("targets",), _TARGET_KEYS)) for one in targets),
        selection=selection,
        overrides=fields.text("overrides"),
        calls=fields.integer("calls"),
        stages=_stages(fields.value.get("stages", [])),
    )


def _stages(value: Json) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise WrongField(("stages",), "expected a list of numbers")
    whole = tuple(one for one in value if type(one) is int)
    if len(whole) < len(value):
        raise WrongField(("stages",), "expected whole numbers")
    return whole


def _target(fields: Fields) -> RunTarget:
    return RunTarget(
        name=fields.text("name"),
        kind=fields.text("kind"),
        provider=fields.text_or_none("provider"),
        model=fields.text_or_none("model"),
        variant=fields.text_or_none("variant"),
    )
