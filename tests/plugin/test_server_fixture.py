"""The fixture `llm_server`: child processes, other languages and bare sockets have a cassette."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from projects import Project
from servers.provider_server import Behaviour, fails, resets, says

CHILD = """
import sys, openai

with openai.OpenAI() as client:
    if sys.argv[1] == "stream":
        chunks = client.chat.completions.create(
            model="gpt-5-mini", stream=True, messages=[{"role": "user", "content": sys.argv[2]}])
        print("|".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))
    else:
        answer = client.chat.completions.create(
            model="gpt-5-mini", messages=[{"role": "user", "content": sys.argv[2]}])
        print(answer.choices[0].message.content)
"""

RUN = """
import json, os, socket, subprocess, sys
from urllib.parse import urlsplit


def child(llm_server, *arguments):
    done = subprocess.run(
        [sys.executable, "child.py", *arguments], env={**os.environ, **llm_server.env},
        capture_output=True, text=True, timeout=60, cwd=os.environ["HERE"])
    print(done.stderr)
    return done.stdout.strip()
"""


@pytest.fixture
def outside(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose tests start processes that talk to the provider."""
    for variable in ("ANTHROPIC_BASE_URL", "OLLAMA_HOST", "LLMREPLAY_TRUST", "HTTP_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", project.server.openai)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    monkeypatch.setenv("HERE", str(project.path))
    project.write("child.py", CHILD)
    return project


def offline(project: Project, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """No provider and no key from here on."""
    project.server.reset()
    for name in names or ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name)


def test_a_child_process_is_recorded_and_played(
    outside: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script on the SDK is recorded through the server, and played without provider and key."""
    outside.tests(
        RUN
        + """
def test_it(llm_server):
    assert "Echo: hi" == child(llm_server, "plain", "hi")
    assert "Echo: you" == child(llm_server, "stream", "you").replace("|", "")
"""
    )
    outside.record().assert_outcomes(passed=1)
    seen = outside.server.seen
    assert ["/v1/chat/completions"] * 2 == [one.path for one in seen]
    assert "Bearer sk-test-0123456789abcdef0123" == seen[0].headers["authorization"]
    text = outside.cassette().read_text()
    assert 2 == text.count("--- # key")
    assert "sk-test" not in text
    offline(outside, monkeypatch)
    outside.run().assert_outcomes(passed=1)
    assert [] == outside.server.seen


def test_what_a_process_recorded_is_the_same_call_in_the_test(
    outside: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call has one key, made in the test or in a child: a cassette serves both."""
    outside.tests(RUN + "\n@pytest.mark.llm_cassette\ndef test_it():\n    assert chat('hi')\n")
    outside.record().assert_outcomes(passed=1)
    offline(outside, monkeypatch)
    outside.tests(
        RUN
        + "\ndef test_it(llm_server):\n    assert 'Echo: hi' == child(llm_server, 'plain', 'hi')"
    )
    outside.run().assert_outcomes(passed=1)


def test_the_test_itself_may_ask_the_server(outside: Project) -> None:
    """A call of the test's own process through the server is one event, not two."""
    outside.tests(
        """
def test_it(llm_server, llm_cassette, monkeypatch):
    base = llm_server.base_url
    for url in (base, base + "/v1", llm_server.env["OPENAI_BASE_URL"]):
        monkeypatch.setenv("CHAT_URL", url)
        with llm_cassette.step(prompt="greeting"):
            assert "Echo: hi" == chat("hi")
    assert ["greeting"] * 3 == [event.name for event in llm_cassette.events]
"""
    )
    outside.record().assert_outcomes(passed=1)
    assert ["/v1/chat/completions"] * 3 == [one.path for one in outside.server.seen]
    assert 3 == outside.cassette().read_text().count("--- # key")
    outside.server.reset()
    outside.run().assert_outcomes(passed=1)
    assert [] == outside.server.seen


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(outside: Project) -> None:
    """A program of another language, with the caller's own headers."""
    outside.tests(
        RUN
        + """
def test_it(llm_server):
    done = subprocess.run(
        ["curl", "-sN", llm_server.env["ANTHROPIC_BASE_URL"] + "/v1/messages",
         "-H", "content-type: application/json", "-H", "x-api-key: sk-ant-test-0123456789abcdef",
         "-H", "anthropic-version: 2023-06-01", "--noproxy", "*",
         "-d", json.dumps({"model": "claude-sonnet-4-6", "max_tokens": 9, "stream": True,
                           "messages": [{"role": "user", "content": "hi"}]})],
        capture_output=True, text=True, timeout=30)
    assert "message_start" in done.stdout and "message_stop" in done.stdout
"""
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_BASE_URL", outside.server.anthropic)
        outside.record().assert_outcomes(passed=1)
    assert "2023-06-01" == outside.server.seen[0].headers["anthropic-version"]
    outside.server.reset()
    outside.run().assert_outcomes(passed=1)
    assert [] == outside.server.seen


def test_sessions_that_other_programs_send_along(outside: Project) -> None:
    """Helicone's headers, in UTF-8 too, and the baggage of an instrumented client."""
    outside.write(
        "child.py",
        """
        import json, os, urllib.request

        BODY = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
        BAGGAGE = "session.id=8,session.name=D%C3%A9bat%2C%20too;p=1, label.tier = gold,by=ann,,x="
        PATH = "/débat/日本".encode().decode("latin-1")
        for more in ({"helicone-session-id": "7", "helicone-session-path": PATH},
                     {"baggage": BAGGAGE}, {"helicone-session-name": "caf\\xe9"}):
            urllib.request.urlopen(urllib.request.Request(
                os.environ["OPENAI_BASE_URL"] + "/chat/completions", json.dumps(BODY).encode(),
                {"content-type": "application/json", "authorization": "Bearer k", **more}))
        """,
    )
    outside.tests(
        RUN
        + """
def test_it(llm_server, llm_cassette):
    child(llm_server)
    one, two, three = llm_cassette.events
    assert ("7", "/débat/日本") == (one.session.id, one.session.path)
    assert ("8", "Débat, too", {"tier": "gold"}) == (two.session.id, two.session.name, two.labels)
    assert "café" == three.session.name
"""
    )
    outside.record().assert_outcomes(passed=1)
    assert "ann" not in outside.cassette().read_text()
    outside.run().assert_outcomes(passed=1)


BARE = r"""
import json, os, socket, sys
from urllib.parse import urlsplit

at = urlsplit(os.environ["OPENAI_BASE_URL"])
body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]})
head = (
    f"POST {at.path}/chat/completions HTTP/1.1", f"Host: {at.netloc}", "Authorization: Bearer k",
    "Content-Type: application/json", "Connection: close", f"Content-Length: {len(body)}", "", body,
)
with socket.create_connection((at.hostname, at.port), timeout=10) as client:
    client.sendall("\r\n".join(head).encode())
    answer = b"".join(iter(lambda: client.recv(4096), b"")).decode()
head, _, content = answer.partition("\r\n\r\n")
print(head.partition("\r\n")[0], json.loads(content)["choices"][0]["message"]["content"])
"""


def test_a_bare_socket(outside: Project) -> None:
    """Nothing but HTTP is asked of a client."""
    outside.write("child.py", BARE)
    outside.tests(
        f"{RUN}\ndef test_it(llm_server):\n"
        "    assert 'HTTP/1.1 200 OK Echo: hi' == child(llm_server)"
    )
    outside.record().assert_outcomes(passed=1)
    outside.server.reset()
    outside.run().assert_outcomes(passed=1)
    assert [] == outside.server.seen


def test_a_miss_of_a_child_fails_the_test(
    outside: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child gets an error that its SDK does not retry; the test fails though it hid it."""
    outside.tests(RUN + "\ndef test_it(llm_server):\n    child(llm_server, 'plain', 'hi')\n")
    outside.record().assert_outcomes(passed=1)
    offline(outside, monkeypatch)
    outside.tests(RUN + "\ndef test_it(llm_server):\n    child(llm_server, 'plain', 'ho')\n")
    result = outside.run()
    result.assert_outcomes(failed=1)
    printed = result.stdout.str()
    assert "no recording for LLM call 1: body.messages[0].content differs" in printed
    result.stdout.fnmatch_lines(["* -  hi", "* +  ho"])
    assert 1 == printed.count("openai.BadRequestError")
    assert "--llm-record" in printed
    assert [] == outside.server.seen


@pytest.mark.parametrize("first", [fails(429, retry_after=0.01), resets], ids=["429", "reset"])
def test_errors_of_the_provider_reach_the_child(outside: Project, first: Behaviour) -> None:
    """An SDK retries as it would without the server; one call is one event, with its attempts."""
    outside.server.next(first, says("At last."))
    outside.tests(
        RUN
        + "\ndef test_it(llm_server):\n    assert 'At last.' == child(llm_server, 'plain', 'hi')"
    )
    outside.record().assert_outcomes(passed=1)
    assert 2 == len(outside.server.seen)
    text = outside.cassette().read_text()
    assert 1 == text.count("--- # key")
    assert "attempts" in text


def test_a_wrong_base_url_is_one_clear_line(
    outside: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that holds no URL is named, and its value is not shown."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://user:hunter2@127.0.0.1/v1")
    outside.tests("def test_it(llm_server):\n    pass\n")
    result = outside.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*OPENAI_BASE_URL: cannot be used as a base URL*"])
    assert "hunter2" not in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_a_live_test_is_served_and_not_recorded(outside: Project) -> None:
    """With `mode="live"` the calls go through, and nothing is written."""
    outside.tests(
        RUN
        + """
@pytest.mark.llm_cassette(mode="live")
def test_it(llm_server):
    assert "Echo: hi" == child(llm_server, "plain", "hi")
"""
    )
    outside.run().assert_outcomes(passed=1)
    assert 1 == len(outside.server.seen)
    assert not outside.cassette().exists()


def test_an_idle_run_loads_nothing_of_it() -> None:
    """Who does not ask for the fixture does not import the server."""
    code = (
        "import sys, pytest_llmreplay.plugin; "
        "print([n for n in sys.modules if 'serve' in n and 'llmreplay' in n])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


SERVICE = """
import json, os, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

def ask(text):
    body = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": text}]}
    key = os.environ["OPENAI_API_KEY"]
    with urllib.request.urlopen(urllib.request.Request(
        os.environ["OPENAI_BASE_URL"] + "/chat/completions", json.dumps(body).encode(),
        {"content-type": "application/json", "authorization": f"Bearer {key}"},
    )) as answer:
        return json.load(answer)["choices"][0]["message"]["content"]

class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            said = ask(self.path[1:])
        except urllib.error.HTTPError as error:
            said = error.read().decode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said.encode())

with HTTPServer(("127.0.0.1", 0), Service) as server:
    print(ask("warm-up"), server.server_port, flush=True)
    server.serve_forever()
"""
STARTED = """
import os, subprocess, sys, urllib.request
import pytest

@pytest.fixture(scope="session")
def service(llm_shared_server):
    with subprocess.Popen(
        [sys.executable, "service.py"], env={**os.environ, **llm_shared_server.env},
        stdout=subprocess.PIPE, text=True, cwd=os.environ["HERE"],
    ) as process:
        try:
            *said, port = process.stdout.readline().split()
            assert ["Echo:", "warm-up"] == said
            yield lambda text: urllib.request.urlopen(f"http://127.0.0.1:{port}/{text}").read()
        finally:
            process.kill()
"""
USED = """
def test_one(service):
    assert b"Echo: one" == service("one")

def test_two(service, llm_cassette):
    with llm_cassette.step(prompt="second"):
        assert b"Echo: two" == service("two")

def test_none():
    pass
"""


@pytest.fixture
def service(outside: Project) -> Project:
    """A project whose tests share one long-lived program."""
    outside.write("service.py", SERVICE)
    outside.write("tests/conftest.py", STARTED)
    outside.tests(USED)
    return outside


def test_a_service_of_many_tests(service: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it asks is in the cassette of the test that runs, or of the fixture that starts it."""
    service.record().assert_outcomes(passed=3)
    assert 3 == len(service.server.seen)
    written = {path.name: path.read_text() for path in (service.path / "cassettes").rglob("*.yaml")}
    assert {"test_one.yaml", "test_two.yaml", "fixture.service.yaml"} == set(written)
    assert all(1 == text.count("--- # key") for text in written.values())
    assert "name: second" in written["test_two.yaml"]
    offline(service, monkeypatch)
    service.run().assert_outcomes(passed=3)
    service.tests(USED.replace('service("two")', 'service("new")'))
    result = service.run()
    result.assert_outcomes(passed=2, failed=1)
    assert "no recording for LLM call 1: body.messages[0].content differs" in result.stdout.str()
    assert [] == service.server.seen


def test_a_service_between_tests(service: Project) -> None:
    """A call that comes while no test runs goes nowhere, and nobody's cassette has it."""
    service.write(
        "tests/test_app.py",
        """
        kept = []

        def test_one(service):
            assert b"Echo: one" == service("one")
            kept.append(service)

        def test_later(late):
            assert "no test with a cassette is running" in late
        """,
    )
    service.write(
        "conftest.py",
        """
        import sys
        import pytest

        @pytest.fixture
        def late():
            return sys.modules["test_app"].kept[0]("late").decode()
        """,
    )
    service.record().assert_outcomes(passed=2)
    assert ["warm-up", "one"] == [one.json["messages"][0]["content"] for one in service.server.seen]


def test_a_service_is_rerouted_or_let_out(service: Project) -> None:
    """With `--llm-replay-tests` its calls go to the target, in a live test to the provider."""
    service.record().assert_outcomes(passed=3)
    service.server.reset()
    result = service.run(
        "--llm-replay-tests", "--llm-model", "openai/other", "--llm-base-url", service.server.openai
    )
    result.assert_outcomes(passed=3)
    assert ["other"] * 3 == [one.json["model"] for one in service.server.seen]
    service.server.reset()
    service.tests("@pytest.mark.llm_cassette(mode='live')" + USED.partition("def test_two")[0])
    service.run().assert_outcomes(passed=1)
    assert ["gpt-5-mini"] == [one.json["model"] for one in service.server.seen]
