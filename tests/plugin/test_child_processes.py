"""Processes that a test starts anew, by spawn or forkserver, have its cassette too."""

from __future__ import annotations

import multiprocessing.forkserver
import textwrap
import time
from collections.abc import Iterator

import pytest
from projects import Project
from servers.provider_server import says

from pytest_llmreplay import Cassette
from pytest_llmreplay.event import HttpResponse, StreamBody

pytestmark = pytest.mark.timeout(180)

ASKING = """
import http.client, json, multiprocessing, os, signal, socket, sys, threading, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

spawn = multiprocessing.get_context("spawn")


def ask(text, **options):
    connection, answer = asked(text, **options)
    with connection, answer:
        return json.loads(answer.read())["choices"][0]["message"]["content"]


def asked(text, **options):
    at = urlsplit(os.environ["CHAT_URL"])
    connection = Connection(at.netloc)
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": text}], **options}
    headers = {"content-type": "application/json", "authorization": "Bearer sk-test-0123456789ab"}
    connection.request("POST", at.path + "/chat/completions", json.dumps(body), headers)
    return connection, connection.getresponse()


class Connection(http.client.HTTPConnection):
    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def start(target, *arguments, context=spawn):
    process = context.Process(target=target, args=arguments)
    process.start()
    return process


def run(target, *arguments, context=spawn):
    process = start(target, *arguments, context=context)
    process.join()
    return process.exitcode


def ask_into(file, text):
    Path(file).write_text(ask(text))
"""
"""An application without an SDK, which a new process would need seconds to import."""


@pytest.fixture(autouse=True)
def _a_forkserver_for_each() -> Iterator[None]:
    """It keeps the environment in which it was started."""
    yield
    multiprocessing.forkserver._forkserver._stop()  # type: ignore[attr-defined]  # nothing public stops it


@pytest.fixture
def asking(project: Project) -> Project:
    """A project with a small application."""
    project.write("asking.py", ASKING)
    return project


def tests_of(project: Project, *texts: str) -> None:
    """Write a test file that knows the small application."""
    said = "\n".join(map(textwrap.dedent, texts))
    project.write("tests/test_app.py", f"from asking import *\n{said}")


def recorded(project: Project, name: str = "tests/test_app/test_it.yaml") -> list[str]:
    """The answers in a cassette, in the order of asking."""
    return [event.response.text for event in Cassette.load(project.cassette(name)).events]


PROCESS = """
    def put(queue, work, text):
        queue.put(work(text))

    def said(context, work, text):
        queue = context.Queue()
        child = context.Process(target=put, args=[queue, work, text])
        child.start()
        words = queue.get()
        child.join()
        return words
"""
POOL = """
    def said(context, work, text):
        with context.Pool(1) as pool:
            return pool.apply(work, [text])
"""
EXECUTOR = """
    def said(context, work, text):
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(work, text).result()
"""


@pytest.mark.parametrize("way", [PROCESS, POOL, EXECUTOR], ids=["process", "pool", "executor"])
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_calls_of_a_new_process_are_recorded_and_played(
    asking: Project, method: str, way: str
) -> None:
    """As if the test had made them."""
    tests_of(
        asking,
        way,
        f"""
        @pytest.mark.llm_cassette
        def test_it():
            context = multiprocessing.get_context({method!r})
            assert "Echo: hi" == said(context, ask, "hi")
        """,
    )
    asking.record().assert_outcomes(passed=1)
    assert ["Echo: hi"] == recorded(asking)
    asking.run().assert_outcomes(passed=1)
    assert 1 == len(asking.server.seen)


@pytest.mark.parametrize(("method", "way"), [("spawn", PROCESS), ("forkserver", EXECUTOR)])
def test_calls_of_an_sdk_in_a_new_process(project: Project, method: str, way: str) -> None:
    """OpenAI's, whole and streamed: recorded to the end, in its pieces, and played so."""
    project.tests(
        textwrap.dedent(f"""
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        def both(text):
            return [chat(text), *filter(None, stream(text))]

        @pytest.mark.llm_cassette
        def test_it():
            words = said(multiprocessing.get_context({method!r}), both, "a b c")
            assert ["Echo: a b c", "Echo:", " a", " b", " c"] == words
        """)
        + textwrap.dedent(way)
    )
    project.record().assert_outcomes(passed=1)
    plain, streamed = (
        event.exchange.response for event in Cassette.load(project.cassette()).events
    )
    assert isinstance(plain, HttpResponse)
    assert isinstance(streamed, HttpResponse)
    assert ["complete", "complete"] == [plain.ended, streamed.ended]
    assert isinstance(streamed.body, StreamBody)
    assert 5 < len(streamed.body.chunks)
    project.server.stop()
    project.run().assert_outcomes(passed=1)


MISSING = """
    @pytest.mark.llm_cassette
    def test_it():
        assert 1 == run(ask, "x")
"""


def test_a_miss_in_a_new_process_fails_the_test(asking: Project) -> None:
    """A child whose exit code is as expected does not hide it; the child says it too."""
    tests_of(asking, MISSING)
    result = asking.run_apart("-s")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*_ test_it _*", "no recording for LLM call 1*"])
    result.stderr.fnmatch_lines(["*Failure: no recording for LLM call 1*"])
    assert [] == asking.server.seen


def test_a_miss_in_an_executor_is_its_text_alone(asking: Project) -> None:
    """As that of a thread."""
    tests_of(
        asking,
        """
        @pytest.mark.llm_cassette
        def test_it():
            with ProcessPoolExecutor(1, mp_context=spawn) as pool:
                list(pool.map(ask, ["x"]))
        """,
    )
    result = asking.run("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no recording for LLM call 1*"])
    assert "Traceback" not in result.stdout.str()
    assert [] == asking.server.seen


def test_equal_calls_of_several_processes_and_the_test(asking: Project) -> None:
    """Each recording is played once, whoever asks."""
    tests_of(
        asking,
        """
        @pytest.mark.llm_cassette
        def test_it():
            with ProcessPoolExecutor(2, mp_context=spawn) as pool:
                said = [*pool.map(ask, ["again"] * 6), ask("again")]
            fork = multiprocessing.get_context("fork")
            assert 0 == run(ask_into, "forked.txt", "again", context=fork)
            assert sorted("abcdefgh") == sorted([*said, Path("forked.txt").read_text()])
        """,
    )
    with_test = """
        @pytest.mark.llm_cassette
        def test_it():
            assert [*"abcdefgh"] == [ask("again") for _ in range(8)]
    """
    played = (asking.path / "tests/test_app.py").read_text()
    tests_of(asking, with_test)
    asking.server.next(*map(says, "abcdefgh"))
    asking.record().assert_outcomes(passed=1)
    asking.write("tests/test_app.py", played)
    asking.run("-Wdefault").assert_outcomes(passed=1)
    assert 8 == len(asking.server.seen)


def test_a_library_past_the_capture_is_stopped_in_a_new_process(asking: Project) -> None:
    """The tripwire is there, too."""
    tests_of(
        asking,
        """
        @pytest.mark.llm_cassette
        def test_it():
            with ProcessPoolExecutor(1, mp_context=spawn) as pool:
                pool.submit(socket.create_connection, ("api.openai.com", 443)).result()
        """,
    )
    result = asking.run("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Connection to api.openai.com:443 past the capture*"])


LONG_LIVED = """
    pool = {pool}

    @pytest.mark.llm_cassette
    def test_it():
        assert "Echo: a" == {ask}("a")

    @pytest.mark.llm_cassette
    def test_other():
        assert "Echo: b" == {ask}("b")

    def test_plain():
        assert "Echo: c" == {ask}("c")

    @pytest.mark.llm_cassette(mode="live")
    def test_live():
        assert "Echo: d" == {ask}("d")

    def teardown_module():
        pool.{end}()
"""


@pytest.mark.parametrize(
    ("pool", "ask", "end"),
    [
        ("ProcessPoolExecutor(1, mp_context=spawn)", "pool.submit(ask, {}).result()", "shutdown"),
        ("spawn.Pool(1)", "pool.apply(ask, [{}])", "terminate"),
    ],
    ids=["executor", "pool"],
)
def test_a_pool_works_for_one_test_after_the_other(
    asking: Project, pool: str, ask: str, end: str
) -> None:
    """Its processes ask the cassette of whoever gave the task, or nobody's."""
    work = f"""
    def from_pool(text):
        return {ask.format("text")}

    """
    tests_of(asking, work, LONG_LIVED.format(pool=pool, ask="from_pool", end=end))
    asking.record("-Wdefault").assert_outcomes(passed=4)
    assert ["Echo: a"] == recorded(asking)
    assert ["Echo: b"] == recorded(asking, "tests/test_app/test_other.yaml")
    asking.run("-Wdefault").assert_outcomes(passed=4)
    assert [*"abcdcd"] == [seen.json["messages"][0]["content"] for seen in asking.server.seen]


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_process_of_a_fixture_serves_one_test_after_the_other(
    asking: Project, method: str
) -> None:
    """As a thread would: with the cassette of the test that runs, and for none it asks nobody."""
    tests_of(
        asking,
        f"context = multiprocessing.get_context({method!r})",
        """
        def serve(questions, answers):
            for text in iter(questions.get, None):
                try:
                    answers.put(ask(text))
                except BaseException as refused:
                    answers.put(str(refused))

        @pytest.fixture(scope="module")
        def served():
            questions, answers = context.Queue(), context.Queue()
            process = start(serve, questions, answers, context=context)
            yield lambda text: (questions.put(text), answers.get())[1]
            questions.put(None)
            process.join()

        @pytest.mark.llm_cassette
        def test_it(served):
            assert "Echo: a" == served("a")

        @pytest.mark.llm_cassette
        def test_other(served):
            assert "Echo: b" == served("b")

        @pytest.mark.llm_cassette(mode="live")
        def test_live(served):
            assert "Echo: c" == served("c")

        def test_plain(served):
            assert served("d").startswith("LLM call of a process that has outlived its test\\n")
        """,
    )
    # In processes of their own: freed while pytester forgets all modules, a queue imports one.
    asking.run_apart("--llm-record", "-Wdefault").assert_outcomes(passed=4)
    assert ["Echo: a"] == recorded(asking)
    assert ["Echo: b"] == recorded(asking, "tests/test_app/test_other.yaml")
    asking.run_apart("-Wdefault").assert_outcomes(passed=4)
    assert [*"abcc"] == [seen.json["messages"][0]["content"] for seen in asking.server.seen]


def test_a_pool_of_a_fixture_serves_one_test_after_the_other(asking: Project) -> None:
    """Whose processes were forked before any of them."""
    tests_of(
        asking,
        """
        @pytest.fixture(scope="module")
        def pool():
            with multiprocessing.get_context("fork").Pool(1) as pool:
                yield pool

        @pytest.mark.llm_cassette
        def test_it(pool):
            assert "Echo: a" == pool.apply(ask, ["a"])

        @pytest.mark.llm_cassette
        def test_other(pool):
            assert "Echo: b" == pool.apply(ask, ["b"])
        """,
    )
    asking.record("-Wdefault").assert_outcomes(passed=2)
    assert ["Echo: a"] == recorded(asking)
    assert ["Echo: b"] == recorded(asking, "tests/test_app/test_other.yaml")
    asking.run("-Wdefault").assert_outcomes(passed=2)
    assert 2 == len(asking.server.seen)


def test_nobody_listens_when_all_processes_have_ended(asking: Project) -> None:
    """A test that forks is not warned of a thread that others needed."""
    tests_of(
        asking,
        """
        def listening():
            return [one for one in threading.enumerate() if one.name == "llmreplay-answer"]

        @pytest.mark.llm_cassette
        def test_it():
            assert 0 == run(abs, 1)
            assert listening()

        def test_plain():
            assert not listening()
        """,
    )
    asking.run("-Wdefault").assert_outcomes(passed=2)


def test_a_process_that_outlives_the_run_asks_nobody(asking: Project) -> None:
    """Nobody is left who could be asked."""
    tests_of(
        asking,
        """
        def ask_late(parent):
            while os.getppid() == parent:
                time.sleep(0.01)
            try:
                ask("late")
            except BaseException as refused:
                Path("saying.txt").write_text(str(refused))
                os.rename("saying.txt", "said.txt")

        @pytest.mark.llm_cassette
        def test_it():
            start(ask_late, os.getpid())
            os._exit(0)
        """,
    )
    asking.run_apart()
    said = asking.path / "said.txt"
    while not said.exists():
        time.sleep(0.01)
    assert said.read_text().startswith("LLM call of a process that has outlived its test")
    assert [] == asking.server.seen


def test_children_of_children(asking: Project) -> None:
    """A new process, and one that was forked, of a new process ask the same cassette."""
    tests_of(
        asking,
        """
        def of_two_kinds():
            assert 0 == run(ask_into, "spawned.txt", "a")
            fork = multiprocessing.get_context("fork")
            assert 0 == run(ask_into, "forked.txt", "b", context=fork)
            assert "Echo: c" == ask("c")

        @pytest.mark.llm_cassette
        def test_it():
            assert 0 == run(of_two_kinds)
            assert "Echo: a" == Path("spawned.txt").read_text()
            assert "Echo: b" == Path("forked.txt").read_text()
        """,
    )
    asking.record().assert_outcomes(passed=1)
    assert ["Echo: a", "Echo: b", "Echo: c"] == recorded(asking)
    asking.run().assert_outcomes(passed=1)
    assert 3 == len(asking.server.seen)


def test_a_new_process_of_a_forked_one_asks_the_cassette(asking: Project) -> None:
    """As the forked one does, and as that it only plays."""
    tests_of(
        asking,
        """
        @pytest.mark.llm_cassette
        def test_it(pytestconfig):
            fork = multiprocessing.get_context("fork")
            if pytestconfig.option.llm_record:
                ask("a")
            else:
                assert 0 == run(run, ask_into, "spawned.txt", "a", context=fork)
                assert "Echo: a" == Path("spawned.txt").read_text()
        """,
    )
    asking.record().assert_outcomes(passed=1)
    asking.run("-Wdefault").assert_outcomes(passed=1)
    assert 1 == len(asking.server.seen)


def test_a_new_process_of_one_that_a_fixture_forks(asking: Project) -> None:
    """Whoever started it answers it, as nobody else listens yet."""
    tests_of(
        asking,
        """
        @pytest.fixture(scope="module")
        def said():
            fork = multiprocessing.get_context("fork")
            assert 0 == run(run, ask_into, "said.txt", "a", context=fork)
            return Path("said.txt").read_text()

        @pytest.mark.llm_cassette
        def test_it(said):
            assert "Echo: a" == said
            ask("b")
        """,
    )
    asking.record("-Wdefault").assert_outcomes(passed=1)
    assert ["Echo: a"] == recorded(asking, "tests/test_app/fixture.said.yaml")
    asking.run("-Wdefault").assert_outcomes(passed=1)
    assert 2 == len(asking.server.seen)


def test_a_process_without_a_cassette_is_told_nothing(asking: Project) -> None:
    """It imports nothing of ours, and its calls go out, also beside a test with a cassette."""
    tests_of(
        asking,
        """
        def told():
            return sorted(name for name in sys.modules if name.startswith("pytest_llmreplay"))

        def test_plain():
            with ProcessPoolExecutor(1, mp_context=spawn) as pool:
                assert [] == pool.submit(told).result()
                assert "Echo: a" == pool.submit(ask, "a").result()
            names = [thread.name for thread in threading.enumerate()]
            assert not [name for name in names if "llmreplay" in name]

        @pytest.mark.llm_cassette
        def test_it():
            pass
        """,
    )
    asking.run_apart().assert_outcomes(passed=2)
    assert 1 == len(asking.server.seen)


def test_the_guard_holds_in_a_new_process(asking: Project) -> None:
    """A call outside a cassette fails there, as it does in the test."""
    asking.write("pytest.ini", "[pytest]\nllm_guard = true\n")
    tests_of(
        asking,
        """
        def test_plain():
            with ProcessPoolExecutor(1, mp_context=spawn) as pool:
                pool.submit(ask, "a").result()
        """,
    )
    result = asking.run("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["LLM call outside a cassette: POST *"])
    assert [] == asking.server.seen


def test_steps_name_the_calls_of_new_processes(asking: Project) -> None:
    """Whatever process of the test makes them."""
    tests_of(
        asking,
        """
        def test_it(llm_cassette):
            with llm_cassette.step(prompt="greeting"):
                assert 0 == run(ask, "a")
        """,
    )
    asking.record().assert_outcomes(passed=1)
    [event] = Cassette.load(asking.cassette()).events
    assert "greeting" == event.name


def test_a_process_that_is_killed_leaves_what_it_heard(asking: Project) -> None:
    """Its call is in the cassette, as far as it came; another one goes on."""
    tests_of(
        asking,
        """
        def hear_the_beginning():
            _, answer = asked("one two", stream=True)
            answer.read1()
            os.kill(os.getpid(), signal.SIGKILL)

        @pytest.mark.llm_cassette
        def test_it():
            assert -signal.SIGKILL == run(hear_the_beginning)
            assert 0 == run(ask, "b")
        """,
    )
    asking.record("-Wdefault").assert_outcomes(passed=1)
    killed, other = Cassette.load(asking.cassette()).events
    assert isinstance(killed.exchange.response, HttpResponse)
    assert "left" == killed.exchange.response.ended
    assert "Echo: b" == other.response.text


def test_a_new_process_where_no_socket_may_be_opened(asking: Project) -> None:
    """It does all but LLM calls, and says why."""
    tests_of(
        asking,
        """
        def refused():
            try:
                ask("x")
            except BaseException as refused:
                return str(refused)

        @pytest.mark.llm_cassette
        def test_it(monkeypatch):
            def blocked(*_):
                raise RuntimeError("A test tried to use socket.socket.")

            monkeypatch.setattr(socket, "socket", blocked)
            with spawn.Pool(1) as pool:
                assert 1 == pool.apply(abs, [-1])
                said = pool.apply(refused)
            assert said.startswith("LLM call of a process that does not know the cassette of its ")
            assert said.endswith("cannot listen to it: A test tried to use socket.socket.")
        """,
    )
    asking.run("-Wdefault").assert_outcomes(passed=1)
    assert [] == asking.server.seen


def test_new_processes_of_a_fixture_with_wider_scope(asking: Project) -> None:
    """Their calls are in the fixture's own cassette."""
    tests_of(
        asking,
        """
        @pytest.fixture(scope="module")
        def greeting():
            with ProcessPoolExecutor(1, mp_context=spawn) as pool:
                return pool.submit(ask, "hi").result()

        @pytest.mark.llm_cassette
        def test_it(greeting):
            assert "Echo: hi" == greeting
        """,
    )
    asking.record("-Wdefault").assert_outcomes(passed=1)
    assert ["Echo: hi"] == recorded(asking, "tests/test_app/fixture.greeting.yaml")
    asking.run("-Wdefault").assert_outcomes(passed=1)
    assert 1 == len(asking.server.seen)


def test_new_processes_of_workers_of_xdist(asking: Project) -> None:
    """Each worker answers its own."""
    tests_of(
        asking,
        """
        @pytest.mark.llm_cassette
        @pytest.mark.parametrize("text", ["a", "b"])
        def test_it(text):
            with ProcessPoolExecutor(1, mp_context=spawn) as pool:
                assert f"Echo: {text}" == pool.submit(ask, text).result()
        """,
    )
    asking.record("-n2").assert_outcomes(passed=2)
    asking.run("-n2").assert_outcomes(passed=2)
    assert 2 == len(asking.server.seen)


def test_calls_of_new_processes_are_re_routed(project: Project) -> None:
    """Whole, streamed, and while other tasks of the process go on."""
    project.tests(
        """
        import multiprocessing

        async def together():
            return await asyncio.gather(achat("b"), achat("c"))

        def three_ways():
            return [chat("a"), "".join(stream("x y")), *asyncio.run(together())]

        @pytest.mark.llm_cassette
        def test_it():
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                said = pool.apply(three_ways)
            assert ["Echo: a", "Echo: x y", "Echo: b", "Echo: c"] == said
    """
    )
    target = ["--llm-model=gpt-6", f"--llm-base-url={project.server.openai}"]
    project.run("-Wdefault", "--llm-replay-tests", *target).assert_outcomes(passed=1)
    assert ["gpt-6"] * 4 == [seen.json["model"] for seen in project.server.seen]


def test_forked_processes_ask_the_target_on_connections_of_their_own(asking: Project) -> None:
    """Those that the test has kept are its own, and its loop does not run in them."""
    tests_of(
        asking,
        """
        import asyncio, openai

        def ask_async(text):
            async def said():
                async with openai.AsyncOpenAI(
                    api_key="sk-test-0123456789ab", base_url=os.environ["CHAT_URL"]
                ) as client:
                    answer = await client.chat.completions.create(
                        model="gpt-5-mini", messages=[{"role": "user", "content": text}]
                    )
                return answer.choices[0].message.content
            return asyncio.run(said())

        def ask_all(name):
            told = [ask(f"{name}{number}") for number in range(20)]
            Path(f"{name}.txt").write_text(" ".join([*told, ask_async(f"{name}!")]))

        @pytest.mark.llm_cassette
        def test_it():
            assert ["Echo: a", "Echo: b"] == [ask("a"), ask_async("b")]
            fork = multiprocessing.get_context("fork")
            children = [start(ask_all, name, context=fork) for name in "cde"]
            ask_all("p")
            for child in children:
                child.join(30)
            assert [0, 0, 0] == [child.exitcode for child in children]
            for name in "cdep":
                expected = [f"Echo: {name}{number}" for number in [*range(20), "!"]]
                assert " ".join(expected) == Path(f"{name}.txt").read_text()
        """,
    )
    target = ["--llm-model=gpt-6", f"--llm-base-url={asking.server.openai}"]
    result = asking.run("-Wdefault", "--llm-replay-tests", *target)
    result.assert_outcomes(passed=1)
    assert {"gpt-6"} == {seen.json["model"] for seen in asking.server.seen}
    # A child may end before its last call is counted.
    result.stdout.re_match_lines([r"8[3-6] calls to gpt-6 .*"])


def test_a_call_of_a_forked_process_that_cannot_be_sent_fails_its_test(asking: Project) -> None:
    """A child whose exit code nobody looks at does not hide it; the next test is none the worse."""
    tests_of(
        asking,
        """
        def ask_to_act(text):
            ask(text, tools=[{"type": "mcp", "server_url": "https://mcp.example/"}])

        @pytest.mark.llm_cassette
        def test_it():
            assert 1 == run(ask_to_act, "x", context=multiprocessing.get_context("fork"))

        @pytest.mark.llm_cassette
        def test_other():
            assert "Echo: y" == ask("y")
        """,
    )
    target = ["--llm-model=gpt-6", f"--llm-base-url={asking.server.openai}"]
    result = asking.run("-Wdefault", "--llm-replay-tests", *target)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*_ test_it _*", "mcp: acts with the account of the target *"])
    assert 1 == len(asking.server.seen)
