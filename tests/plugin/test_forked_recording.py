"""What processes ask that a test forks is recorded, as if the test had asked it."""

from __future__ import annotations

import os
import signal
import textwrap
import threading

import pytest
from projects import Project

from pytest_llmreplay import Cassette
from pytest_llmreplay.cassette.redaction.placeholders import Placeholders
from pytest_llmreplay.playback.children import Children

pytestmark = pytest.mark.timeout(180)

WAYS = {
    "os.fork": """
        def in_children(work, texts):
            for text in texts:
                if not os.fork():
                    try:
                        work(text)
                    except BaseException:
                        os._exit(1)
                    os._exit(0)
            assert [0] * len(texts) == [os.wait()[1] for _ in texts]
    """,
    "process": """
        def in_children(work, texts):
            children = [fork.Process(target=work, args=[text]) for text in texts]
            [child.start() for child in children]
            [child.join() for child in children]
            assert [0] * len(texts) == [child.exitcode for child in children]
    """,
    "pool": """
        def in_children(work, texts):
            with fork.Pool(2) as pool:
                pool.map(work, texts)
    """,
    "executor": """
        def in_children(work, texts):
            with ProcessPoolExecutor(2, mp_context=fork) as pool:
                list(pool.map(work, texts))
    """,
}
IMPORTS = """
import multiprocessing, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

fork = multiprocessing.get_context("fork")

def say(text):
    Path(f"said-{text}.txt").write_text(f"{chat(text)}; {''.join(stream(text))}")
"""


def tests_of(project: Project, *texts: str) -> None:
    """Write a test file whose tests fork."""
    project.tests(IMPORTS + "\n".join(map(textwrap.dedent, texts)))


def asked(project: Project, name: str = "tests/test_app/test_it.yaml") -> list[str]:
    """What the calls of a cassette asked, in the order of sending."""
    events = Cassette.load(project.cassette(name)).events
    return [event.response.text.removeprefix("Echo: ") for event in events]


@pytest.mark.parametrize("way", WAYS)
def test_calls_of_forked_processes_are_recorded_and_played(project: Project, way: str) -> None:
    """Whole and streamed, in the order in which they and those of the test were sent."""
    tests_of(
        project,
        WAYS[way],
        """
        @pytest.mark.llm_cassette
        def test_it():
            chat("first")
            in_children(say, ["a", "b", "c", "d", "e"])
            chat("last")
            for text in "abcde":
                assert f"Echo: {text}; Echo: {text}" == Path(f"said-{text}.txt").read_text()
        """,
    )
    project.record("-Wdefault").assert_outcomes(passed=1)
    first, *between, last = asked(project)
    assert ("first", "last") == (first, last)
    assert sorted("aabbccddee") == sorted(between)
    assert [] == project.partials
    for text in "abcde":
        (project.path / f"said-{text}.txt").unlink()
    project.run("-Wdefault").assert_outcomes(passed=1)
    assert 12 == len(project.server.seen)


def test_what_forked_processes_asked_for_a_failing_test_is_kept(project: Project) -> None:
    """It is counted, and the next recording pays for none of it."""
    failing = """
        @pytest.mark.llm_cassette
        def test_it():
            in_children(chat, ["a", "b"])
            chat("c")
            assert not Path("fail").exists()
    """
    tests_of(project, WAYS["process"], failing)
    project.write("fail", "")
    result = project.record("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*kept 3 calls in .llmreplay/partial/*"])
    (project.path / "fail").unlink()
    project.record("-Wdefault").assert_outcomes(passed=1)
    assert [*"abc"] == sorted(asked(project))
    assert 3 == len(project.server.seen)


def test_a_test_that_forks_and_asks_nothing_leaves_nothing(project: Project) -> None:
    """Neither when it passes nor when it fails."""
    tests_of(
        project,
        WAYS["process"],
        """
        @pytest.mark.llm_cassette
        @pytest.mark.parametrize("number", [0, 1])
        def test_it(number):
            in_children(abs, [1])
            assert not number
        """,
    )
    project.record("-Wdefault").assert_outcomes(passed=1, failed=1)
    assert [] == project.partials


def test_what_cannot_be_written_down_of_a_forked_process_fails_the_test(project: Project) -> None:
    """As it does where the test itself asks."""
    tests_of(
        project,
        WAYS["process"],
        """
        @pytest.mark.llm_cassette
        def test_it(llm_cassette):
            chat("a")
            path = Path(".llmreplay/partial/cassettes/tests/test_app/test_it.jsonl")
            assert path.exists()
            in_children(chat_on_a_full_disk, ["b"])

        def chat_on_a_full_disk(text):
            import resource, signal

            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            size = Path(".llmreplay/partial/cassettes/tests/test_app/test_it.jsonl").stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))
            chat(text)
        """,
    )
    result = project.record("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*test_it.jsonl: only 100 of * bytes were written*"])
    assert not project.cassette().exists()


def test_a_forked_process_that_outlives_its_test_sends_nothing(project: Project) -> None:
    """What it asked would be in no cassette; and it is in the way of no other recording."""
    tests_of(
        project,
        """
        def ask_late(name):
            while not Path("go").exists():
                time.sleep(0.01)
            try:
                chat("late")
            except BaseException as refused:
                Path("saying.txt").write_text(str(refused))
                os.rename("saying.txt", "said.txt")

        @pytest.mark.llm_cassette
        def test_it():
            again = Path("again").exists()
            Path("again").touch()
            chat("b" if again else "a")
            child = fork.Process(target=ask_late, args=["late"])
            child.start()
            assert again

        def test_plain():
            Path("go").touch()
            [child.join() for child in multiprocessing.active_children()]
        """,
    )
    project.record("-Wdefault", "--deselect=tests/test_app.py::test_plain")
    project.record("-Wdefault").assert_outcomes(passed=2)
    said = (project.path / "said.txt").read_text()
    assert said.startswith("LLM call of a process that has outlived its test\n")
    assert ["b"] == asked(project)
    assert 2 == len(project.server.seen)


def test_calls_of_processes_that_a_wide_fixture_forks(project: Project) -> None:
    """They are in its own cassette."""
    tests_of(
        project,
        WAYS["pool"],
        """
        @pytest.fixture(scope="module")
        def greetings():
            in_children(say, ["a", "b"])
            return [Path(f"said-{text}.txt").read_text() for text in "ab"]

        @pytest.fixture(scope="module")
        def quiet():
            in_children(abs, [1])

        @pytest.mark.llm_cassette
        def test_it(greetings, quiet):
            assert ["Echo: a; Echo: a", "Echo: b; Echo: b"] == greetings
            chat("c")
        """,
    )
    result = project.record("-Wdefault")
    result.assert_outcomes(passed=1)
    assert "fixture.quiet" not in result.stdout.str()
    assert [*"aabb"] == sorted(asked(project, "tests/test_app/fixture.greetings.yaml"))
    project.run("-Wdefault").assert_outcomes(passed=1)
    assert 5 == len(project.server.seen)


def test_forked_processes_number_people_together(project: Project) -> None:
    """The same one has the same placeholder everywhere, another one never."""
    project.write("pytest.ini", "[pytest]\nllm_redact = email\n")
    people = ["ada", "bob", "cy", "dan", "eve"]
    tests_of(
        project,
        WAYS["process"],
        f"""
        @pytest.mark.llm_cassette
        def test_it():
            chat("first@example.com")
            in_children(several, {people})
            chat("first@example.com and ada@example.com and new@example.com")

        def several(name):
            chat(f"{{name}}@example.com, first@example.com")
            chat(f"eve@example.com, {{name}}@example.com")
        """,
    )
    project.record("-Wdefault").assert_outcomes(passed=1)
    text = project.cassette().read_text()
    assert "@example.com" not in text
    first, *between, last = asked(project)
    assert "[EMAIL_1]" == first
    numbered = {
        said.partition(", [EMAIL_1]")[0] for said in between if said.endswith(", [EMAIL_1]")
    }
    assert len(people) == len(numbered)
    assert "[EMAIL_1]" not in numbered
    assert numbered == {said.partition(", ")[2] for said in between if said[-3:] != "_1]"}
    assert 1 == len({said.partition(", ")[0] for said in between if said[-3:] != "_1]"})
    assert last.startswith("[EMAIL_1] and [EMAIL_")
    assert last.endswith(f"and [EMAIL_{len(people) + 2}]")
    project.run("-Wdefault").assert_outcomes(passed=1)
    assert 12 == len(project.server.seen)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_thread_that_reads_placeholders_holds_up_no_forked_process() -> None:
    """It may be at that in the moment of the fork, and is not there to come to an end."""
    placeholders, children = Placeholders(), Children(lambda _: None)
    children.expect()
    placeholders.share(children)
    goes_on = threading.Event()

    def read() -> None:
        while not goes_on.is_set():
            placeholders.reserve("[EMAIL_1] " * 20_000)

    thread = threading.Thread(target=read)
    thread.start()
    ends = []
    for _ in range(5):
        if not (process := os.fork()):
            signal.alarm(10)
            placeholders.of("email", "ada@example.com")
            os._exit(0)
        ends.append(os.waitpid(process, 0)[1])
    goes_on.set()
    thread.join()
    children.close()
    assert [0] * 5 == ends


def test_a_forked_process_that_nobody_would_hear_sends_nothing(project: Project) -> None:
    """It has closed what it inherited, so its call would be paid for and in no cassette."""
    tests_of(
        project,
        WAYS["os.fork"],
        """
        def ask_alone(text):
            os.closerange(3, 4096)
            with open("said.txt", "w") as file:
                try:
                    chat(text)
                except BaseException as refused:
                    file.write(str(refused))

        @pytest.mark.llm_cassette
        def test_it():
            in_children(ask_alone, ["a"])
        """,
    )
    project.record("-Wdefault").assert_outcomes(passed=1)
    said = (project.path / "said.txt").read_text()
    assert said.startswith("an LLM call of a forked process cannot be recorded, as it has closed ")
    assert [] == project.server.seen


def test_no_thread_of_ours_is_beside_a_fork(project: Project) -> None:
    """Python 3.12 and later would warn of it, and warnings may be errors."""
    tests_of(
        project,
        WAYS["process"],
        """
        def wait():
            while not Path("go").exists():
                time.sleep(0.01)

        @pytest.fixture(scope="module")
        def server():
            process = fork.Process(target=wait)
            process.start()
            yield
            Path("go").touch()
            process.join()

        @pytest.mark.llm_cassette
        def test_it():
            in_children(chat, ["a", "b"])

        @pytest.mark.llm_cassette
        def test_other(server):
            chat("c")
        """,
    )
    for record in (["--llm-record"], []):
        result = project.run_apart("-Wdefault", "-p", "no:rerunfailures", *record)
        assert 2 == result.parseoutcomes()["passed"]
        assert "is multi-threaded" not in result.stdout.str()
    assert 3 == len(project.server.seen)
