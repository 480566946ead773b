"""T3: a cassette chooses neither method, path, query, host nor headers of a replay."""

from __future__ import annotations

from projects import Project
from servers.provider_server import ProviderServer
from threats.threat_cassettes import document, header, question

ODD = [
    "x/../../v1/files",
    "../files?api_key=x",
    "http://{evil}/v1/chat/completions",
    "//{evil}/v1/chat/completions",
    "m\\r\\nHost: {evil}",
    "m HTTP/1.1\r\nX-Injected: 1\r\n\r\n",
    "%2e%2e%2ffiles",
    "@{evil}",
    "\u2028\u202e",
    "DELETE",
    " ",
]
HEADERS = {
    "host": "{evil}",
    "authorization": "Bearer sk-cassette-needle",
    "x-api-key": "cassette-needle",
    "cookie": "cassette-needle",
    "x-forwarded-host": "{evil}",
    "proxy": "http://{evil}",
    "content-type": "text/plain",
    "transfer-encoding": "chunked",
    "content-length": "0",
}
PLACES = {"/v1/chat/completions", "/v1/messages"}


def written(evil: str) -> str:
    """Every odd text as model, URL, method, provider and header of an event in each format."""
    odd = [text.format(evil=evil) for text in ODD]
    headers = {name: value.format(evil=evil) for name, value in HEADERS.items()}
    text, number = header(), 0
    for api in ("chat_completions", "messages"):
        for one in odd:
            for more in (
                {"model": one},
                {"url": one},
                {"url": f"http://{evil}/v1/files/{one}?api_key=cassette-needle#x"},
                {"method": one},
                {"provider": one},
                {"headers": headers},
            ):
                number += 1
                body = question(max_tokens=5) | {"model": more.get("model", "m")}
                text += document(number, body=body, api=api, **{"model": "m", **more})  # type: ignore[arg-type]  # hostile, of any type
    return text


def test_only_the_path_of_the_format_on_the_chosen_server(project: Project) -> None:
    """Of all that a cassette can say, nothing but its body reaches the server that was named."""
    with ProviderServer() as evil:
        text = written(f"127.0.0.1:{evil.port}")
        project.cassette().parent.mkdir(parents=True)
        project.cassette().write_text(text, encoding="utf-8", newline="")
        target = ["--llm-model=same", f"--llm-base-url={project.server.openai}"]
        result = project.run("--llm-replay", "--llm-check=answered", "--llm-retries=0", *target)
        assert [] == evil.seen
    sent = project.server.seen
    assert len(sent) == sum(result.parseoutcomes().get(word, 0) for word in ("passed", "changed"))
    assert 60 < len(sent)
    assert {"POST"} == {seen.method for seen in sent}
    assert PLACES == {seen.path for seen in sent}
    assert {f"127.0.0.1:{project.server.port}"} == {seen.headers["host"] for seen in sent}
    assert {"application/json"} == {seen.headers["content-type"] for seen in sent}
    assert "cassette-needle" not in str([seen.headers for seen in sent])
    assert {"x-injected", "cookie", "proxy"}.isdisjoint(set().union(*[s.headers for s in sent]))
    assert "INTERNALERROR" not in result.stdout.str()
