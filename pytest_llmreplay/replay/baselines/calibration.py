"""The noise floor: how often the recorded model's own answers hold, kept between runs.

A file of JSON in `.llmreplay`, for its owner alone. An event is found by its cassette, its match
key and its place among events of this key; its scores count as long as the request and the
recording that they compare with are the same. What the answers took is kept with them, for budgets
over a run.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pytest_llmreplay.cassette.cassette import Cassette
from pytest_llmreplay.cassette.places.locks import cassette_lock
from pytest_llmreplay.cassette.places.own_directory import OWN_DIRECTORY, own_directory, written
from pytest_llmreplay.compare.figures.call_figures import Figures
from pytest_llmreplay.errors import ConfigError
from pytest_llmreplay.event import Event

from .baseline import join_key

__all__ = [
    "CalibratedEvent",
    "Calibration",
    "Score",
    "calibrating_runs",
    "calibration_keys",
    "load_calibration",
    "recording_digest",
    "request_digest",
    "save_calibration",
]

NAME = "calibration.json"

Score = float | None
"""1 where a check holds, 0 where it does not; none where it could not be measured."""

_VERSION = 2
_KIND = "calibration"
"""The key of the version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedEvent:
    """What the recorded model's own answers to one event were worth."""

    at: str
    """ISO 8601, when the first of them was asked for."""
    by: str
    """The target that was asked: `same`, or a simulation."""
    model: str | None
    """The model that answered."""
    request: str
    """Digest of the request that was sent."""
    recording: str
    """Digest of the recorded answer that they were compared with."""
    run: str | None = None
    """The run that keeps the answers; none where not all of them are kept."""
    scores: Mapping[str, tuple[Score, ...]]
    """By check as it is written, one per answer."""
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By check, what decided beside its words."""
    figures: tuple[Figures, ...] = ()
    """What each answer took, and what a judge gave it."""


Calibration = dict[str, CalibratedEvent]
"""By cassette, match key and occurrence."""


def request_digest(event: Event) -> str:
    """Differs when another model, address or body is recorded."""
    return join_key(event)


def recording_digest(event: Event) -> str:
    """Differs when another answer is recorded."""
    return hashlib.sha256(repr(event.exchange.response).encode("utf-8", "replace")).hexdigest()


def calibration_keys(cassette: Cassette) -> Sequence[str]:
    """What the events of a cassette are kept under beside its name, in the order of the file.

    That is the match key of each, with its place among those that have the same.

    Raises:
        CassetteDamaged: One cannot be read.
    """
    seen: Counter[str] = Counter()
    keys = []
    for place, slot in enumerate(cassette.index.events):
        key = slot.key or request_digest(cassette.document(place).event)
        keys.append(f"{key}#{seen[key]}")
        seen[key] += 1
    return keys


def load_calibration(rootdir: Path) -> Calibration:
    """All that was calibrated in a project; nothing where nothing was.

    Raises:
        ConfigError: The file is damaged, or of another version.
    """
    path = rootdir / OWN_DIRECTORY / NAME
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from None
    if not isinstance(found, dict) or found.get(_KIND) != _VERSION:
        raise _unreadable(path, f"expected version {_VERSION}")
    try:
        return {key: _event(stored) for key, stored in found["events"].items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unreadable(path, f"{type(error).__name__}: {error}") from None


def calibrating_runs(rootdir: Path) -> frozenset[str]:
    """The runs that keep the answers of what was calibrated.

    Raises:
        ConfigError: What was kept cannot be read.
    """
    events = load_calibration(rootdir).values()
    return frozenset(event.run for event in events if event.run is not None)


def save_calibration(rootdir: Path, events: Mapping[str, CalibratedEvent]) -> Path:
    """Keep what was calibrated beside what is there; the newer counts.

    Raises:
        CassetteError: It cannot be written.
        ConfigError: What is there cannot be read.
    """
    path = own_directory(rootdir) / NAME
    with cassette_lock(rootdir, path):
        kept = load_calibration(rootdir) | dict(events)
        _replace(path, _text(kept))
    return path


def _text(events: Calibration) -> str:
    """The file, one event a line."""
    lines = (f"{json.dumps(key)}: {json.dumps(asdict(events[key]))}" for key in sorted(events))
    return f'{{"{_KIND}": {_VERSION}, "events": {{\n' + ",\n".join(lines) + "\n}}\n"


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with written(path):
        with os.fdopen(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        temporary.replace(path)


def _event(stored: Mapping[str, object]) -> CalibratedEvent:
    model, run = stored["model"], stored["run"]
    scores, settings, figures = stored["scores"], stored["settings"], stored["figures"]
    if not isinstance(scores, dict) or not isinstance(settings, dict):
        raise TypeError("scores or settings is no mapping")
    if not isinstance(figures, list):
        raise TypeError("figures is no list")
    return CalibratedEvent(
        at=str(stored["at"]),
        by=str(stored["by"]),
        model=None if model is None else str(model),
        request=str(stored["request"]),
        recording=str(stored["recording"]),
        run=None if run is None else str(run),
        scores={spec: tuple(_scores(values)) for spec, values in scores.items()},
        settings={check: dict(parts) for check, parts in settings.items()},
        figures=tuple(_figures(one) for one in figures),
    )


def _figures(stored: Mapping[str, object]) -> Figures:
    """What an answer took; what is no number is unknown."""
    known = {name: value for name, value in stored.items() if isinstance(value, int | float)}
    return Figures(**known)  # type: ignore[arg-type]  # counts and seconds are numbers


def _scores(values: Iterable[float | None]) -> Iterable[Score]:
    return (None if value is None else float(value) for value in values)


def _unreadable(path: Path, problem: str) -> ConfigError:
    return ConfigError(
        f"{path}: cannot be read: {problem}. Delete it, and run --llm-calibrate again"
    )
