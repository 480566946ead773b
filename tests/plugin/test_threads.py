"""Calls from threads, and several cassettes at once."""

from __future__ import annotations

import itertools
import re

import pytest
from projects import Project
from servers.provider_server import says

POOL = """
    from concurrent.futures import ThreadPoolExecutor

    @pytest.mark.llm_cassette
    def test_it():
        with ThreadPoolExecutor(8) as pool:
            said = list(pool.map(chat, [f"say {number}" for number in range(20)]))
        assert said == [f"Echo: say {number}" for number in range(20)]
"""
ASKED = "role: user\n +content: (.*)"


def test_calls_of_a_thread_pool(project: Project) -> None:
    """Each thread gets the answer to its own call, live and played."""
    project.tests(POOL)
    project.record().assert_outcomes(passed=1)
    assert 20 == project.cassette().read_text().count("\nevent:")
    project.run().assert_outcomes(passed=1)
    assert 20 == len(project.server.seen)


def test_calls_side_by_side_keep_their_places(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which thread is first is chance, and no reason for another cassette; what follows is none."""
    project.tests(
        """
        import time

        def side_by_side(*words):
            threads = [threading.Thread(target=chat, args=[word]) for word in words]
            for thread in threads:
                thread.start()
                time.sleep(0.02)
            for thread in threads:
                thread.join()

        @pytest.mark.llm_cassette
        def test_it():
            order = os.environ["ORDER"].split()
            chat(order[0])
            side_by_side(*order[1:4])
            chat(order[4])
    """
    )
    project.server.next(says("Yes."), *[says("Yes.", delay=0.3)] * 3)
    monkeypatch.setenv("ORDER", "first one two three last")
    project.record().assert_outcomes(passed=1)
    recorded = project.cassette().read_text()
    monkeypatch.setenv("ORDER", "first three one two last")
    project.record().assert_outcomes(passed=1)
    assert recorded == project.cassette().read_text()
    monkeypatch.setenv("ORDER", "last three one two first")
    project.record().assert_outcomes(passed=1)
    _, *together, _ = re.findall(ASKED, recorded)
    assert ["last", *together, "first"] == re.findall(ASKED, project.cassette().read_text())
    assert 5 == len(project.server.seen)


def test_equal_calls_at_once(project: Project) -> None:
    """Every recorded answer is played once, whatever the order."""
    project.tests(
        """
        from concurrent.futures import ThreadPoolExecutor

        @pytest.mark.llm_cassette
        def test_it():
            with ThreadPoolExecutor(8) as pool:
                said = list(pool.map(chat, ["again"] * 16))
            assert len(said) == 16
    """
    )
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    assert 16 == len(project.server.seen)


def test_a_miss_in_a_thread_fails_the_test(project: Project) -> None:
    """A thread that dies in silence does not hide that its call had no recording."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            thread = threading.Thread(target=chat, args=["x"])
            thread.start()
            thread.join()
    """
    )
    result = project.run("-Wdefault")
    result.assert_outcomes(failed=1, warnings=1)
    result.stdout.fnmatch_lines(["*no recording for LLM call 1*"])
    assert [] == project.server.seen


def test_a_miss_behind_another_error_is_shown(project: Project) -> None:
    """The application's own error stays the failure; the miss that caused it stands with it."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            try:
                chat("x")
            except BaseException:
                raise RuntimeError("the model is down") from None
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the model is down*", "*no recording for LLM call 1*"])


def test_telemetry_in_the_background_goes_its_own_way(project: Project) -> None:
    """Calls of another library to another path are neither recorded nor stopped."""
    project.tests(
        """
        import requests

        def telemetry(stop):
            while not stop.is_set():
                requests.post(os.environ["MESSAGES_URL"] + "/telemetry", json={"a": 1})
                stop.wait(0.01)

        @pytest.mark.llm_cassette
        def test_it():
            stop = threading.Event()
            thread = threading.Thread(target=telemetry, args=[stop])
            thread.start()
            for number in range(10):
                assert chat(f"say {number}") == f"Echo: say {number}"
            stop.set()
            thread.join()
    """
    )
    project.record().assert_outcomes(passed=1)
    live = [seen for seen in project.server.seen if "chat" in seen.path]
    project.run().assert_outcomes(passed=1)
    assert live == [seen for seen in project.server.seen if "chat" in seen.path]
    assert "telemetry" not in project.cassette().read_text()


def test_a_stray_connection_to_a_provider_is_stopped(project: Project) -> None:
    """A library that is not captured does not reach a known host in playback."""
    project.tests(
        """
        import socket

        @pytest.mark.llm_cassette
        def test_it():
            socket.create_connection(("api.openai.com", 443))
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Connection to api.openai.com:443 past the capture*"])


def test_a_stray_connection_that_nobody_hears_of_fails_its_test(project: Project) -> None:
    """As a call without a recording does: in a thread, or behind an `except` for everything."""
    project.tests(
        """
        import socket, threading

        def connect():
            try:
                socket.create_connection(("api.openai.com", 443))
            except BaseException:
                pass

        @pytest.mark.llm_cassette
        def test_swallowed():
            connect()

        @pytest.mark.llm_cassette
        def test_in_a_thread():
            thread = threading.Thread(target=connect)
            thread.start()
            thread.join()

        @pytest.mark.llm_cassette
        def test_afterwards(): ...
    """
    )
    result = project.run()
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["Connection to api.openai.com:443 past the capture*"] * 2)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("pool", ["ThreadPool(2)", "multiprocessing.get_context('fork').Pool(2)"])
def test_a_miss_in_a_pool_of_multiprocessing_ends_the_wait_for_it(
    project: Project, pool: str
) -> None:
    """A worker that dies of an exception that is no `Exception` would be waited for for ever."""
    project.tests(
        f"""
        import multiprocessing
        from multiprocessing.pool import ThreadPool

        @pytest.mark.llm_cassette
        def test_it():
            with {pool} as pool:
                pool.map(chat, ["x", "y"])
    """
    )
    result = project.run("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no recording for LLM call *"])
    assert "Traceback" not in result.stdout.str()
    assert [] == project.server.seen


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "pool",
    [
        "ThreadPool(2, chat, ['x'])",
        "multiprocessing.get_context('fork').Pool(2, initializer=chat, initargs=['x'])",
        "multiprocessing.get_context('spawn').Pool(2, chat, ['x'])",
    ],
    ids=["threads", "fork", "spawn"],
)
def test_a_miss_as_a_worker_of_a_pool_starts_ends_the_wait_for_it(
    project: Project, pool: str
) -> None:
    """Worker after worker would be started, and none of them would take a task."""
    project.tests(
        f"""
        import multiprocessing
        from multiprocessing.pool import ThreadPool

        @pytest.mark.llm_cassette
        def test_it():
            with {pool} as pool:
                pool.map(abs, [-1, -2])
    """
    )
    result = project.run("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no recording for LLM call *"])
    assert "Traceback" not in result.stdout.str()
    assert [] == project.server.seen


def test_what_a_worker_of_a_pool_does_as_it_starts(project: Project) -> None:
    """It is recorded and played, and an error of its own stays what it is."""
    project.tests(
        """
        from multiprocessing.pool import ThreadPool

        said = []

        def start(text):
            said.append(chat(text))

        @pytest.mark.llm_cassette
        def test_it():
            with ThreadPool(1, start, ("x",)) as pool:
                assert [1] == pool.map(abs, [-1])
            assert ["Echo: x"] == said
            with pytest.raises(TypeError, match="initializer must be a callable"):
                ThreadPool(1, "start")
    """
    )
    project.record("-Wdefault").assert_outcomes(passed=1)
    project.run("-Wdefault").assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


EARLY_POOL = """
    import multiprocessing
    from multiprocessing.pool import ThreadPool

    pool = {pool}

    @pytest.mark.llm_cassette
    def test_it():
        with pool:
            {work}
"""


@pytest.mark.timeout(120)
def test_a_miss_in_a_pool_of_threads_made_at_import_ends_the_wait_for_it(project: Project) -> None:
    """Its workers were started before anybody looked after them."""
    project.tests(EARLY_POOL.format(pool="ThreadPool(2)", work="pool.map(chat, ['x', 'y'])"))
    result = project.run("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no recording for LLM call *"])
    assert "Traceback" not in result.stdout.str()
    assert [] == project.server.seen


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("work", "options"),
    [
        ("pool.map(chat, ['x', 'y'])", ()),
        ("pool.map(chat, ['x', 'y'])", ("--llm-record",)),
        ("pool.apply(chat, ['x'])", ()),
        ("list(pool.imap(chat, ['x']))", ()),
        ("list(pool.imap_unordered(chat, ['x', 'y'], chunksize=2))", ()),
        ("pool.starmap_async(chat, [['x']]).wait()", ()),
    ],
)
def test_a_pool_that_does_not_know_the_cassette_asks_nobody(
    project: Project, work: str, options: tuple[str, ...]
) -> None:
    """Its calls would be answered live and recorded nowhere; they fail the test, hidden or not."""
    pool = "multiprocessing.get_context('fork').Pool(1)"
    project.tests(EARLY_POOL.format(pool=pool, work=work))
    result = project.run("-Wdefault", *options)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ test_it _*",
            "LLM call of a process that does not know the cassette of its test",
            "It was started by fork, before the test. *",
        ]
    )
    assert [] == project.server.seen


def test_nor_does_an_executor_that_does_not_know_it(project: Project) -> None:
    """Its processes are started for its first task."""
    project.tests(
        """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork"))
        assert 1 == pool.submit(abs, -1).result()

        @pytest.mark.llm_cassette
        def test_it():
            with pool:
                pool.submit(chat, "x").result()
    """
    )
    result = project.run("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["LLM call of a process that does not know the cassette *"])
    assert [] == project.server.seen


@pytest.mark.timeout(120)
def test_nor_does_it_where_the_calls_of_tests_are_re_routed(project: Project) -> None:
    """The answer would not be that of the target."""
    work = "pool.starmap_async(chat, [['x']]).wait()"
    pool = "multiprocessing.get_context('fork').Pool(1)"
    project.tests(EARLY_POOL.format(pool=pool, work=work))
    target = ["--llm-model=same", f"--llm-base-url={project.server.openai}"]
    result = project.run("-Wdefault", "--llm-replay-tests", *target)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["LLM call of a process that does not know the cassette *"])
    assert [] == project.server.seen


@pytest.mark.timeout(120)
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_pool_that_does_not_know_the_cassette_does_all_else(one: Project, method: str) -> None:
    """It works, asks the server of the cassette, and in a live test whomever it likes."""
    one.write(
        "asking.py",
        """
        import os
        from app import chat

        def ask(url):
            os.environ["CHAT_URL"] = url
            return chat("Say hello")
        """,
    )
    one.tests(
        f"""
        import multiprocessing
        from multiprocessing.pool import ThreadPool
        from asking import ask

        pool = multiprocessing.get_context({method!r}).Pool(1)

        def test_it(llm_server):
            assert [1, 2] == pool.map(abs, [-1, 2])
            assert "Hello." == pool.apply(ask, [llm_server.env["OPENAI_BASE_URL"]])

        @pytest.mark.llm_cassette(mode="live")
        def test_live():
            with pool:
                assert "Echo: Say hello" == pool.apply(ask, [os.environ["CHAT_URL"]])

        def test_plain():
            with ThreadPool(1) as threads:
                assert [1] == threads.map(abs, [-1])
    """
    )
    one.run("-Wdefault").assert_outcomes(passed=3)


FORKED = """
    import multiprocessing

    @pytest.mark.llm_cassette
    def test_it(pytestconfig):
        if pytestconfig.option.llm_record_mode == "all":
            chat("again"), chat("again")
        else:
            fork = multiprocessing.get_context("fork")
            children = [fork.Process(target=chat, args=["again"]) for _ in range(2)]
            [child.start() for child in children]
            [child.join() for child in children]
"""


def test_what_forked_children_play_is_used(project: Project) -> None:
    """The events are not called unused, and a recording keeps them."""
    project.tests(FORKED)
    project.run("--llm-record-mode=all").assert_outcomes(passed=1)
    recorded = project.cassette().read_bytes()
    project.run("-Wdefault").assert_outcomes(passed=1)
    project.record("-Wdefault").assert_outcomes(passed=1)
    assert recorded == project.cassette().read_bytes()
    assert 2 == len(project.server.seen)


BY_FORK = """
        def ask_in_children():
            for number in range(CHILDREN):
                if not os.fork():
                    ask(number)
                    os._exit(0)
            for _ in range(CHILDREN):
                os.wait()
"""
BY_PROCESS = """
        def ask_in_children():
            fork = multiprocessing.get_context("fork")
            children = [fork.Process(target=ask, args=[number]) for number in range(CHILDREN)]
            [child.start() for child in children]
            [child.join() for child in children]
"""
BY_POOL = """
        def ask_in_children():
            with multiprocessing.get_context("fork").Pool(CHILDREN) as pool:
                pool.map(ask, range(CHILDREN))
"""
BY_EXECUTOR = """
        def ask_in_children():
            fork = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(CHILDREN, mp_context=fork) as pool:
                list(pool.map(ask, range(CHILDREN)))
"""


@pytest.mark.parametrize("children", [BY_FORK, BY_PROCESS, BY_POOL, BY_EXECUTOR])
def test_each_recording_is_played_by_one_of_several_processes(
    project: Project, children: str
) -> None:
    """Equal calls of children and of their parent get the recordings one after the other."""
    said = [f"answer {number}" for number in range(12)]
    project.tests(
        """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        from pathlib import Path

        CHILDREN = 5

        def ask(name):
            Path(f"said-{name}.txt").write_text("\\n".join([chat("again"), chat("again")]))

        @pytest.mark.llm_cassette
        def test_it(pytestconfig):
            if pytestconfig.option.llm_record_mode == "all":
                [chat("again") for _ in range(12)]
            else:
                ask("parent")
                ask_in_children()
        """
        + children
    )
    project.server.next(*map(says, said))
    project.run("--llm-record-mode=all").assert_outcomes(passed=1)
    recorded = project.cassette().read_bytes()
    project.run("-Wdefault").assert_outcomes(passed=1)
    heard = [path.read_text().splitlines() for path in project.path.glob("said-*.txt")]
    assert sorted(said) == sorted(itertools.chain(*heard))
    project.record("-Wdefault").assert_outcomes(passed=1)
    assert recorded == project.cassette().read_bytes()


def test_what_a_child_has_played_is_gone_for_its_parent(project: Project) -> None:
    """The parent's equal call has no recording left."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it(pytestconfig):
            if pytestconfig.option.llm_record_mode != "all" and not os.fork():
                chat("again")
                os._exit(0)
            elif pytestconfig.option.llm_record_mode != "all":
                os.wait()
            chat("again")
    """
    )
    project.run("--llm-record-mode=all").assert_outcomes(passed=1)
    result = project.run("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["no recording for LLM call 2: event 1 is equal but played already*"]
    )


def test_a_child_may_close_what_it_inherited(one: Project) -> None:
    """It plays all the same, and nothing of ours gets into a file that it opens afterwards."""
    one.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            if not os.fork():
                os.closerange(3, 4096)
                with open("own.txt", "w") as own:
                    [os.dup(own.fileno()) for _ in range(400)]
                    own.write(chat("Say hello"))
                os._exit(0)
            assert 0 == os.wait()[1]
    """
    )
    one.run("-Wdefault").assert_outcomes(passed=1, errors=1)  # of what it played nobody heard
    assert "Hello." == (one.path / "own.txt").read_text()


def test_a_miss_in_a_forked_child_fails_the_test(project: Project) -> None:
    """A child whose exit code nobody looks at does not hide that its call had no recording."""
    project.tests(FORKED)
    result = project.run("-Wdefault")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*_ test_it _*", "no recording for LLM call 1*"])
    assert [] == project.server.seen
