"""The replay mode: cassettes are collected in the place of tests."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_llmreplay.cassette.places.roots import is_cassette
from pytest_llmreplay.errors import LlmReplayError
from pytest_llmreplay.plugin.items.arguments import Selection, selection
from pytest_llmreplay.plugin.items.collection import CassetteFile, ReplayItem
from pytest_llmreplay.plugin.items.shelf import Shelf
from pytest_llmreplay.plugin.settings.misspelt_keys import (
    refuse_misspelt_keys,
    refuse_misspelt_keys_in,
)
from pytest_llmreplay.plugin.settings.settings import Settings
from pytest_llmreplay.plugin.settings.strays import refuse_record_mode
from pytest_llmreplay.plugin.settings.unread_keys import REPLAY_KEYS, unread_keys
from pytest_llmreplay.plugin.terms.run_terms import RunTerms
from pytest_llmreplay.report.text.sanitise import safe_line

from .as_typed import refused
from .many_items import made_to_stay, spares

if TYPE_CHECKING:
    from .running import Running

__all__ = ["Replaying", "start_replaying"]


def start_replaying(config: pytest.Config) -> None:
    """Take collection over, and the distribution back.

    Raises:
        pytest.UsageError: An option is wrong, or a path has no cassette.
    """
    refuse_record_mode(config)
    try:
        refuse_misspelt_keys(config)
        settings = Settings.of(config)
        chosen = selection(config, settings)
        files = [place / "-" for place in chosen.places]
        settings = settings.over(files)
        refuse_misspelt_keys_in(config, settings.projects.own_files(files))
        terms = RunTerms(config, settings, chosen.places)
    except LlmReplayError as error:
        raise refused(config, error) from None
    config.args[:] = chosen.arguments
    config.pluginmanager.register(Replaying(config, terms, chosen), "llmreplay-replaying")
    if settings.money.estimate:
        from .running import Estimating  # noqa: PLC0415 - few runs only estimate

        config.pluginmanager.register(Estimating(config, terms), "llmreplay-estimating")


class Replaying:
    """Registered with `--llm-replay`."""

    def __init__(self, config: pytest.Config, terms: RunTerms, chosen: Selection) -> None:
        self._terms, self._chosen, self._config = terms, chosen, config
        self.shelf = Shelf()
        """Has the cassettes."""
        self._running: Running | None = None
        self._spare = spares(config)
        self._alone = _take_back_distribution(config)

    def pytest_report_header(self) -> list[str]:
        """Say that this run replays, and in one process."""
        alone = "; replays run in one process, -n is ignored" if self._alone else ""
        return [f"llm replay: {', '.join(self._terms.target_names)}{alone}"]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Make the items quickly, however many there are."""
        with made_to_stay():
            collected = yield
            self._spare()
            return collected

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Test functions are not collected, and links to directories not followed."""
        linked = collection_path.is_symlink() and collection_path.is_dir()
        return True if linked or collection_path.suffix == ".py" else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> CassetteFile | None:
        """Collect a cassette."""
        if not self._chosen.holds(file_path) or not is_cassette(file_path):
            return None
        file: CassetteFile = CassetteFile.from_parent(parent, path=file_path)
        if file.nodeid != (place := safe_line(file.nodeid)):
            # Whoever sends a cassette chooses its name, and pytest prints it as it is.
            name = safe_line(file.name)
            file = CassetteFile.from_parent(parent, path=file_path, name=name, nodeid=place)
        file.terms, file.replayer = self._terms, self
        file.chosen = self._chosen.names(file_path)
        return file

    def pytest_report_collectionfinish(self) -> list[str]:
        """Say how many events are meant, where not all are, and which keys do not count."""
        files = [place / "-" for place in self._chosen.places]
        unread = unread_keys(self._config, self._terms.settings, files, REPLAY_KEYS)
        return [*self._terms.filter_lines(), *unread]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Prepare the run of what was selected; a list of it has verdicts at most."""
        items = [item for item in session.items if isinstance(item, ReplayItem)]
        for file in {item.parent for item in items}:
            file.forget_marks()
        scoped = {item: self._terms.scoped(item) for item in items}
        verdicts = any(self._terms.has_verdict(item.target) for item in items)
        if (runs := _runs(session.config)) or any(scoped.values()) or verdicts:
            self._running = _running(session.config, self._terms)
            self._running.go_beyond(session, scoped)
            if runs:
                session.config.pluginmanager.register(self._running, "llmreplay-running")

    def replay(self, item: ReplayItem) -> None:
        """Wait for the answer of an item; raise its failure, or skip."""
        assert self._running is not None  # items run after all are collected
        self._running.replay(item)


def _runs(config: pytest.Config) -> bool:
    """Whether more is wanted than a list or an estimate."""
    looks = config.option.collectonly or config.getoption("setuponly", default=False)
    return not (looks or config.option.llm_estimate)


def _running(config: pytest.Config, terms: RunTerms) -> Running:
    with made_to_stay():
        from .running import Running  # noqa: PLC0415 - only a run pays for it

        try:
            return Running(config, terms)
        except LlmReplayError as error:
            raise refused(config, error) from None


def _take_back_distribution(config: pytest.Config) -> bool:
    """A worker learns its work one item ahead, so looking ahead in two pays for all twice."""
    if not getattr(config.option, "tx", None):
        return False
    config.option.dist, config.option.tx = "no", []
    return True
