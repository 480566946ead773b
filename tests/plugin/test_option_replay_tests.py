"""`--llm-replay-tests`: the tests run themselves, every LLM call asked of the target."""

from __future__ import annotations

import json
import threading

import pytest
from projects import Project
from servers.provider_server import (
    ProviderServer,
    cuts,
    echo,
    fails,
    hangs,
    holds,
    raw,
    says,
)

ALL_CLIENTS = """
    import threading

    @pytest.mark.llm_cassette
    def test_chat():
        assert "Echo: one" == chat("one")

    def test_without_a_cassette():
        assert "Echo: two" == chat("two")

    def test_stream():
        assert "Echo: three" == "".join(stream("three"))

    def test_async():
        assert ["Echo: a", "Echo: b"] == asyncio.run(both())

    async def both():
        return list(await asyncio.gather(achat("a"), achat("b")))

    def test_message():
        assert "Echo: four" == message("four")

    def test_thread():
        said = []
        thread = threading.Thread(target=lambda: said.append(chat("five")))
        thread.start()
        thread.join()
        assert ["Echo: five"] == said

    @pytest.fixture(scope="module")
    def wide():
        return chat("six")

    def test_fixture(wide):
        assert "Echo: six" == wide
"""


def run(
    project: Project, target: ProviderServer, *arguments: str, model: str = "openai/tiny"
) -> pytest.RunResult:
    """Run the tests against the target."""
    base = ("--llm-replay-tests", "--llm-base-url", target.url, "--llm-model", model)
    return project.run(*base, *arguments)


def test_every_call_goes_to_the_target(project: Project, target: ProviderServer) -> None:
    """Whatever makes it; the server that was meant sees nothing, nor does the target its key."""
    project.tests(ALL_CLIENTS)
    result = project.run("--llm-replay-tests", "--llm-base-url", target.url)
    assert {"passed": 7} == result.parseoutcomes()
    assert [] == project.server.seen
    assert 8 == len(target.seen)
    assert not any("sk-" in str(dict(seen.headers)) for seen in target.seen)
    result.stdout.fnmatch_lines(
        ["every LLM call goes to same at 127.0.0.1:*", "8 calls to same *input tokens*"]
    )


def test_the_model_of_the_target_answers(project: Project, target: ProviderServer) -> None:
    """And `--llm-set` changes what is asked."""
    project.tests("def test_it():\n    assert 'Echo: x' == chat('x', temperature=1)\n")
    result = run(project, target, "--llm-set", "temperature=0")
    assert {"passed": 1} == result.parseoutcomes()
    assert ("tiny", 0) == (target.seen[0].json["model"], target.seen[0].json["temperature"])


def test_the_assertions_of_the_tests_judge(project: Project, target: ProviderServer) -> None:
    """A failing test shows its own assertion, and the cassette stays as it was."""
    project.tests("@pytest.mark.llm_cassette\ndef test_it():\n    assert 'Echo: x' == chat('x')\n")
    assert {"passed": 1} == project.record().parseoutcomes()
    before = project.cassette().read_bytes()
    target.next(says("Something else."))
    result = run(project, target)
    assert {"failed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["*AssertionError: assert 'Echo: x' == 'Something else.'"])
    assert before == project.cassette().read_bytes()
    assert [] == project.partials


def test_a_stream_has_no_piece_that_was_not_asked_for(
    project: Project, target: ProviderServer
) -> None:
    """Usage is asked for, so that the run can be summed; the application never sees it."""
    project.tests(
        """
        def test_it():
            with openai.OpenAI(api_key="k", base_url=os.environ["CHAT_URL"]) as client:
                ask = [{"role": "user", "content": "x"}]
                asked = client.chat.completions.create(model="m", messages=ask, stream=True)
                assert all(chunk.choices for chunk in asked)
                wanted = client.chat.completions.create(
                    model="m", messages=ask, stream=True, stream_options={"include_usage": True}
                )
                assert [] == list(wanted)[-1].choices
        """
    )
    assert {"passed": 1} == run(project, target).parseoutcomes()


def test_a_test_may_be_let_out(project: Project, target: ProviderServer) -> None:
    """`mode="live"` asks the server that was meant."""
    project.tests(
        """
        @pytest.mark.llm_cassette(mode="live")
        def test_it():
            assert "Echo: x" == chat("x")
        """
    )
    assert {"passed": 1} == run(project, target).parseoutcomes()
    assert (1, 0) == (len(project.server.seen), len(target.seen))


def test_errors_of_the_target_are_those_of_the_client(
    project: Project, target: ProviderServer
) -> None:
    """The SDK tries again as it always does, and raises what it always raises."""
    project.tests(
        """
        def test_refused():
            with pytest.raises(openai.AuthenticationError, match="who are you"):
                chat("x")

        def test_tried_again():
            assert "Echo: y" == chat("y")
        """
    )
    target.next(fails(401, "who are you"), fails(429, retry_after=0.01))
    result = run(project, target)
    assert {"passed": 2} == result.parseoutcomes()
    assert 3 == len(target.seen)
    result.stdout.fnmatch_lines(["3 calls to openai/tiny*2 without an answer*"])


def test_a_target_that_does_not_answer_is_a_timeout(
    project: Project, target: ProviderServer
) -> None:
    """The client's own error, after its own retries."""
    project.tests(
        """
        def test_it():
            with pytest.raises(openai.APITimeoutError):
                with openai.OpenAI(
                    api_key="k", base_url=os.environ["CHAT_URL"], max_retries=0
                ) as client:
                    client.chat.completions.create(
                        model="m", messages=[{"role": "user", "content": "x"}]
                    )
        """
    )
    target.next(hangs)
    assert {"passed": 1} == run(project, target, "--llm-timeout=0.2").parseoutcomes()


IMPATIENT = """
    import httpx, requests

    # Older SDKs hand on what their HTTP library raises in the middle of a stream.
    TIMEOUTS = (openai.APITimeoutError, httpx.TimeoutException)

    KNOWN = {"api_key": "k", "base_url": os.environ["CHAT_URL"], "max_retries": 0, "timeout": 0.3}
    ASK = {"model": "m", "messages": [{"role": "user", "content": "x"}]}

    @pytest.mark.parametrize("stream", [False, True])
    def test_it(stream):
        with openai.OpenAI(**KNOWN) as client, pytest.raises(TIMEOUTS):
            list(client.chat.completions.create(**ASK, stream=stream))

    @pytest.mark.parametrize("stream", [False, True])
    def test_async(stream):
        async def ask():
            async with openai.AsyncOpenAI(**KNOWN) as client:
                answer = await client.chat.completions.create(**ASK, stream=stream)
                async for _ in answer:
                    pass

        with pytest.raises(TIMEOUTS):
            asyncio.run(ask())

    def test_requests():
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.post(os.environ["CHAT_URL"] + "/chat/completions", json=ASK, timeout=0.3)
"""


@pytest.mark.parametrize("model", ["openai/tiny", "anthropic/claude-tiny"])
def test_a_client_waits_no_longer_than_it_would_for_its_own_server(
    project: Project, target: ProviderServer, model: str
) -> None:
    """Its own time limit holds, for an answer and for the next piece of a stream."""
    project.tests(IMPATIENT)
    stopped = threading.Event()
    target.next(*[hangs, holds("one two", stopped)] * 2, hangs)
    result = run(project, target, model=model)
    assert {"passed": 5} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["5 calls to *5 without an answer*", "*within 0.3 s*"])


def test_what_a_target_did_instead_of_answering_is_named(
    project: Project, target: ProviderServer
) -> None:
    """The tests see their SDK's own errors; the summary says what the target did, once each."""
    project.tests(
        """
        @pytest.mark.parametrize("n", range(2))
        def test_no_such_model(n):
            with pytest.raises(openai.NotFoundError, match="no model tiny"):
                chat("x")

        def test_no_json():
            with pytest.raises(ValueError):
                chat("x")

        def test_no_json_in_another_format():
            with anthropic.Anthropic(
                api_key="k", base_url=os.environ["MESSAGES_URL"], max_retries=0
            ) as client:
                with pytest.raises(anthropic.InternalServerError):
                    client.messages.create(
                        model="m", max_tokens=9, messages=[{"role": "user", "content": "x"}]
                    )
        """
    )
    gone = fails(404, "no model tiny")
    target.next(gone, gone, raw(b'{"id": '), raw(b'{"id": '))
    result = run(project, target)
    assert {"passed": 4} == result.parseoutcomes()
    result.stdout.fnmatch_lines_random(
        [
            "4 calls to openai/tiny*4 without an answer*",
            "2 calls: openai/tiny at 127.0.0.1:*: HTTP 404: no model tiny (POST*",
            "2 calls: openai/tiny at 127.0.0.1:*: answered broken JSON: *",
        ]
    )
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_streams_that_break_are_one_problem(project: Project, target: ProviderServer) -> None:
    """However much of each has come."""
    project.tests(
        """
        @pytest.mark.parametrize("n", range(2))
        def test_it(n):
            with pytest.raises(Exception, match="onnection"):
                list(stream("x"))
        """
    )
    target.next(cuts("alpha beta gamma", after=2), cuts("alpha beta gamma", after=3))
    result = run(project, target)
    assert {"passed": 2} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["2 calls: *: the connection broke after status 200 and some *"])


def test_a_target_that_is_down_is_a_connection_error(project: Project) -> None:
    """Of the SDK, after its own retries; the summary asks whether the server runs."""
    project.tests(
        """
        def test_it():
            with pytest.raises(openai.APIConnectionError):
                chat("x")
        """
    )
    where = "--llm-base-url=http://127.0.0.1:1/v1"
    result = project.run("--llm-replay-tests", where, "--llm-model=openai/tiny")
    assert {"passed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["3 calls: openai/tiny at 127.0.0.1:1: connection refused*"])


def test_what_acts_with_the_account_is_not_sent(project: Project, target: ProviderServer) -> None:
    """Not even where the test hides the failure."""
    project.tests(
        """
        def test_it():
            try:
                chat("x", extra_body={"web_search_options": {"user_location": None}})
            except BaseException:
                pass
        """
    )
    result = run(project, target)
    assert {"failed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["web_search: acts with the account*--llm-allow web_search*"])
    assert [] == target.seen
    assert {"passed": 1} == run(project, target, "--llm-allow=web_search").parseoutcomes()


THREADS = """
    T = [{"name": "f", "input_schema": {"type": "object"}}]

    def ask(client, turns, **thread):
        return client.messages.create(
            model="m", max_tokens=9, messages=turns, tools=T, extra_body={"thread": thread}
        )

    def test_it():
        with anthropic.Anthropic(api_key="k", base_url="http://127.0.0.1:1") as client:
            turns = [{"role": "user", "content": "x"}]
            first = ask(client, turns, type="create")
            (call,) = first.content
            result = {"type": "tool_result", "tool_use_id": call.id, "content": "1"}
            told = {"role": "user", "content": [result]}
            try:
                ask(client, [told], type="continue", previous_message_id=first.id)
            except anthropic.NotFoundError as lost:
                assert "thread_not_found" == lost.body["error"]["details"]["error_code"]
                turns += [{"role": "assistant", "content": first.content}, told]
                ask(client, turns, type="create")
    """


@pytest.mark.parametrize("model", ["openai/tiny", "anthropic/claude-tiny"])
def test_a_conversation_that_is_kept_elsewhere_is_told_again(
    project: Project, target: ProviderServer, model: str
) -> None:
    """The target does not know it, and its client, as Anthropic's tool runner, tells it all."""
    project.tests(THREADS)
    target.next(says("", calls=[("f", {})]), says("Done."))
    result = run(project, target, model=model)
    assert {"passed": 1} == result.parseoutcomes()
    first, second = (seen.json["messages"] for seen in target.seen)
    assert (1, 3) == (len(first), len(second))
    assert "lost in conversion" not in result.stdout.str()


def test_an_error_that_hides_why_a_call_was_not_sent_is_told_with_it(
    project: Project, target: ProviderServer
) -> None:
    """Some libraries stumble over a failure that is no `Exception`, as LangChain does."""
    project.tests(
        """
        def test_it():
            try:
                chat("x", extra_body={"web_search_options": {"user_location": None}})
            except BaseException as error:
                error.generations
        """
    )
    result = run(project, target)
    assert {"failed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(
        [
            "E *AttributeError: *",
            "*- llm replay of tests -*",
            "web_search: acts with the account*--llm-allow web_search*",
            "FAILED tests/test_app.py::test_it - web_search: acts with the acc*",
        ]
    )


def test_a_connection_past_the_capture_is_stopped(project: Project, target: ProviderServer) -> None:
    """A library with an HTTP client of its own would ask the provider, and nobody would know."""
    project.tests(
        """
        import socket

        def test_it():
            socket.create_connection(("api.openai.com", 443))

        @pytest.mark.llm_cassette(mode="live")
        def test_let_out():
            with pytest.raises(OSError):
                socket.create_connection(("api.openai.com", 0), timeout=0.1)
        """
    )
    result = run(project, target)
    assert {"passed": 1, "failed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["*Connection to api.openai.com:443 past the capture*"])


def test_what_asks_no_model_is_named(project: Project, target: ProviderServer) -> None:
    """As an application's embeddings; what an Ollama is asked of itself goes where it went."""
    project.tests(
        """
        from contextlib import suppress

        import httpx

        def test_embeddings():
            url = os.environ["CHAT_URL"] + "/embeddings"
            httpx.post(url, json={"model": "small", "input": "x"})

        def test_ollama():
            with suppress(httpx.ConnectError):
                httpx.post("http://localhost:11434/api/show", json={"name": "tiny"})
    """
    )
    result = run(project, target)
    assert {"failed": 1, "passed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["POST /*/embeddings is not asked of the target: embeddings; *"])
    assert [] == [*target.seen, *project.server.seen]


def test_a_test_of_another_api_runs_unchanged(project: Project, target: ProviderServer) -> None:
    """Asked in Anthropic's messages, answered in OpenAI's chat completions, streams too."""
    project.tests(
        """
        CLIENT = {"api_key": "k", "base_url": os.environ["MESSAGES_URL"]}
        ASK = {
            "model": "claude-sonnet-4-6",
            "max_tokens": 100,
            "system": "Be short.",
            "messages": [{"role": "user", "content": "x"}],
        }

        def test_whole():
            with anthropic.Anthropic(**CLIENT) as client:
                answer = client.messages.create(**ASK, extra_body={"top_k": 3})
            assert "Echo: x" == answer.content[0].text
            assert "end_turn" == answer.stop_reason

        def test_stream():
            with anthropic.Anthropic(**CLIENT) as client, client.messages.stream(**ASK) as stream:
                assert "Echo: x" == "".join(stream.text_stream)
                assert 0 < stream.get_final_message().usage.output_tokens

        def test_error():
            with anthropic.Anthropic(**CLIENT, max_retries=0) as client:
                with pytest.raises(anthropic.RateLimitError, match="too fast"):
                    client.messages.create(**ASK)
        """
    )
    target.next(echo, echo, fails(429, "too fast"))
    result = run(project, target)
    assert {"passed": 3} == result.parseoutcomes()
    assert {"/v1/chat/completions"} == {seen.path for seen in target.seen}
    assert {"role": "system", "content": "Be short."} == target.seen[0].json["messages"][0]
    result.stdout.fnmatch_lines(["3 calls to openai/tiny*", "lost in conversion: top_k (1)"])


@pytest.mark.parametrize("on_loss", ["warn", "text.annotations=ignore"])
def test_what_an_answer_says_and_the_client_is_not_told_is_summed(
    project: Project, target: ProviderServer, on_loss: str
) -> None:
    """What a search has found stays with the provider that searched."""
    project.write("pyproject.toml", f'[tool.pytest.ini_options]\nllm_on_loss = ["{on_loss}"]\n')
    project.tests("def test_it():\n    assert 'It is.' == chat('x')\n")
    source = {"type": "char_location", "document_index": 0, "cited_text": "is"}
    found = {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}
    text = {"type": "text", "text": "It is.", "citations": [source]}
    answer = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [found, text],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }
    target.next(raw(json.dumps(answer).encode()))
    result = run(project, target, model="anthropic/claude-sonnet-4-6")
    assert {"passed": 1} == result.parseoutcomes()
    cited = ", text.annotations (1)" if on_loss == "warn" else ""
    lost = f"lost in conversion: item.web_search_tool_result (1){cited}"
    assert lost in [line for line in result.outlines if line.startswith("lost in conversion")]


def test_what_must_not_be_lost_fails_its_test(project: Project, target: ProviderServer) -> None:
    """Before the call, with the line that lets it through."""
    project.tests(
        """
        def test_it():
            with anthropic.Anthropic(api_key="k", base_url=os.environ["MESSAGES_URL"]) as client:
                picture = {"type": "image", "source": {"type": "file", "file_id": "file_1"}}
                client.messages.create(
                    model="claude-sonnet-4-6",
                    max_tokens=9,
                    messages=[{"role": "user", "content": [picture]}],
                )
        """
    )
    result = run(project, target, "--llm-allow=file_id")
    assert {"failed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["file_id would be lost in conversion*file_id=warn*"])
    assert [] == target.seen


CHILD = """
import openai

client = openai.OpenAI(max_retries=0)
asked = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "hi"}]}
print(client.chat.completions.create(**asked).choices[0].message.content)
chunks = client.chat.completions.create(**asked, stream=True)
print("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))
"""
PARENT = """
    import os, subprocess, sys

    {mark}
    def test_it(llm_server):
        done = subprocess.run(
            [sys.executable, {child!r}], env={{**os.environ, **llm_server.env}},
            capture_output=True, text=True, timeout=60)
        assert ["Echo: hi", "Echo: hi"] == done.stdout.splitlines(), done.stderr
"""


def with_child(project: Project, mark: str = "") -> None:
    """A test whose calls are those of a child process."""
    child = project.write("child.py", CHILD)
    project.tests(PARENT.format(child=str(child), mark=mark))


@pytest.mark.parametrize("model", ["openai/tiny", "anthropic/tiny"])
def test_calls_of_a_child_process_go_to_the_target(
    project: Project, target: ProviderServer, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    """What speaks to `llm_server` is re-routed and converted like all else, and needs no key."""
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.openai)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with_child(project)
    result = run(project, target, model=model)
    result.assert_outcomes(passed=1)
    assert [] == project.server.seen
    assert ["tiny", "tiny"] == [seen.json["model"] for seen in target.seen]
    result.stdout.fnmatch_lines([f"2 calls to {model} *input tokens*"])


def test_a_child_process_of_a_test_that_is_let_out_asks_its_own_server(
    project: Project, target: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way out for one test counts for its processes, too."""
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.openai)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    with_child(project, "@pytest.mark.llm_cassette(mode='live')")
    run(project, target).assert_outcomes(passed=1)
    assert [] == target.seen
    assert 2 == len(project.server.seen)


def test_workers_are_summed(project: Project, target: ProviderServer) -> None:
    """One summary for all of pytest-xdist's processes."""
    pytest.importorskip("xdist")
    project.tests(
        """
        @pytest.mark.parametrize("n", range(4))
        def test_it(n):
            assert f"Echo: {n}" == chat(str(n))
        """
    )
    result = project.run_apart(
        "-n2", "--llm-replay-tests", "--llm-base-url", target.url, "--llm-model", "openai/tiny"
    )
    assert {"passed": 4} == result.parseoutcomes()
    result.stdout.fnmatch_lines(["4 calls to openai/tiny*"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "ERROR: --llm-replay-tests: 'recorded' answers recorded events alone*"),
        (("--llm-model=simulated/steady",), "ERROR: --llm-replay-tests: 'simulated/steady' *"),
        (
            ("--llm-model=openai/a", "--llm-model=openai/b"),
            "ERROR: --llm-replay-tests: tests run against one target at a time*",
        ),
        (("--llm-model=openai/a", "--llm-record"), "ERROR: *leave --llm-record out"),
        (("--llm-model=openai/a", "--llm-replay"), "ERROR: *leave --llm-replay out"),
        (("--llm-model=openai/a", "--llm-accept"), "ERROR: --llm-accept is an option of a replay*"),
        (("--llm-model=openai/a",), "ERROR: no key for api.openai.com: set OPENAI_API_KEY*"),
    ],
)
def test_wrong_use_is_one_clear_error(
    project: Project, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], said: str
) -> None:
    """Before any test runs, and without a traceback."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    project.tests("def test_it():\n    chat('x')\n")
    result = project.run("--llm-replay-tests", *options)
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines([said])
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert [] == project.server.seen
