"""Plain `pytest`: calls are answered from the cassette, an unknown one fails with its reason."""

from __future__ import annotations

import textwrap

import pytest
from made_cassettes import cassette, event
from projects import Project
from sdk_clients import needs
from servers.provider_server import raw, says

ASK = """
    @pytest.mark.llm_cassette
    def test_it():
        chat("Answer in the language of the customer.")
"""
GONE = cassette(event(1), test="tests/test_app.py::test_gone")


def test_a_miss_says_what_differs_and_how_to_record(project: Project) -> None:
    """The failure names the call, the user's line, the nearest event, the diff, the command."""
    project.tests(ASK)
    project.record().assert_outcomes(passed=1)
    project.tests(ASK.replace("language", "words"))
    result = project.run()
    result.assert_outcomes(failed=1)
    assert len(project.server.seen) == 1
    result.stdout.fnmatch_lines(
        [
            "*no recording for LLM call 1*",
            "*app.py:*in chat*",
            "*cassettes/tests/test_app/test_it.yaml*",
            "*event 1 of 1*not played yet*",
            "*-  Answer in the language of the customer.*",
            "*+  Answer in the words of the customer.*",
            "*pytest*--llm-record*",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_miss_without_a_cassette_says_so(project: Project) -> None:
    """A test that was never recorded fails; it is never skipped."""
    project.tests(ASK)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no recording for LLM call 1*", "*--llm-record*"])
    assert project.server.seen == []


def write(project: Project, tests: str) -> None:
    """Write tests whose file names all that it imports, so that what is gone is known."""
    text = f"import pytest\nfrom app import chat\n{textwrap.dedent(tests)}"
    project.write("tests/test_app.py", text)


def test_a_renamed_test_is_told_which_cassette_was_its_own(project: Project) -> None:
    """The commands it names make the test play again, and bring the header along, unpaid."""
    write(project, ASK + ASK.replace("test_it", "test_other").replace("Answer", "Reply"))
    project.record().assert_outcomes(passed=2)
    write(project, ASK.replace("test_it", "test_new") + ASK.replace("test_it", "test_other"))
    result = project.run("-k", "test_new")
    folder = "cassettes/tests/test_app"
    result.stdout.fnmatch_lines(
        [
            "│ test_it.yaml belongs to no test any more. Was this test renamed or moved? *",
            f"│   git mv {folder}/test_it.yaml {folder}/test_new.yaml",
            "│   pytest tests/test_app.py::test_new --llm-record",
            "│ Else record what is missing (1 call):",
            "│   pytest tests/test_app.py::test_new --llm-record",
        ]
    )
    (project.path / folder / "test_it.yaml").rename(project.path / folder / "test_new.yaml")
    project.run("-k", "test_new").assert_outcomes(passed=1)
    project.record("-k", "test_new").assert_outcomes(passed=1)
    assert len(project.server.seen) == 2
    assert "test: tests/test_app.py::test_new\n" in (
        project.path / folder / "test_new.yaml"
    ).read_text(encoding="utf-8")


def test_a_test_file_that_was_moved_is_told_where_its_cassettes_are(project: Project) -> None:
    """The folder moves as a whole; what another file still plays is not offered."""
    project.tests(ASK)
    project.record().assert_outcomes(passed=1)
    project.tests(ASK, "tests/sub/test_moved.py")
    assert "git mv" not in project.run("tests/sub").stdout.str()
    (project.path / "tests/test_app.py").unlink()
    result = project.run()
    result.stdout.fnmatch_lines(
        [
            "│ cassettes/tests/test_app/ belongs to no test any more. Was this test renamed or*",
            "│   mkdir -p cassettes/tests/sub",
            "│   git mv cassettes/tests/test_app cassettes/tests/sub/test_moved",
            "│   pytest tests/sub/test_moved.py::test_it --llm-record",
        ]
    )
    (project.path / "cassettes/tests/sub").mkdir()
    moved = project.path / "cassettes/tests/sub/test_moved"
    (project.path / "cassettes/tests/test_app").rename(moved)
    project.run().assert_outcomes(passed=1)
    project.record().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)
    assert "test: tests/sub/test_moved.py::test_it\n" in (moved / "test_it.yaml").read_text()


def test_a_cassette_that_may_be_of_another_test_is_not_offered(project: Project) -> None:
    """Two tests are gone, or the one that is had other parameters, or there are very many."""
    many = "@pytest.mark.parametrize('one', 'ab')\n    @pytest.mark.llm_cassette"
    each = ASK.replace("@pytest.mark.llm_cassette", many).replace("test_it()", "test_it(one)")
    write(project, each + ASK.replace("test_it", "test_other"))
    project.record().assert_outcomes(passed=3)
    write(project, each.replace("test_it", "test_new") + ASK.replace("test_it", "test_more"))
    said = project.run("-k", "new").stdout.str()
    for one in "ab":
        assert f"git mv 'cassettes/tests/test_app/test_it[{one}].yaml'" in said
    assert "git mv cassettes/tests/test_app/test_other.yaml" not in said
    write(project, ASK.replace("test_it", "test_new"))
    project.write("cassettes/tests/test_app/torn.yaml", "cassette: [\n--- # key\n")
    assert "test_other.yaml belongs to no test" in project.run().stdout.str()
    gone = project.write("cassettes/tests/test_app/test_gone.yaml", GONE)
    assert "git mv" not in project.run().stdout.str()
    gone.unlink()
    for number in range(200):
        project.write(f"cassettes/tests/test_app/{number}.yaml", "")
    assert "git mv" not in project.run().stdout.str()


@pytest.mark.parametrize("blocked", ["terminal", "cacheprovider", "setuponly"])
def test_playback_needs_no_other_plugin(project: Project, blocked: str) -> None:
    """Any of pytest's own may be blocked."""
    project.tests("@pytest.mark.llm_cassette\ndef test_it(): chat('one')\n")
    project.record().assert_outcomes(passed=1)
    assert pytest.ExitCode.OK == project.run("-p", f"no:{blocked}").ret
    assert 1 == len(project.server.seen)


def test_a_client_that_wants_a_key_is_told_that_any_text_will_do(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A CI server has none, and no SDK knows that nothing will be sent."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            with openai.OpenAI(base_url=os.environ["CHAT_URL"]) as client:
                client.responses.create(model="gpt-5-mini", input="Hi")
        """
    )
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    project.record().assert_outcomes(passed=1)
    monkeypatch.delenv("OPENAI_API_KEY")
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Nothing is sent in playback*any text*", "*OPENAI_API_KEY=none*"])
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    project.run().assert_outcomes(passed=1)


def test_a_failure_without_words_is_reported(project: Project) -> None:
    """An error that cannot tell itself ends its test, not the session."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            chat("x")
        """
    )
    project.record().assert_outcomes(passed=1)
    project.tests(
        """
        class Wordless(Exception):
            def __str__(self):
                raise RuntimeError

        @pytest.mark.llm_cassette
        def test_it():
            raise Wordless
        """
    )
    project.run().assert_outcomes(failed=1)


def test_a_recording_is_not_told_that_any_key_will_do(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It needs the real one."""
    project.tests("@pytest.mark.llm_cassette\ndef test_it(): openai.OpenAI()\n")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    result = project.record()
    result.assert_outcomes(failed=1)
    assert "any text" not in result.stdout.str()


def test_a_swallowed_miss_fails_all_the_same(project: Project) -> None:
    """Code that catches everything cannot hide a miss."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            try:
                chat("x")
            except BaseException:
                pass
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no recording for LLM call 1*"])


def test_a_miss_that_became_another_error_is_what_the_summary_says(project: Project) -> None:
    """Frameworks that gather results take the miss for one, and fail over it."""
    project.tests(
        """
        from app import achat

        @pytest.mark.llm_cassette
        def test_it():
            async def gathered():
                return await asyncio.gather(achat("x"), return_exceptions=True)

            assert "".join(one.upper() for one in asyncio.run(gathered()))
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAILED *test_it - no recording for LLM call 1*", "*1 failed*"])
    result.stdout.fnmatch_lines(["*AttributeError: 'LlmFailure' object has no attribute 'upper'*"])


def test_a_miss_is_not_retried_by_the_anthropic_sdk(project: Project) -> None:
    """The miss passes the SDK's retry loop as it is."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            message("x")
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no recording for LLM call 1*"])
    assert "APIConnectionError" not in result.stdout.str()


def test_what_stops_the_search_for_a_recording_is_not_retried_by_the_sdk(project: Project) -> None:
    """As a guard against blocking calls raises: no SDK takes that for a lost connection."""
    project.tests(
        """
        import os

        def forbidden(*_):
            raise RuntimeError("a blocking call")

        @pytest.mark.llm_cassette
        def test_it(monkeypatch):
            monkeypatch.setattr(os, "walk", forbidden)
            chat("x")
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    said = (
        "the recording of POST */v1/chat/completions was not found: RuntimeError: a blocking call*"
    )
    result.stdout.fnmatch_lines([said])
    assert "APIConnectionError" not in result.stdout.str()


def test_a_miss_is_told_where_an_event_loop_may_not_ask_the_disk(project: Project) -> None:
    """As blockbuster forbids it: whatever a miss with a cassette needs was read before."""
    project.tests(ASK)
    project.record().assert_outcomes(passed=1)
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it(monkeypatch):
            asked = [{"role": "user", "content": "Answer in the words of the customer."}]
            with (
                openai.OpenAI(api_key="sk-test", base_url=os.environ["CHAT_URL"]) as client,
                monkeypatch.context() as guard,
            ):
                guard.setattr("os.stat", None)
                guard.setattr("os.getcwd", None)
                client.chat.completions.create(model="gpt-5-mini", messages=asked)
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no recording for LLM call 1: *content*differs*"])


def test_equal_calls_are_answered_in_order(project: Project) -> None:
    """First in, first out within a key."""
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            print("SAID", chat("again"), chat("again"))
    """
    )
    project.server.next(says("first"), says("second"))
    project.record().assert_outcomes(passed=1)
    result = project.run("-s")
    result.stdout.fnmatch_lines(["*SAID first second*"])


def test_events_that_are_not_played_fail_a_passing_test(project: Project) -> None:
    """Code that no longer makes a recorded call is told so; `ignore` and `warn` are milder."""
    two = ASK + '        chat("and again")\n'
    project.tests(two)
    project.record().assert_outcomes(passed=1)
    project.tests(ASK)
    result = project.run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*1 of 2 recorded events*not played*", "*--llm-record*"])
    project.run("--llm-unused=ignore").assert_outcomes(passed=1)
    project.run("--llm-unused=warn", "-Wdefault").assert_outcomes(passed=1, warnings=1)
    result = project.run("--llm-unused=warn", "-Werror::UserWarning")
    result.assert_outcomes(passed=1, errors=1)
    assert "Traceback" not in result.stdout.str()


def test_a_failing_test_is_not_told_of_unused_events(project: Project) -> None:
    """One failure is enough."""
    project.tests(ASK + '        chat("and again")\n')
    project.record().assert_outcomes(passed=1)
    project.tests(ASK + "        assert False\n")
    result = project.run()
    result.assert_outcomes(failed=1)
    assert "not played" not in result.stdout.str()


def test_a_test_without_a_cassette_is_left_alone(project: Project) -> None:
    """Without marker and fixture live calls go out as ever."""
    project.tests(
        """
        def test_it():
            assert chat("x") == "Echo: x"
    """
    )
    project.run().assert_outcomes(passed=1)
    assert len(project.server.seen) == 1
    assert not (project.path / "cassettes").exists()
    assert not (project.path / ".llmreplay").exists()


def test_mode_live_lets_one_test_out(project: Project) -> None:
    """The marker's `live` mode goes out even when all tests have cassettes."""
    project.write("pytest.ini", "[pytest]\nllm_autouse = true\n")
    project.tests(
        """
        @pytest.mark.llm_cassette(mode="live")
        def test_it():
            assert chat("x") == "Echo: x"
    """
    )
    project.run().assert_outcomes(passed=1)


def test_a_miss_says_what_recording_will_cost(project: Project) -> None:
    """The events that were not played, at the price they had."""
    project.write(
        "cassettes/tests/test_app/test_it.yaml",
        cassette(event(1, asks="one"), event(2, asks="two"), event(3, asks="three")),
    )
    project.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            assert chat("one") == "Hello."
            chat("changed")
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Record what is missing (2 calls, about $0.0000*):"])


def test_the_guard_fails_calls_outside_a_cassette(project: Project) -> None:
    """With `llm_guard` a live call of an unmarked test fails, and says where it came from."""
    project.write("pytest.ini", "[pytest]\nllm_guard = true\n")
    project.tests(
        """
        def test_it():
            chat("x")
    """
    )
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LLM call outside a cassette*", "from app.py:* in chat"])
    assert project.server.seen == []


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_what_the_guard_refused_fails_though_code_catches_everything(
    project: Project, when: str
) -> None:
    """Code that takes every exception for an answer hides no call; the next test is its own."""
    project.write("pytest.ini", "[pytest]\nllm_guard = true\n")
    project.tests(
        f"""
        def ask(when):
            try:
                if when == {when!r}:
                    chat("x")
            except BaseException:
                pass

        @pytest.fixture
        def asked():
            ask("setup")
            yield
            ask("teardown")

        def test_it(asked):
            ask("call")

        def test_that_asks_nothing():
            pass
    """
    )
    result = project.run()
    outcomes = {"failed": 1, "passed": 1} if when == "call" else {"errors": 1}
    outcomes |= {"setup": {"passed": 1}, "teardown": {"passed": 2}}.get(when, {})
    result.assert_outcomes(**outcomes)
    result.stdout.fnmatch_lines(["*LLM call outside a cassette*", "from app.py:* in chat"])
    assert [] == project.server.seen


@pytest.mark.parametrize(
    ("hosts", "wrong", "meant"),
    [
        ("https://llm.example/v1", "https://llm.example/v1", "llm.example"),
        ("llm.example, b.example", "llm.example,", "llm.example"),
    ],
)
def test_a_further_host_that_is_none_is_told(
    project: Project, hosts: str, wrong: str, meant: str
) -> None:
    """Its calls would leave unseen, as those of no model."""
    project.write("pytest.ini", f"[pytest]\nllm_hosts = {hosts}\n")
    project.tests("@pytest.mark.llm_cassette\ndef test_it(): chat('x')\n")
    result = project.run()
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    told = f"ERROR: llm_hosts: '{wrong}' is no host; did you mean '{meant}'? Write HOST, *"
    result.stderr.fnmatch_lines([told])


def test_ignored_paths_do_not_count(project: Project) -> None:
    """What the marker ignores may change without a new recording."""
    project.tests(ASK)
    project.record().assert_outcomes(passed=1)
    project.tests(
        ASK.replace("llm_cassette", 'llm_cassette(match_ignore=["messages[*].content"])').replace(
            "language", "words"
        )
    )
    project.run().assert_outcomes(passed=1)


def test_an_ignored_path_that_leads_nowhere_is_told_where_it_matters(project: Project) -> None:
    """A misspelt path shows itself in the miss that it was to prevent."""
    ignoring = ASK.replace("llm_cassette", 'llm_cassette(match_ignore=["mesages[0].content"])')
    project.tests(ignoring)
    project.record().assert_outcomes(passed=1)
    project.tests(ignoring.replace("language", "words"))
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*To be ignored, but found in neither: mesages[[]0].content."])


MADE_UP = """
    import uuid

    def agent(question, *, crossed=False):
        ids = [f"pyd_ai_{uuid.uuid4().hex}" for _ in range(2)]
        calls = [
            {"id": one, "type": "function", "function": {"name": "look", "arguments": "{}"}}
            for one in ids
        ]
        results = [
            {"role": "tool", "tool_call_id": one, "content": word}
            for one, word in zip(reversed(ids) if crossed else ids, ("sun", "rain"))
        ]
        asked = {"role": "user", "content": question}
        told = [asked, {"role": "assistant", "tool_calls": calls}, *results]
        chat("", extra_body={"messages": told})

    @pytest.mark.llm_cassette
    def test_it():
        agent("Rome and Paris?")
"""


def test_ids_of_tool_calls_that_a_framework_makes_up_are_no_miss(project: Project) -> None:
    """Which result answers which call is what a model reads in them; nothing is asked again."""
    project.tests(MADE_UP)
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    project.record().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


def test_results_of_calls_side_by_side_may_come_in_any_order(project: Project) -> None:
    """As tools end that run at once; nothing is a miss, nor asked again."""
    project.tests(MADE_UP)
    project.record().assert_outcomes(passed=1)
    project.tests(MADE_UP.replace("*results]", "*reversed(results)]"))
    project.run().assert_outcomes(passed=1)
    project.record().assert_outcomes(passed=1)
    assert 1 == len(project.server.seen)


def test_made_up_ids_hide_no_other_change(project: Project) -> None:
    """Neither of the words nor of which result answers which call; the miss tells that alone."""
    project.tests(MADE_UP)
    project.record().assert_outcomes(passed=1)
    for before, after, told in (
        ("Rome and", "Oslo and", "body.messages[[]0].content differs*"),
        ('Paris?"', 'Paris?", crossed=True', "body.messages[[]2].content and 1 more differ*"),
    ):
        project.tests(MADE_UP.replace(before, after))
        result = project.run()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines([f"*no recording for LLM call 1: {told}"])
    assert 1 == len(project.server.seen)


def test_a_wrong_marker_is_a_clear_error(project: Project) -> None:
    """An unknown argument is named, with those that exist."""
    project.tests(ASK.replace("llm_cassette", 'llm_cassette(nmae="x")'))
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*no argument 'nmae'; did you mean 'name'? It takes name, session, checks*"]
    )
    assert "Traceback" not in result.stdout.str()


def test_a_miss_names_the_line_of_a_long_text(project: Project) -> None:
    """The headline alone says where to look."""
    long = ASK.replace('"Answer', '"You are polite.\\nAnswer')
    project.tests(long)
    project.record().assert_outcomes(passed=1)
    project.tests(long.replace("language", "words"))
    result = project.run()
    result.stdout.fnmatch_lines(["*body.messages[[]0].content differs in line 2 (offline run)"])


def test_a_miss_of_another_endpoint_names_both(project: Project) -> None:
    """An equal body that went to another path is told by the path."""
    project.tests(ASK)
    project.record().assert_outcomes(passed=1)
    text = project.cassette().read_text()
    project.cassette().write_text(text.replace("/v1/chat/completions", "/v2/chat/completions"))
    lines = project.cassette().read_text().splitlines(keepends=True)
    kept = ["--- # key\n" if line.startswith("--- # key") else line for line in lines]
    project.cassette().write_text("".join(kept))
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*event 1 went to /v2/chat/completions*"])


def test_a_miss_is_no_expected_failure(project: Project) -> None:
    """A test marked `xfail` whose prompt has changed, or that was never recorded, says so."""
    test = """
        @pytest.mark.llm_cassette
        @pytest.mark.xfail
        def test_it():
            assert "yes" == chat("{prompt}")
    """
    project.tests(test.format(prompt="one"))
    project.run().assert_outcomes(failed=1)
    project.record().assert_outcomes(xfailed=1)
    project.run().assert_outcomes(xfailed=1)
    project.tests(test.format(prompt="two"))
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["no recording for LLM call 1*"])


VERSIONS = """
    import os
    import anthropic

    def ask(text):
        key, base = "sk-ant-test-0123456789abcdef", os.environ["MESSAGES_URL"]
        with anthropic.Anthropic(api_key=key, base_url=base) as client:
            client.messages.create(
                model="claude-sonnet-4-6", max_tokens=9,
                messages=[{{"role": "user", "content": text}}],
                extra_headers={{"anthropic-version": "{version}"}},
            )

    @pytest.fixture(scope="module")
    def topic():
        ask("a topic")

    @pytest.mark.llm_cassette
    @pytest.mark.parametrize("text", ["one", "two"])
    def test_it(text, topic):
        ask(text)
        ask("and more")
"""


def test_another_version_of_the_api_is_played_and_warned_of_once(project: Project) -> None:
    """The header does not count, so an SDK that sends a newer version asks for no recording."""
    project.tests(VERSIONS.format(version="2023-06-01"))
    project.record().assert_outcomes(passed=2)
    project.run().assert_outcomes(passed=2)
    project.tests(VERSIONS.format(version="2026-10-21"))
    result = project.run("-Wdefault")
    result.assert_outcomes(passed=2, warnings=1)
    said = "anthropic-version was 2023-06-01 when the calls were recorded, and is 2026-10-21 now:"
    result.stdout.fnmatch_lines([f"*OtherApiVersionWarning: {said}*--llm-record-mode=all*"])
    project.run("-Werror").assert_outcomes(passed=1, errors=1)


def test_each_other_version_at_one_url_is_warned_of(project: Project) -> None:
    """A second client of the same endpoint, whose version alone is another one, is not missed."""
    test = """
        import json, os, urllib.request

        def ask(version):
            url = os.environ["MESSAGES_URL"] + "/v1/messages"
            said = {{"role": "user", "content": version}}
            body = {{"model": "m", "max_tokens": 9, "messages": [said]}}
            headers = {{"content-type": "application/json", "anthropic-version": version}}
            sent = urllib.request.Request(url, json.dumps(body).encode(), headers)
            urllib.request.urlopen(sent).close()

        @pytest.mark.llm_cassette(match_ignore=["$.messages"])
        def test_it():
            for version in {versions}:
                ask(version)
    """
    project.tests(test.format(versions=["2023-06-01", "2023-06-01", "2024-01-01"]))
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)
    project.tests(test.format(versions=["2023-06-01", "2026-10-21", "2026-10-21"]))
    result = project.run("-Wdefault")
    result.assert_outcomes(passed=1, warnings=2)
    result.stdout.fnmatch_lines_random(
        ["*was 2023-06-01 when*, and is 2026-10-21 now*", "*was 2024-01-01 when*, and is 2026-*"]
    )


def test_another_api_version_in_the_url_is_warned_of(project: Project) -> None:
    """Azure's clients name the version of the API in the query."""
    test = """
        import json, os, urllib.request

        @pytest.mark.llm_cassette
        def test_it():
            url = os.environ["CHAT_URL"] + "/chat/completions?api-version={version}&x=1"
            body = {{"model": "m", "messages": [{{"role": "user", "content": "x"}}]}}
            headers = {{"content-type": "application/json"}}
            sent = urllib.request.Request(url, json.dumps(body).encode(), headers)
            urllib.request.urlopen(sent).close()
    """
    project.tests(test.format(version="2026-05-01"))
    project.record().assert_outcomes(passed=1)
    project.tests(test.format(version="2026-09-01"))
    result = project.run("-Wdefault")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*api-version was 2026-05-01*, and is 2026-09-01 now*"])


@needs(anthropic="0.47")
def test_the_provider_s_name_of_a_call_is_played_for_every_endpoint(project: Project) -> None:
    """Anthropic tells it in a header of its own, whatever was asked."""
    project.write("pytest.ini", "[pytest]\nllm_hosts = 127.0.0.1\n")
    project.tests("""
        import os
        import anthropic

        @pytest.mark.llm_cassette
        def test_it():
            base = os.environ["MESSAGES_URL"] + "/anthropic"
            with anthropic.Anthropic(api_key="sk-ant-test-0123456789abcdef", base_url=base) as it:
                assert "req_named" == it.models.with_raw_response.list().request_id
    """)
    project.server.next(raw(b'{"data": [], "has_more": false}', request_id="req_named"))
    project.record().assert_outcomes(passed=1)
    project.run().assert_outcomes(passed=1)


@needs(openai="2.0")
def test_where_a_provider_made_something_is_played(project: Project) -> None:
    """OpenAI names a realtime call in a header alone; no host of a cassette is told."""
    project.write("pytest.ini", "[pytest]\nllm_hosts = 127.0.0.1\n")
    project.tests("""
        import os
        import openai

        @pytest.mark.llm_cassette
        def test_it():
            key = "sk-test-0123456789abcdef0123"
            with openai.OpenAI(api_key=key, base_url=os.environ["CHAT_URL"]) as client:
                made = client.realtime.calls.create(sdp="v=0")
            assert made.response.headers["location"].endswith("/v1/realtime/calls/rtc_1")
            print("SAID", made.response.headers["location"])
    """)
    place = f"{project.server.openai}/realtime/calls/rtc_1"
    project.server.next(raw(b"v=0", status=201, content_type="application/sdp", location=place))
    project.record().assert_outcomes(passed=1)
    played = project.run("-s")
    played.assert_outcomes(passed=1)
    played.stdout.fnmatch_lines(["*SAID /v1/realtime/calls/rtc_1"])
