"""Tests that run against another target, and ask for what no answer in words is: it is played."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator

import pytest
from projects import Project
from sdk_clients import needs
from servers.exchange import Exchange
from servers.provider_server import ProviderServer, echo, fails, says

VECTOR = [0.25, -0.5, 1.0]


def own_server(exchange: Exchange) -> Awaitable[None]:
    """Embeds, counts, tells of its models, and says what it was told."""
    path = exchange.seen.path
    if path.endswith("/embeddings"):
        found = {"object": "embedding", "index": 0, "embedding": VECTOR}
        used = {"prompt_tokens": 2, "total_tokens": 2}
        return exchange.json({"object": "list", "data": [found], "model": "small", "usage": used})
    if path.endswith("/count_tokens"):
        return exchange.json({"input_tokens": 7})
    if path.endswith("/show"):
        return exchange.json({"capabilities": ["tools"]})
    if exchange.seen.method == "GET":
        return exchange.json({"object": "list", "data": []})
    return echo(exchange)


@pytest.fixture
def target() -> Iterator[ProviderServer]:
    """Another server than the one that the application means."""
    with ProviderServer(says("Of the target.")) as server:
        yield server


@pytest.fixture
def rag(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """A project whose own server embeds, and is a provider's with all its paths."""
    with ProviderServer(own_server) as project.server:
        monkeypatch.setenv("CHAT_URL", project.server.openai)
        monkeypatch.setenv("MESSAGES_URL", project.server.anthropic)
        monkeypatch.setenv("WANTED", "Echo: x")
        host = project.server.url.removeprefix("http://")
        project.write("pyproject.toml", f'[tool.pytest.ini_options]\nllm_hosts = ["{host}"]\n')
        yield project


def run(project: Project, target: ProviderServer, *options: str) -> pytest.RunResult:
    """Run the tests against the target; their own server, asked before, sees nothing."""
    project.server.reset()
    base = ("--llm-replay-tests", "--llm-base-url", target.url, "--llm-model", "openai/tiny")
    result = project.run(*base, *options)
    assert [] == project.server.seen
    return result


EMBED = """
    import httpx

    KNOWN = {"api_key": "sk-test-0123456789abcdef0123", "base_url": os.environ["CHAT_URL"]}
    VECTOR = [0.25, -0.5, 1.0]

    def embedded(text):
        with openai.OpenAI(**KNOWN) as client:
            return client.embeddings.create(model="small", input=text).data[0].embedding

    async def aembedded(text):
        async with openai.AsyncOpenAI(**KNOWN) as client:
            return (await client.embeddings.create(model="small", input=text)).data[0].embedding

    def posted(text):
        answer = httpx.post(
            os.environ["CHAT_URL"] + "/embeddings",
            json={"model": "small", "input": text, "dimensions": 3},
        )
        return answer.json()["data"][0]["embedding"]
"""

RAG = (
    EMBED
    + """
    @pytest.fixture(scope="module")
    def index():
        return {"Refunds take a week.": embedded("Refunds take a week.")}

    @pytest.mark.llm_cassette
    def test_sync(index):
        assert VECTOR == embedded("refund?") == index["Refunds take a week."]
        assert chat("Refunds take a week. refund?")

    @pytest.mark.llm_cassette
    def test_async(index):
        async def both():
            return await asyncio.gather(aembedded("a"), aembedded("b"), achat("c"))

        one, other, said = asyncio.run(both())
        assert VECTOR == one == other
        assert said

    @pytest.mark.llm_cassette
    def test_raw():
        found = []
        thread = threading.Thread(target=lambda: found.append(posted("x")))
        thread.start()
        thread.join()
        assert [VECTOR] == found

    @pytest.mark.llm_cassette("counts")
    def test_counts():
        with anthropic.Anthropic(api_key="k", base_url=os.environ["MESSAGES_URL"]) as client:
            asked = [{"role": "user", "content": "x"}]
            counted = client.messages.count_tokens(model="claude-x", messages=asked)
        assert 7 == counted.input_tokens
        assert [] == httpx.get(os.environ["CHAT_URL"] + "/models").json()["data"]
        told = httpx.post(os.environ["MESSAGES_URL"] + "/ollama/api/show", json={"model": "x"})
        assert ["tools"] == told.json()["capabilities"]
"""
)


@needs(anthropic="0.47")
def test_what_asks_for_no_words_is_played(rag: Project, target: ProviderServer) -> None:
    """Embeddings, counts and models come from cassettes, of fixtures too; words do not."""
    rag.tests(RAG)
    assert {"passed": 4} == rag.record().parseoutcomes()
    before = {path: path.read_bytes() for path in rag.path.rglob("cassettes/**/*.yaml")}
    result = run(rag, target)
    assert {"passed": 4} == result.parseoutcomes()
    assert ["/v1/chat/completions"] * 2 == [seen.path for seen in target.seen]
    result.stdout.fnmatch_lines(["2 calls to openai/tiny *· 8 played from cassettes*"])
    assert before == {path: path.read_bytes() for path in before}
    assert [] == rag.partials


def test_words_are_never_played(
    rag: Project, target: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the recording would be judged; nor is a kept answer, though it asks no model anew."""
    rag.tests(
        """
        import httpx

        @pytest.mark.llm_cassette
        def test_chat():
            assert os.environ["WANTED"] == chat("x")

        @pytest.mark.llm_cassette
        def test_kept():
            httpx.get(os.environ["CHAT_URL"] + "/responses/resp_1")

        @pytest.mark.llm_cassette
        def test_compacted():
            httpx.post(os.environ["CHAT_URL"] + "/responses/compact", json={"input": "x"})
        """
    )
    assert {"passed": 3} == rag.record().parseoutcomes()
    monkeypatch.setenv("WANTED", "Of the target.")
    result = run(rag, target)
    assert {"failed": 2, "passed": 1} == result.parseoutcomes()
    result.stdout.fnmatch_lines(
        [
            "GET /v1/responses/resp_1 is not asked of the target: GET: no model is asked",
            "POST /v1/responses/compact is not asked of the target: api 'other' cannot be *",
        ]
    )


def test_the_refusal_of_a_malformed_call_is_played(rag: Project, target: ProviderServer) -> None:
    """No model has said anything, and no target is asked what every server refuses."""
    rag.tests(
        """
        @pytest.mark.llm_cassette
        def test_it():
            client = openai.OpenAI(api_key="k", base_url=os.environ["CHAT_URL"])
            with pytest.raises(openai.BadRequestError, match="Expected an array"):
                client.chat.completions.create(model="tiny", messages="hello")
        """
    )
    rag.server.next(fails(400, "Expected an array"))
    assert {"passed": 1} == rag.record().parseoutcomes()
    result = run(rag, target)
    assert {"passed": 1} == result.parseoutcomes()
    assert [] == target.seen


CHANGING = (
    EMBED
    + """
    TEXT = os.environ["WANTED"]
    TIMES = len(TEXT)

    @pytest.mark.llm_cassette
    def test_unknown():
        embedded(TEXT)

    @pytest.mark.llm_cassette
    def test_hidden():
        try:
            posted(TEXT)
        except BaseException:
            pass

    def test_unmarked():
        if TEXT != "Echo: x":
            posted(TEXT)

    @pytest.mark.llm_cassette(mode="new")
    def test_asked_again():
        assert [VECTOR] * TIMES == [embedded("x") for _ in range(TIMES)]

    @pytest.mark.llm_cassette
    def test_damaged():
        assert chat("x")
        embedded("x")

    def test_served(llm_server):
        with openai.OpenAI(**(KNOWN | {"base_url": llm_server.base_url + "/v1"})) as client:
            answer = client.embeddings.create(model="small", input="x")
        assert VECTOR == answer.data[0].embedding
"""
)


def test_a_call_that_is_not_recorded_says_what_to_do(
    rag: Project, target: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one line; a call is played as often as it is asked, and nothing else is needed of a file.

    A target may call its tools more often than the recorded model did.
    """
    monkeypatch.setenv("OPENAI_BASE_URL", rag.server.openai)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-0123456789abcdef0123")
    rag.tests(CHANGING)
    assert {"passed": 6} == rag.record().parseoutcomes()
    monkeypatch.setenv("WANTED", "Something longer.")
    rag.cassette("tests/test_app/test_damaged.yaml").write_text("no: cassette\n")
    result = run(rag, target)
    assert {"failed": 4, "passed": 2} == result.parseoutcomes()
    refused = "POST /v1/embeddings is not asked of the target: embeddings; "
    recorded = "pytest tests/test_app.py::test_unknown --llm-record records it"
    result.stdout.fnmatch_lines(
        [
            f"{refused}cassettes/tests/test_app/test_unknown.yaml does not hold it, {recorded}",
            f"{refused}cassettes/tests/test_app/test_hidden.yaml does not hold it, *",
            f"{refused}record it in a test with @pytest.mark.llm_cassette (pytest --llm-record)",
            "*test_damaged.yaml*",
            "1 call to openai/tiny *18 played from cassettes*",
        ]
    )
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_a_target_may_be_asked_to_embed(rag: Project, target: ProviderServer) -> None:
    """Where a person says so, its vectors count, recorded or not."""
    rag.tests(EMBED + "    def test_it():\n        assert VECTOR == embedded('x')\n")
    target.next(own_server)
    assert {"passed": 1} == run(rag, target, "--llm-allow=embeddings").parseoutcomes()
    assert ["/v1/embeddings"] == [seen.path for seen in target.seen]


@needs(anthropic="0.47")
def test_workers_play(rag: Project, target: ProviderServer) -> None:
    """Each plays the cassettes of its tests, and all are summed."""
    pytest.importorskip("xdist")
    rag.tests(RAG)
    assert {"passed": 4} == rag.record().parseoutcomes()
    rag.server.reset()
    base = ("--llm-replay-tests", "--llm-base-url", target.url, "--llm-model", "openai/tiny")
    result = rag.run_apart("-n2", *base)
    assert {"passed": 4} == result.parseoutcomes()
    assert [] == rag.server.seen
    result.stdout.fnmatch_lines(["2 calls to openai/tiny *played from cassettes*"])
