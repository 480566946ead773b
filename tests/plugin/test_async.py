"""Asynchronous tests: tasks, groups, pytest-asyncio and anyio."""

from __future__ import annotations

import pytest
from projects import Project


@pytest.mark.parametrize(
    ("head", "library"),
    [
        ("@pytest.mark.asyncio", "pytest_asyncio"),
        ("@pytest.mark.anyio\n    @pytest.mark.parametrize('anyio_backend', ['asyncio'])", "anyio"),
    ],
)
def test_async_tests_are_recorded_and_played(project: Project, head: str, library: str) -> None:
    """Both plugins run the loop in contexts of their own."""
    pytest.importorskip(library)
    project.tests(
        f"""
    {head}
    @pytest.mark.llm_cassette
    async def test_one(request):
        said = await asyncio.gather(*(achat(f"say {{number}}") for number in range(5)))
        assert said == [f"Echo: say {{number}}" for number in range(5)]

    {head}
    @pytest.mark.llm_cassette
    async def test_two(request):
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(achat(f"two {{number}}")) for number in range(5)]
        assert tasks[4].result() == "Echo: two 4"
    """
    )
    project.record().assert_outcomes(passed=2)
    assert 10 == len(project.server.seen)
    project.run().assert_outcomes(passed=2)
    assert 10 == len(project.server.seen)


def test_a_loop_wider_than_a_test(project: Project) -> None:
    """One loop for the module; async fixtures with wide scope have cassettes of their own."""
    pytest.importorskip("pytest_asyncio")
    project.tests(
        """
    import pytest_asyncio

    pytestmark = pytest.mark.asyncio(loop_scope="module")

    @pytest_asyncio.fixture(scope="module", loop_scope="module")
    async def topic():
        yield await achat("choose a topic")
        await achat("goodbye")

    @pytest.mark.llm_cassette
    async def test_one(topic):
        assert topic == "Echo: choose a topic"
        assert await achat("one") == "Echo: one"

    @pytest.mark.llm_cassette
    async def test_two(topic):
        assert await achat("two") == "Echo: two"
    """
    )
    project.record().assert_outcomes(passed=2)
    assert 4 == len(project.server.seen)
    project.run().assert_outcomes(passed=2)
    project.run("-k", "test_two").assert_outcomes(passed=1)
    assert 4 == len(project.server.seen)
    names = sorted(path.name for path in (project.path / "cassettes/tests/test_app").iterdir())
    assert [
        "fixture.topic.teardown.yaml",
        "fixture.topic.yaml",
        "test_one.yaml",
        "test_two.yaml",
    ] == names


def test_a_wide_fixture_of_anyio_has_its_cassette_beside_those_of_its_tests(
    project: Project,
) -> None:
    """While it is set up it is a function of the plugin."""
    pytest.importorskip("anyio")
    project.tests(
        """
    pytestmark = pytest.mark.anyio

    @pytest.fixture(scope="session")
    def anyio_backend():
        return "asyncio"

    @pytest.fixture(scope="session")
    async def topic(anyio_backend):
        yield await achat("choose a topic")
        await achat("goodbye")

    @pytest.mark.llm_cassette
    async def test_one(topic):
        assert topic == "Echo: choose a topic"
    """
    )
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    assert 2 == len(project.server.seen)
    recorded = [path.name for path in sorted((project.path / "cassettes/tests/test_app").iterdir())]
    assert ["fixture.topic.teardown.yaml", "fixture.topic.yaml"] == recorded


@pytest.mark.parametrize(
    "group",
    [
        "async with asyncio.TaskGroup() as group:\n            group.create_task(achat('x'))",
        "await asyncio.gather(achat('x'), achat('y'))",
        "await asyncio.gather(achat('x'), return_exceptions=True)",
        "await asyncio.to_thread(chat, 'x')",
    ],
    ids=["group", "gather", "swallowed", "thread"],
)
def test_a_miss_in_a_group_is_its_text(project: Project, group: str) -> None:
    """Not a tree of exception groups."""
    project.tests(
        f"""
    async def main():
        {group}

    @pytest.mark.llm_cassette
    def test_it():
        asyncio.run(main())
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no recording for LLM call 1*", "*app.py:*in *chat*"])
    assert "Traceback" not in result.stdout.str()
    assert [] == project.server.seen
