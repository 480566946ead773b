"""Replays at Azure, Bedrock and Vertex, as a loopback server imitates them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import anthropic
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
import pytest
from aws_projects import KEY_ID, SECRET
from made_cassettes import cassette, event
from projects import Project
from servers.bedrock import CLAUDE, CONVERSE, HEADERS, bedrock
from servers.exchange import Exchange, Seen
from servers.provider_server import raw

assert botocore.session  # once for all: every project's own import of it would take seconds

NEEDLE = "needle-of-the-key"
SONNET = "us.anthropic.claude-sonnet-4-6-v1:0"
HAIKU = "bedrock/anthropic.claude-haiku-4-5-v1:0"
ANSWERED = "--llm-check=answered"

CASSETTE = """\
cassette: 1
test: tests/test_app.py::test_it
--- # key r1:0000000000000001
event: 1
provider: bedrock
api: converse
model: {model}
request:
  method: POST
  url: https://bedrock-runtime.us-east-1.amazonaws.com/model/{model}/converse{ending}
  headers: {{content-type: application/json}}
  body: {{messages: [{{role: user, content: [{{text: Hi}}]}}], inferenceConfig: {{maxTokens: 9}}}}
response:
  status: 200
  headers: {{content-type: application/json}}
  body: {answer}
...
"""


@pytest.fixture
def cloud(one: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with one event of chat completions, and the keys of every cloud."""
    for variable in (
        *("AZURE_OPENAI_API_KEY", "AWS_BEARER_TOKEN_BEDROCK", "GOOGLE_OAUTH_ACCESS_TOKEN"),
        "GOOGLE_API_KEY",
    ):
        monkeypatch.setenv(variable, f"{NEEDLE}-{variable}")
    for variable in (
        *("AZURE_OPENAI_AD_TOKEN", "OPENAI_API_VERSION", "GOOGLE_CLOUD_PROJECT"),
        *("GOOGLE_CLOUD_LOCATION", "AWS_REGION", "AWS_DEFAULT_REGION"),
    ):
        monkeypatch.delenv(variable, raising=False)
    return one


def write_converse(project: Project, *, stream: bool = False) -> None:
    """Write a cassette with an event of converse in the place of the one that is there."""
    answer = json.dumps(CONVERSE)
    text = CASSETTE.format(model=SONNET, ending="-stream" if stream else "", answer=answer)
    project.cassette().write_text(text)


def sent(project: Project, result: pytest.RunResult, outcome: str = "changed") -> Seen:
    """The one call that a replay made, which came to this."""
    assert {outcome: 1} == result.parseoutcomes(), result.stdout.str()
    assert NEEDLE not in result.stdout.str() + result.stderr.str()
    (seen,) = project.server.seen
    assert "POST" == seen.method
    return seen


@pytest.mark.parametrize(
    ("environ", "path", "header"),
    [
        ({}, "/openai/v1/chat/completions", ("api-key", f"{NEEDLE}-AZURE_OPENAI_API_KEY")),
        (
            {"OPENAI_API_VERSION": "2026-01-01"},
            "/openai/deployments/my-deployment/chat/completions?api-version=2026-01-01",
            ("api-key", f"{NEEDLE}-AZURE_OPENAI_API_KEY"),
        ),
        (
            {"AZURE_OPENAI_API_KEY": "", "AZURE_OPENAI_AD_TOKEN": NEEDLE},
            "/openai/v1/chat/completions",
            ("authorization", f"Bearer {NEEDLE}"),
        ),
    ],
)
def test_azure(
    cloud: Project,
    monkeypatch: pytest.MonkeyPatch,
    environ: Mapping[str, str],
    path: str,
    header: tuple[str, str],
) -> None:
    """The deployment is the model; its API version stands in the URL where one is set."""
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", cloud.server.url)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    seen = sent(cloud, cloud.run("--llm-replay", "--llm-model=azure/my-deployment", ANSWERED))
    assert path == seen.path
    assert "my-deployment" == seen.json["model"]
    assert header[1] == seen.headers[header[0]]
    assert 1 == str(seen.headers).count(NEEDLE)


@pytest.mark.parametrize("stream", [False, True])
def test_bedrock_takes_converse_with_a_key(
    cloud: Project, monkeypatch: pytest.MonkeyPatch, *, stream: bool
) -> None:
    """The recorded body, whole or in frames, under the model that is asked."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", cloud.server.url)
    write_converse(cloud, stream=stream)
    cloud.server.next(bedrock)
    ran = cloud.run("--llm-replay", "--llm-model=bedrock/amazon.nova-lite-v1:0", "--llm-check=text")
    seen = sent(cloud, ran, "passed")
    ending = "converse-stream" if stream else "converse"
    assert f"/model/amazon.nova-lite-v1:0/{ending}" == unquote(seen.path)
    assert f"Bearer {NEEDLE}-AWS_BEARER_TOKEN_BEDROCK" == seen.headers["authorization"]
    asked = {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}
    assert asked | {"inferenceConfig": {"maxTokens": 9}} == seen.json


@pytest.mark.parametrize("stream", [False, True])
def test_bedrock_takes_claude_s_messages(
    cloud: Project, monkeypatch: pytest.MonkeyPatch, *, stream: bool
) -> None:
    """An event in another format goes to `invoke`, with the version in its body."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", cloud.server.url)
    cloud.cassette().write_text(cassette(event(1, body={"stream": stream})))
    cloud.server.next(bedrock)
    seen = sent(cloud, cloud.run("--llm-replay", f"--llm-model={HAIKU}", ANSWERED))
    ending = "invoke" + "-with-response-stream" * stream
    assert f"/model/anthropic.claude-haiku-4-5-v1:0/{ending}" == unquote(seen.path)
    assert "bedrock-2023-05-31" == seen.json["anthropic_version"]
    assert not {"model", "stream"} & seen.json.keys()


def test_bedrock_s_errors_are_told(cloud: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of the service."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", cloud.server.url)
    write_converse(cloud)
    cloud.server.next(raw(b'{"message": "The model is not here."}', status=404))
    result = cloud.run("--llm-replay", "--llm-model=same", ANSWERED)
    sent(cloud, result, "failed")
    result.stdout.fnmatch_lines(["*HTTP 404: The model is not here.*"])


def test_a_key_for_bedrock_has_to_be_there(cloud: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that names region, host and variable; nothing is sent."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    write_converse(cloud)
    result = cloud.run("--llm-replay", "--llm-model=same")
    assert pytest.ExitCode.USAGE_ERROR == result.ret
    host = "bedrock-runtime.eu-west-1.amazonaws.com"
    result.stderr.fnmatch_lines([f"*no key for {host}: set AWS_BEARER_TOKEN_BEDROCK*"])


SIGNING = f"""
import os
import botocore.session

def pytest_llmreplay_client(target, provider, api):
    if provider == "bedrock":
        session = botocore.session.get_session()
        session.set_credentials("{KEY_ID}", "{SECRET}", "session-token")
        return session.create_client(
            "bedrock-runtime",
            region_name="us-east-1",
            endpoint_url=os.environ["CHAT_URL"].removesuffix("/v1"),
        )
"""


def signature_of(seen: Seen, server: str) -> str:
    """The signature that AWS would work out for a request."""
    told = seen.headers["authorization"]
    names = told.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: seen.headers[name] for name in names if name != "host"}
    request = botocore.awsrequest.AWSRequest(
        method="POST", url=server + seen.path, headers=headers, data=seen.body
    )
    request.context["timestamp"] = seen.headers["x-amz-date"]
    keys = botocore.credentials.Credentials(KEY_ID, SECRET, "session-token")
    signer: Any = botocore.auth.SigV4Auth(keys, "bedrock", "us-east-1")
    return str(
        signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    )


@pytest.mark.parametrize("model", ["same", HAIKU])
def test_a_client_of_aws_signs_the_calls(
    cloud: Project, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    """Any boto3 client of `bedrock-runtime`, with its own credentials, as the hook gives it."""
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    cloud.write("conftest.py", SIGNING)
    if model == "same":
        write_converse(cloud)
    cloud.server.next(bedrock)
    result = cloud.run("--llm-replay", f"--llm-model={model}", ANSWERED)
    seen = sent(cloud, result, "passed" if model == "same" else "changed")
    assert "session-token" == seen.headers["x-amz-security-token"]
    assert seen.headers["authorization"].endswith(signature_of(seen, cloud.server.url))
    assert SECRET not in result.stdout.str()


OWN_HTTP = """
import os
import httpx2

class Token(httpx2.Auth):
    def auth_flow(self, request):
        request.headers["authorization"] = "Bearer " + "renewed"
        yield request

def pytest_llmreplay_client(target, provider, api):
    if provider == "bedrock":
        url = os.environ["CHAT_URL"].removesuffix("/v1") + "/gateway"
        return httpx2.AsyncClient(base_url=url, auth=Token(), headers={"x-team": "red"})
"""


def test_an_http_client_speaks_any_format(cloud: Project) -> None:
    """A gateway with credentials and headers of its own, in a format that has no SDK here."""
    cloud.write("conftest.py", OWN_HTTP)
    write_converse(cloud)
    cloud.server.next(bedrock)
    seen = sent(cloud, cloud.run("--llm-replay", "--llm-model=bedrock/x", ANSWERED), "passed")
    assert "/gateway/model/x/converse" == seen.path
    assert ("Bearer renewed", "red") == (seen.headers["authorization"], seen.headers["x-team"])
    assert "application/json" == seen.headers["content-type"]


CLAUDE_CLIENTS = """
import os
import anthropic
from anthropic import AsyncAnthropicBedrock, AsyncAnthropicFoundry, AsyncAnthropicVertex

URL = os.environ["CHAT_URL"].removesuffix("/v1")

def pytest_llmreplay_client(target, provider, api):
    if api != "messages":
        return None
    if provider == "bedrock":
        return AsyncAnthropicBedrock(base_url=URL, aws_region="us-east-1")
    if provider == "vertex":
        return AsyncAnthropicVertex(
            base_url=URL, region="r", project_id="p", access_token="token"
        )
    return AsyncAnthropicFoundry(base_url=URL, api_key="k")
"""


@pytest.mark.skipif(
    not hasattr(anthropic, "AnthropicFoundry"), reason="anthropic is older than its Foundry client"
)
@pytest.mark.parametrize(
    ("target", "path", "version"),
    [
        ("bedrock/claude-x", "/model/claude-x/invoke", "bedrock-2023-05-31"),
        (
            "vertex/claude-x",
            "/projects/p/locations/r/publishers/anthropic/models/claude-x:rawPredict",
            "vertex-2023-10-16",
        ),
        ("azure/claude-x", "/v1/messages", None),
    ],
)
def test_anthropic_s_clients_of_the_clouds(
    cloud: Project, target: str, path: str, version: str | None
) -> None:
    """They know paths and credentials; the body keeps the API version that it was written for."""
    cloud.write("conftest.py", CLAUDE_CLIENTS)

    async def claude(exchange: Exchange) -> None:
        await exchange.json(CLAUDE, headers=HEADERS)

    cloud.server.next(claude)
    ran = cloud.run("--llm-replay", f"--llm-model={target}", ANSWERED)
    seen = sent(cloud, ran)
    assert (path, version) == (seen.path, seen.json.get("anthropic_version"))


@pytest.mark.parametrize(
    ("model", "below", "asked"),
    [
        ("claude-x", "publishers/anthropic/models/claude-x:rawPredict", None),
        ("gemini-x", "endpoints/openapi/chat/completions", "google/gemini-x"),
        ("meta/llama", "endpoints/openapi/chat/completions", "meta/llama"),
    ],
)
def test_vertex(
    cloud: Project, monkeypatch: pytest.MonkeyPatch, model: str, below: str, asked: str | None
) -> None:
    """Project and location make the address; each maker's models have their own path."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "europe-west1")
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", cloud.server.url)
    if asked is None:
        cloud.server.next(raw(json.dumps(CLAUDE).encode()))
    seen = sent(cloud, cloud.run("--llm-replay", f"--llm-model=vertex/{model}", ANSWERED))
    assert f"/v1/projects/my-project/locations/europe-west1/{below}" == seen.path
    assert f"Bearer {NEEDLE}-GOOGLE_OAUTH_ACCESS_TOKEN" == seen.headers["authorization"]
    assert asked == seen.json.get("model")
    assert 1 == str(seen.headers).count(NEEDLE)
