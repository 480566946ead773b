"""The projects that the tests of third-party clients run, and the book of what they prove."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from aws_projects import aws  # noqa: F401 - pytest finds it by name
from clients import proven
from clients.client_project import ClientProject
from projects import (  # noqa: F401 - pytest finds them by name
    Project,
    _clients_go_with_the_module,
    project,
    pytest_itemcollected,
)

from pytest_llmreplay import Event
from pytest_llmreplay.replay.simulated import Line, Script, SimulatedServer, When

Proves = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """What becomes of the table of clients."""
    parser.addoption(
        "--clients-table",
        choices=("check", "write"),
        help="Compare what the tests of clients prove with docs/recording.md, or write it there.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse what no worker could do: each knows what its own tests have proven, and no others."""
    if config.getoption("clients_table", None) and config.getoption("numprocesses", None):
        raise pytest.UsageError("--clients-table needs all proofs in one process: leave -n out")


@dataclass(slots=True)
class Book:
    """What the tests of this run have proven so far."""

    ran: set[str] = field(default_factory=set)
    found: proven.Proofs = field(default_factory=dict)


@pytest.fixture(scope="session")
def book(pytestconfig: pytest.Config) -> Iterator[Book]:
    """The proofs of this run, which are written or compared at its end."""
    opened = Book()
    yield opened
    wanted = pytestconfig.getoption("clients_table", None)
    if wanted == "write":
        proven.write(opened.found, opened.ran)
    elif wanted == "check":
        assert proven.known_proofs() == opened.found


@pytest.fixture
def proves(request: pytest.FixtureRequest, book: Book) -> Proves:
    """Called at the end of a test, with the events that it recorded and played by a client."""
    test = f"{request.path.name}::{request.function.__name__}"
    book.ran.add(test)

    def note(client: str, events: Iterable[Event], *, awaited: bool = False) -> None:
        ways = {proven.way_of(event, awaited=awaited) for event in events}
        proven.added(book.found, client, test, ways)
        if request.config.getoption("clients_table", None) != "write":
            known = proven.known_proofs().get(client, {}).get(test, [])
            assert set() == ways - set(known), "run pytest tests/clients --clients-table write"

    return note


@pytest.fixture
def scripted_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedServer]:
    """A simulated model that knows a few answers, and where applications find it."""
    script = Script(
        [
            Line(When(user="capital of France"), "Paris is the capital."),
            Line(When(user="weather"), calls=[("get_weather", {"city": "Paris"})]),
            Line(When(result="sunny"), "Take sunglasses."),
        ]
    )
    with SimulatedServer("steady", script=script) as server:
        monkeypatch.setenv("COHERE_URL", server.base_urls["cohere_chat"])
        monkeypatch.setenv("GEMINI_URL", server.url)
        monkeypatch.setenv("OLLAMA_URL", server.base_urls["ollama_chat"])
        yield server


@pytest.fixture
def client_project(project: Project, proves: Proves) -> ClientProject:  # noqa: F811 - the fixture
    """A project that makes calls against the loopback provider."""
    return ClientProject(project, proves)
