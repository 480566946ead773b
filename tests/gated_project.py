"""A project whose provider has models of different worth, to be judged over the run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from made_cassettes import cassette, event
from projects import Project
from servers.behaviours import echo, fails, says
from servers.exchange import Exchange
from servers.provider_server import ProviderServer

__all__ = ["EVENTS", "FLOOR", "IT", "RUN", "SPOILT", "Gated", "Models", "gate", "said"]

IT = "cassettes/tests/test_app/test_it.yaml"
EVENTS = 12
SPOILT = "Other."
RUN = ("--llm-gate=run", "--llm-check=text", "--llm-check-only", "--llm-retries=0")
FLOOR = ("--llm-calibrate", *RUN[1:])


class Models:
    """Answers as recorded, but for the model `worse` in every second event, `flaky` now and then.

    `recorded` makes the recorded model as unreliable as `flaky`, say; `wordy` is as good as it is,
    in thirty words, and never says the same twice.
    """

    def __init__(self) -> None:
        self.asked: Counter[tuple[str, str]] = Counter()
        self.recorded = ""

    async def __call__(self, exchange: Exchange) -> None:
        """Answer one call."""
        body = exchange.seen.json
        model, words = body["model"], body["messages"][-1]["content"]
        self.asked[model, words] += 1
        kind = self.recorded if model == "gpt-5-mini" else model
        even, third = int(words) % 2 == 0, (self.asked[model, words] + int(words)) % 3 == 0
        spoilt = {"worse": even, "silent": even, "flaky": third}.get(kind, False)
        spoil = fails(500, "Overloaded") if kind == "silent" else says(SPOILT)
        many = f"Echo: {words}, {self.asked[model, words]}{' yes' * 27}"
        good = says(many) if kind == "wordy" else echo
        await (spoil if spoilt else good)(exchange)

    def calls(self, model: str) -> int:
        """How many calls a model got."""
        return sum(count for (name, _), count in self.asked.items() if name == model)


class Gated:
    """A project of some events, with models of different worth."""

    def __init__(self, project: Project, server: ProviderServer, models: Models) -> None:
        self.project, self.models, self.url = project, models, server.openai
        asks = [event(n, asks=f"{n}", says=f"Echo: {n}") for n in range(1, EVENTS + 1)]
        project.write(IT, cassette(*asks))

    def replay(self, *arguments: str) -> pytest.RunResult:
        """Replay against the models."""
        return self.project.run("--llm-replay", "--llm-base-url", self.url, *arguments)

    def gated(self, model: str, *arguments: str) -> pytest.RunResult:
        """Judge a model over the run."""
        return self.replay(f"--llm-model=openai/{model}", *RUN, *arguments)


@pytest.fixture
def gate(project: Project) -> Iterator[Gated]:
    """A project whose provider has several models."""
    models = Models()
    with ProviderServer(models) as server:
        yield Gated(project, server, models)


def said(result: pytest.RunResult) -> str:
    """What was printed, in one line without gutters."""
    return " ".join(result.stdout.str().replace("\u2502", " ").split())
