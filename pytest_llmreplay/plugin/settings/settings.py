"""What the user asked for, read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from pytest_llmreplay.cassette.projects.projects import Projects
from pytest_llmreplay.cassette.projects.settings import CassetteSettings
from pytest_llmreplay.cassette.record_mode import RecordMode
from pytest_llmreplay.plugin.ini_keys import ini_value
from pytest_llmreplay.plugin.users.given_functions import user_redaction
from pytest_llmreplay.providers.conversion.policy import LossPolicy

from .projects import projects_of
from .run_options import FailOnSetting, GateOptions, Money
from .setting_values import (
    is_typed,
    loss_policy,
    max_age,
    runs_directory,
    source_of,
    targets_allow,
)

if TYPE_CHECKING:
    from pytest_llmreplay.cassette.redaction.own_data import Finder
    from pytest_llmreplay.cassette.redaction.redactor import Redactor

__all__ = ["History", "Settings"]

_ALLOW = "llm_targets_allow"

History = Literal["recorded", "replayed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All options and ini keys; command line before ini before default."""

    rootdir: Path
    record: bool
    record_mode: RecordMode | None
    """As given on the command line, where a mode was given."""
    projects: Projects
    """What the projects of the tests say of their cassettes."""
    replay: bool
    replay_tests: bool
    models: tuple[str, ...]
    base_url: str | None
    base_url_typed: bool
    """Whether a person typed the URL on this very command line."""
    overrides: tuple[str, ...]
    filters: tuple[str, ...]
    """Which events are meant, as typed."""
    variants: tuple[str, ...]
    """Globs of names."""
    checks: tuple[str, ...] | None
    """From the command line or the ini file; none where neither has any."""
    checks_source: Literal["command line", "addopts", "ini", "default"]
    check_only: bool
    judge: str | None
    """The judge's target, where the command line names one."""
    fail_on: FailOnSetting
    concurrency: int
    timeout: float
    retries: int
    allow: tuple[str, ...]
    targets_allow: Mapping[str, tuple[str, ...]]
    """Where data may go at all, by the ini file that says it; empty for all. The name of the file
    that pytest has read is empty."""
    accept: bool
    money: Money
    runs: Path | None
    """Another place for run files than the usual one."""
    resume: bool
    rejudge: str | None
    """The run whose answers are judged again."""
    gate: GateOptions
    fresh: bool
    """Whether only what today's tests ask for is replayed."""
    max_age: timedelta | None
    """From which on recordings are stale."""
    history: History
    """Whose words the earlier turns of the requests of a session are."""
    on_loss: LossPolicy
    """What the losses of a conversion do to an event."""
    config_file: str | None
    """As typed on the command line, relative to where pytest was started."""
    autouse: bool
    guard: bool
    hosts: frozenset[str]
    """Further hosts of LLM calls, in the whole run."""
    redact_own: Mapping[str, Finder]
    """The user's functions that find personal data, by the names of its kinds."""

    @property
    def command_line_mode(self) -> RecordMode | None:
        """The record mode that the command line asks for, if it does."""
        return self.record_mode or ("update" if self.record else None)

    @property
    def foreseen(self) -> tuple[str, ...]:
        """What plans let through: sessions that run freely tell kept conversations in words."""
        return (*self.allow, "conversation") if self.history == "replayed" else self.allow

    def redactor(self, *folders: Path) -> Redactor:
        """What redacts as is wanted for the cassettes in some folders, and has met nobody yet.

        Raises:
            ConfigError: An ini file or a config file of theirs is wrong.
        """
        around = dict.fromkeys(map(self.projects.around, folders))
        return reduce(CassetteSettings.beside, around).redactor(self.redact_own)

    def over(self, files: Iterable[Path]) -> Settings:
        """These settings for a run over some files: what their projects say for all of it.

        Raises:
            ConfigError: An ini file cannot be read.
        """
        own = self.projects.own_files(files)
        allowed = {
            str(file.path): targets_allow(file.words(_ALLOW)) for file in own if _ALLOW in file.keys
        }
        return replace(
            self,
            hosts=self.hosts.union(*(CassetteSettings.of(file).hosts for file in own)),
            targets_allow={**self.targets_allow, **allowed},
        )

    @classmethod
    def of(cls, config: pytest.Config) -> Settings:
        """Read the settings of a run.

        Raises:
            ConfigError: An ini key has a value that it cannot have, or a hook gives none.
        """
        option, ini = config.getoption, partial(ini_value, config)
        typed = tuple(option("llm_check"))
        listed = tuple(ini("llm_checks"))
        given = source_of(config, "--llm-check") if typed else None
        projects = projects_of(config)
        return cls(
            rootdir=config.rootpath,
            record=option("llm_record"),
            record_mode=option("llm_record_mode"),
            projects=projects,
            replay=option("llm_replay"),
            replay_tests=option("llm_replay_tests"),
            models=tuple(option("llm_model")),
            base_url=option("llm_base_url"),
            base_url_typed=is_typed(config, "--llm-base-url"),
            overrides=tuple(option("llm_set")),
            filters=tuple(option("llm_filter")),
            variants=tuple(option("llm_variant")),
            checks=typed or listed or None,
            checks_source=given or ("ini" if listed else "default"),
            check_only=option("llm_check_only"),
            judge=option("llm_judge"),
            fail_on=FailOnSetting.of(config),
            concurrency=option("llm_concurrency") or 16,
            timeout=option("llm_timeout") or 600.0,
            retries=2 if option("llm_retries") is None else option("llm_retries"),
            allow=tuple(option("llm_allow")),
            targets_allow={"": targets_allow(ini(_ALLOW))},
            accept=option("llm_accept"),
            money=Money.of(config),
            runs=runs_directory(config),
            resume=option("llm_resume"),
            rejudge=option("llm_rejudge"),
            gate=GateOptions.of(config),
            fresh=option("llm_fresh"),
            max_age=max_age(config),
            history=option("llm_history") or "recorded",
            on_loss=loss_policy(ini("llm_on_loss")),
            config_file=option("llm_config"),
            autouse=ini("llm_autouse"),
            guard=ini("llm_guard") or ini("llm_autouse"),
            hosts=frozenset(projects.run.hosts),
            redact_own=user_redaction(config),
        )
