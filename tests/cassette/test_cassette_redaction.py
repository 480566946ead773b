"""Secrets never reach a file; ordinary words do."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.bedrock import chunk, frames

from pytest_llmreplay.cassette.redaction.kept_headers import request_id_of
from pytest_llmreplay.cassette.redaction.redactor import Redactor
from pytest_llmreplay.cassette.redaction.secret_scan import hash_of
from pytest_llmreplay.errors import ConfigError, SecretFound
from pytest_llmreplay.event import (
    BinaryBody,
    Chunk,
    HttpRequest,
    HttpResponse,
    Json,
    JsonBody,
    StreamBody,
    TextBody,
)

RANDOM = "a8Kd93LmQ0zX7vB2nT5yRw1c"
LONG = RANDOM * 4

NEEDLES = [
    f"sk-{RANDOM}",
    f"sk-proj-{RANDOM}_{RANDOM}-x",
    f"sk-ant-api03-{RANDOM}-{RANDOM}_AA",
    "sk-or-v1-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    f"sk_live_{RANDOM}",
    f"AIzaSy{LONG[:33]}",
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    f"ABSK{LONG}",
    f"ghp_{LONG[:36]}",
    f"gho_{LONG[:36]}",
    f"ghu_{LONG[:36]}",
    f"ghs_{LONG[:36]}",
    f"ghr_{LONG[:36]}",
    f"github_pat_{LONG[:22]}_{LONG[:59]}",
    "xoxb-123456789012-1234567890123-a8Kd93LmQ0zX7vB2nT5yRw1c",
    f"glpat-{LONG[:20]}",
    f"hf_{LONG[:34]}",
    f"auth_tokens/{LONG[:40]}",
    f"gsk_{LONG[:52]}",
    f"r8_{LONG[:37]}",
    f"pplx-{LONG[:48]}",
    f"xai-{LONG[:80]}",
    f"nvapi-{LONG[:60]}",
    f"npm_{LONG[:36]}",
    f"ya29.{LONG[:60]}",
    f"SG.{LONG[:22]}.{LONG[:43]}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
]

IN_CONTEXT = {
    "Authorization: Bearer abc123def456": "abc123def456",
    "curl -H 'authorization: Basic dXNlcjpodW50ZXIy' x": "dXNlcjpodW50ZXIy",
    "x-api-key: my-private-key-1": "my-private-key-1",
    "postgres://admin:hunter2@db.internal/app": "hunter2",
    "Set-Cookie: sid=31d4d96e407aad42; Path=/; HttpOnly": "31d4d96e407aad42",
    "Cookie: a=1234567; b=second-secret": "second-secret",
    '{"password": "hunter2"}': "hunter2",
    '{\\"client_secret\\": \\"hunter2\\"}': "hunter2",
    "{'refresh_token': 'hunter2'}": "hunter2",
    '{"apiKeyConfig": {"apiKeyString": "hunter2"}}': "hunter2",
    '{"new_signing_secret": "hunter2"}': "hunter2",
    '{"tunnel_token": "hunter2"}': "hunter2",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBA7\nbq+/=\n-----END RSA PRIVATE KEY-----": "MIIEp",
}

HARMLESS = [
    "a task-oriented, risk-averse plan",
    "pip install sk-learn; sk-learn-contrib-imbalanced-learn",
    "scikit: sk-estimators-and-transformers",
    "the desk-2024-planning-committee-meeting",
    "Bearer authentication uses Authorization: Bearer <token>",
    "Authorization: Basic auth",
    "Authorization: Basic authorization, and basic A",
    "hf_transfer and gsk_ are prefixes",
    "see https://example.org/a:b@c and http://localhost:8080/x",
    "The cookie: a love story",
    "max_tokens, prompt_tokens: 12, token",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "call_Zq3P9abcdefgh0123456789 toolu_01A09q90qw90lq917835lq9",
    "123e4567-e89b-12d3-a456-426614174000",
]


@pytest.mark.parametrize("needle", NEEDLES)
@pytest.mark.parametrize("around", ["{}", "my key is {}, ok?", "KEY={}\nX=1", '"{}"', "(`{}`)"])
def test_a_secret_by_shape_is_taken_out(needle: str, around: str) -> None:
    """Every known shape goes, whatever stands around it."""
    text = Redactor().text(around.format(needle))
    assert needle[8:] not in text
    assert "[REDACTED" in text
    assert around.partition("{}")[0] in text


@pytest.mark.parametrize("needle", NEEDLES)
def test_a_secret_in_a_message_or_in_json_in_a_text_is_taken_out(needle: str) -> None:
    """Shapes are found in bodies, also behind the escapes of JSON in a text."""
    inner = json.dumps({"note": f"line\n{needle}\n"})
    body = JsonBody(value={"messages": [{"content": f"ü {needle}"}, {"arguments": inner}]})
    assert needle[8:] not in json.dumps(Redactor().body(body).value)


@pytest.mark.parametrize(("text", "secret"), IN_CONTEXT.items())
def test_a_secret_known_by_its_context_is_taken_out(text: str, secret: str) -> None:
    """The words around a secret tell what it is."""
    redacted = Redactor().text(text)
    assert secret not in redacted
    assert "[REDACTED" in redacted


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_stays(text: str) -> None:
    """Nothing that only resembles a secret is touched, and no write is refused for it."""
    redactor = Redactor()
    assert text == redactor.text(text)
    assert [] == redactor.scan(text.encode())


@pytest.mark.parametrize("text", [*NEEDLES, *IN_CONTEXT, *HARMLESS])
def test_redacting_twice_changes_nothing(text: str) -> None:
    """What is redacted is not redacted again."""
    once = Redactor().text(text)
    assert once == Redactor().text(once)
    assert [] == Redactor().scan(once.encode())


def test_fields_are_redacted_by_their_whole_name() -> None:
    """Secret names go whatever their spelling; names that contain `token` stay."""
    value: Json = {
        "api_key": "abc",
        "Api-Key": "abc",
        "clientSecret": "abc",
        "PASSWORD": ["abc", 1],
        "authorization": "abc",
        "max_tokens": 100,
        "usage": {"prompt_tokens": 5, "total_tokens": 9},
        "logprobs": [{"token": "Hi", "bytes": [72]}],
        "token": "Hi",
        "properties": {"password": {"type": "string"}},
        "required": ["password"],
    }
    expected: Json = {
        "api_key": "[REDACTED]",
        "Api-Key": "[REDACTED]",
        "clientSecret": "[REDACTED]",
        "PASSWORD": ["[REDACTED]", 1],
        "authorization": "[REDACTED]",
        "max_tokens": 100,
        "usage": {"prompt_tokens": 5, "total_tokens": 9},
        "logprobs": [{"token": "Hi", "bytes": [72]}],
        "token": "Hi",
        "properties": {"password": {"type": "string"}},
        "required": ["password"],
    }
    assert expected == Redactor().json(value)


def test_an_object_under_a_secret_name_is_looked_into() -> None:
    """As OpenAI's `client_secret` of a realtime session; a schema of such a field stays."""
    schema: Json = {"type": "string", "description": "At least 8 characters."}
    value: Json = {
        "client_secret": {"value": "abc", "expires_at": 5, "note": f"ek_{LONG[:32]}"},
        "api_key": [{"value": "abc", "name": "mine"}],
        "properties": {"password": schema},
    }
    expected: Json = {
        "client_secret": {"value": "[REDACTED]", "expires_at": 5, "note": "[REDACTED:api-key]"},
        "api_key": [{"value": "[REDACTED]", "name": "mine"}],
        "properties": {"password": schema},
    }
    assert expected == Redactor().json(value)


@pytest.mark.parametrize("rule", ["name: customer", "path: customer"])
def test_a_rule_of_the_user_takes_all_words_of_an_object(rule: str) -> None:
    """Whatever is nested in what it names."""
    value: Json = {"customer": {"first": "Ada", "orders": [{"what": "a tent", "count": 2}]}}
    expected: Json = {
        "customer": {"first": "[REDACTED]", "orders": [{"what": "[REDACTED]", "count": 2}]}
    }
    assert expected == Redactor([rule]).json(value)


def test_only_headers_that_say_something_are_kept() -> None:
    """Keys, cookies and noise never reach the file."""
    request = HttpRequest(
        method="POST",
        url="https://h/v1",
        headers={
            "Authorization": f"Bearer sk-{RANDOM}",
            "x-api-key": "k",
            "cookie": "a=b",
            "Content-Type": "application/json",
            "anthropic-version": "2023-06-01",
            "helicone-property-team": "red",
            "user-agent": "x",
        },
    )
    assert {
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
        "helicone-property-team": "red",
    } == Redactor().request(request).headers


@pytest.mark.parametrize(
    ("status", "kept"),
    [(200, {"content-type": "x"}), (429, {"content-type": "x", "retry-after": "2"})],
)
def test_an_answer_keeps_retry_headers_only_when_it_is_an_error(
    status: int, kept: dict[str, str]
) -> None:
    """What a client acts on stays, where it acts on it."""
    headers = {"Content-Type": "x", "retry-after": "2", "set-cookie": "a=b", "x-request-id": "r"}
    answer = HttpResponse(status=status, headers=headers)
    assert kept == Redactor().response(answer).headers


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/v1?key=abc&alt=sse", "https://h/v1?key=[REDACTED]&alt=sse"),
        ("https://u:p@h:8/v1", "https://REDACTED@h:8/v1"),
        (
            "https://h/?X-Amz-Signature=1&sig=2&a=b",
            "https://h/?X-Amz-Signature=[REDACTED]&sig=[REDACTED]&a=b",
        ),
        ("https://h/v1?api%5Fkey=abc", "https://h/v1?api%5Fkey=[REDACTED]"),
        ("https://h/v1/models", "https://h/v1/models"),
        ("https://h/v1/it?a=b#part?c=d", "https://h/v1/it?a=b"),
    ],
)
def test_urls_lose_their_credentials(url: str, expected: str) -> None:
    """Userinfo and secret parameters go; redacting the result changes nothing."""
    redactor = Redactor()
    assert expected == redactor.url(url)
    assert expected == redactor.url(expected)


def test_a_form_loses_its_secrets() -> None:
    """A form is redacted by parameter name."""
    body = Redactor().body(TextBody(text="grant_type=refresh&client_secret=hunter2"))
    assert TextBody(text="grant_type=refresh&client_secret=[REDACTED]") == body


def test_bytes_lose_their_secrets() -> None:
    """Also a multipart upload is searched."""
    body = Redactor().body(BinaryBody(data=b"\xff\x00 sk-" + RANDOM.encode() + b" \xfe"))
    assert BinaryBody(data=b"\xff\x00 [REDACTED:api-key] \xfe") == body


def test_a_harmless_body_is_handed_back_as_it_is() -> None:
    """No copy is made where nothing changes."""
    value: Json = {"messages": [{"role": "user", "content": "Hi"}]}
    assert value is Redactor().json(value)


def _stream(*pieces: str, key: str = "content") -> StreamBody:
    chunks = [
        f"data: {json.dumps({'id': 'c1', 'choices': [{'index': 0, 'delta': {key: piece}}]})}\n\n"
        for piece in pieces
    ]
    return StreamBody(
        chunks=tuple(Chunk(at=n / 10, data=text.encode()) for n, text in enumerate(chunks))
    )


def _texts(stream: StreamBody, key: str = "content") -> list[str]:
    return [
        json.loads(chunk.data.removeprefix(b"data: "))["choices"][0]["delta"][key]
        for chunk in stream.chunks
    ]


def _redacted(stream: StreamBody) -> StreamBody:
    body = Redactor().response(HttpResponse(status=200, body=stream)).body
    assert isinstance(body, StreamBody)
    return body


def test_a_secret_cut_over_pieces_of_a_stream_is_taken_out() -> None:
    """The pieces of one text are read as one; each keeps what is no secret."""
    stream = _stream("Your key: s", "k-", RANDOM[:9], RANDOM[9:] + " ok", "bye")
    assert ["Your key: [REDACTED:api-key]", "", "", " ok", "bye"] == _texts(_redacted(stream))


def test_the_rest_of_a_secret_goes_with_its_beginning() -> None:
    """A first piece that is long enough to be a key by itself is not all of it."""
    stream = _stream(f"Your key: sk-{RANDOM}", "Zz81", "Yy72 ok")
    assert "Your key: [REDACTED:api-key] ok" == "".join(_texts(_redacted(stream)))


def test_a_secret_in_cut_tool_arguments_is_taken_out_by_name() -> None:
    """A field of partial JSON is found when the pieces are read as one."""
    stream = _stream('{"pass', 'word": "hun', 'ter2", "a"', ": 1}", key="arguments")
    texts = _texts(_redacted(stream), "arguments")
    assert '{"password": "[REDACTED]", "a": 1}' == "".join(texts)


def test_interleaved_choices_are_read_apart() -> None:
    """With several choices each one's pieces belong together."""

    def event(index: int, piece: str) -> Chunk:
        value = {"choices": [{"index": index, "delta": {"content": piece}}]}
        return Chunk(at=0.0, data=f"data: {json.dumps(value)}\n\n".encode())

    pieces = [(0, "sk-a8Kd93L"), (1, "harm"), (0, "mQ0zX7vB2nT5"), (1, "less")]
    stream = _redacted(StreamBody(chunks=tuple(event(*piece) for piece in pieces)))
    assert b"mQ0zX7vB2nT5" not in stream.data
    assert b"harm" in stream.data
    assert b"less" in stream.data


def test_a_secret_in_one_piece_or_in_raw_lines_is_taken_out() -> None:
    """Whole secrets go too, in server-sent events, in lines of JSON and in plain text."""
    whole = _redacted(_stream(f"key sk-{RANDOM} ok"))
    lines = StreamBody(chunks=(Chunk(at=0.0, data=f'{{"t":"sk-{RANDOM}"}}\n'.encode()),))
    raw = StreamBody(
        chunks=(
            Chunk(at=0.0, data=b"sk-" + RANDOM[:8].encode()),
            Chunk(at=0.1, data=RANDOM[8:].encode()),
        )
    )
    assert ["key [REDACTED:api-key] ok"] == _texts(whole)
    assert b'{"t":"[REDACTED:api-key]"}\n' == _redacted(lines).data
    assert b"[REDACTED:api-key]" == _redacted(raw).data


def test_a_harmless_stream_is_handed_back_as_it_is() -> None:
    """Its bytes are not written anew."""
    stream = _stream("The ", "jobs ", "argument")
    assert stream is _redacted(stream)


@given(
    st.sampled_from(NEEDLES),
    st.lists(st.integers(min_value=0, max_value=60), max_size=6),
    st.sampled_from([True, False]),
)
def test_no_cut_hides_a_secret(needle: str, cuts: list[int], ascii_only: object) -> None:
    """However a provider cuts an answer, no secret is left in it."""
    text = f"key: {needle} ü"
    at = sorted({0, *(cut for cut in cuts if cut < len(text)), len(text)})
    pieces = [text[start:end] for start, end in pairwise(at)]
    events = [
        json.dumps({"delta": {"t": piece}}, ensure_ascii=bool(ascii_only)) for piece in pieces
    ]
    stream = StreamBody(
        chunks=tuple(Chunk(at=0.0, data=f"data: {event}\n\n".encode()) for event in events)
    )
    left = "".join(
        json.loads(chunk.data.removeprefix(b"data: "))["delta"]["t"]
        for chunk in _redacted(stream).chunks
    )
    assert Redactor().text(text) == left


def test_personal_data_stays_unless_it_is_asked_for() -> None:
    """Whether an address is personal is the user's decision."""
    assert "ada@example.org" == Redactor().text("ada@example.org")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "mail ada@example.org, Ada@Example.org and bob@x.co.uk",
            "mail [EMAIL_1], [EMAIL_1] and [EMAIL_2]",
        ),
        ("email=ada@example.org;", "email=[EMAIL_1];"),
        ("pay to DE89 3704 0044 0532 0130 00 now", "pay to [IBAN_1] now"),
        ("GB82WEST12345698765432", "[IBAN_1]"),
        ("GB82WEST12345698765433", "GB82WEST12345698765433"),
        ("card 4111 1111 1111 1111.", "card [CARD_1]."),
        ("card 4111 1111 1111 1112.", "card 4111 1111 1111 1112."),
        ("call +49 171 1234567 or (555) 123-4567", "call [PHONE_1] or [PHONE_2]"),
        ("on 2024-08-06 at 12:30:45, order 204113", "on 2024-08-06 at 12:30:45, order 204113"),
        ("from 203.0.113.7 and 2001:db8::1", "from [IP_1] and [IP_2]"),
        ("at 127.0.0.1, std::vector, 999.1.1.1", "at 127.0.0.1, std::vector, 999.1.1.1"),
    ],
)
def test_personal_data_gets_placeholders(text: str, expected: str) -> None:
    """The same value has the same placeholder; what fails its checksum is no number of its kind."""
    assert expected == Redactor(["email, phone, iban", "card,ip"]).text(text)


def test_placeholders_last_through_a_session_and_respect_those_already_there() -> None:
    """A played-back answer may hold a placeholder; a new value gets another one."""
    redactor = Redactor(["email"])
    assert "[EMAIL_1]" == redactor.text("ada@x.org")
    assert "[EMAIL_2] [EMAIL_3]" == redactor.text("[EMAIL_2] bob@x.org")
    assert "[EMAIL_1]" == redactor.text("ada@x.org")


def test_people_are_no_names_of_fields() -> None:
    """A tool may tell or take an object by them; what a field of the format is called stays."""
    told: Json = {
        "Ada@x.org": 1,
        "ada@x.org": 2,
        "FJ-123456": "bob@x.org",
        "role": {"bob@x.org": []},
    }
    redactor = Redactor(["email", "[A-Z]+-[0-9]+", "role"])
    shown: Json = {
        "[EMAIL_1]": 1,
        "[EMAIL_1] (2)": 2,
        "[REDACTED]": "[EMAIL_2]",
        "role": {"[EMAIL_2]": []},
    }
    assert shown == redactor.json(told)
    assert shown == redactor.json(shown)
    assert {"[REDACTED]": {}} == Redactor(["ada@.*", "path: *"]).json({"ada@x.org": {}})
    assert told == Redactor().json(told)


def test_people_are_no_names_of_headers() -> None:
    """As a log may tell properties by them."""
    request = HttpRequest(
        method="POST", url="https://x.example/", headers={"helicone-property-ada@x.org": "v"}
    )
    redacted = Redactor(["email"]).request(request).headers
    assert {"[EMAIL_1]": "v"} == redacted


def test_rules_of_the_user_only_add() -> None:
    """A pattern, a field, a header or a path is redacted besides the secrets."""
    rules = [r"\bACME-\d+\b", "name: customer", "header: openai-beta", "path: metadata.*"]
    redactor = Redactor(rules)
    body: Json = {"t": f"ACME-42 sk-{RANDOM}", "Customer": "Ada", "metadata": {"a": "x", "n": 1}}
    request = HttpRequest(
        method="POST", url="https://h/", headers={"openai-beta": "b"}, body=JsonBody(value=body)
    )
    done = redactor.request(request)
    assert {} == done.headers
    assert (
        JsonBody(
            value={
                "t": "[REDACTED] [REDACTED:api-key]",
                "Customer": "[REDACTED]",
                "metadata": {"a": "[REDACTED]", "n": 1},
            }
        )
        == done.body
    )


def test_what_a_redaction_lays_bare_is_redacted_too() -> None:
    """A key may have been no word of its own before."""
    text = "AKIAIOSFODNN7EXAMPLE-----BEGIN PRIVATE KEY-----"
    assert "[REDACTED:aws-key][REDACTED:private-key]" == Redactor().text(text)


def test_a_rule_does_not_redact_what_is_redacted() -> None:
    """However it resembles the marks."""
    redactor = Redactor(["RED|E"])
    assert "[REDACTED:api-key] [REDACTED]" == redactor.text(f"sk-{RANDOM} RED")
    assert "[REDACTED:api-key]" == redactor.text("[REDACTED:api-key]")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("emial", "did you mean 'email'?"),
        ("email, fone", "did you mean 'phone'?"),
        ("(", "character 1: no regular expression"),
        ("x*", "matches empty text"),
        ("path: a[", "character 2: expected"),
    ],
)
def test_a_wrong_rule_is_refused(rule: str, message: str) -> None:
    """The error points at the character or names the nearest kind."""
    with pytest.raises(ConfigError) as caught:
        Redactor([rule])
    assert message in str(caught.value)


def test_a_write_that_holds_a_secret_is_refused_without_its_value() -> None:
    """The refusal names kind, place and hash."""
    lines = ["request:", "  body:", "    messages:", "    - role: user", f"      t: sk-{RANDOM}"]
    text = "\n".join(["cassette: 1", *lines])
    with pytest.raises(SecretFound) as caught:
        Redactor().check_before_write(text.encode())
    message = str(caught.value)
    assert message.startswith("not written: line 6, request.body.messages[0].t still holds")
    assert "api key" in message
    assert hash_of(f"sk-{RANDOM}") in message
    assert RANDOM not in message


def test_a_false_alarm_is_allowed_by_its_hash() -> None:
    """With the hash the text is neither redacted nor refused."""
    redactor = Redactor(allow=[hash_of(f"sk-{RANDOM}")])
    assert f"sk-{RANDOM}" == redactor.text(f"sk-{RANDOM}")
    redactor.check_before_write(f"x: sk-{RANDOM}\n".encode())


def test_an_allowed_hash_must_be_a_hash() -> None:
    """Nobody writes the secret itself into the ini file."""
    with pytest.raises(ConfigError, match="is no hash"):
        Redactor(allow=["sk-x"])


def test_the_scan_reads_the_pieces_of_a_stream_as_one() -> None:
    """A secret cut over two deltas in a file is found."""
    text = f'response:\n  stream: |\n    388 {{"id": 1}}\n    412 "my sk-"  431 "{RANDOM}"\n'
    (found,) = Redactor().scan(text.encode())
    assert ("api key", "response.stream") == (found.kind, found.place)


@pytest.mark.parametrize(
    "text",
    [
        "A" * 1_000_000,
        "sk-" * 300_000,
        "eyJ" * 300_000,
        "a:b@" * 200_000,
        "://a:b" * 150_000,
        "-----BEGIN PRIVATE KEY-----" * 30_000,
        "Bearer " * 100_000,
        '"password":"' * 60_000,
        '"password":"a" ' * 40_000,
        "cookie: a=b; " * 60_000,
        "AKIA/eyJ." * 100_000,
        "1 2-3 " * 150_000,
        "a." * 400_000 + "@",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    """Twice the text takes about twice the time, with every rule on."""
    redactor = Redactor(["email, phone, iban, card, ip"])

    def seconds(part: str) -> float:
        start = time.perf_counter()
        redactor.text(part)
        redactor.scan(part.encode())
        return time.perf_counter() - start

    half = min(seconds(text[: len(text) // 2]) for _ in range(2))
    assert seconds(text) < 8 * half + 0.5


def test_a_field_is_found_however_often_it_is_escaped() -> None:
    """JSON in JSON in JSON in JSON in JSON."""
    text = json.dumps({"password": "hunter2"})
    for _ in range(4):
        text = json.dumps({"inner": text})
        assert "hunter2" not in Redactor().text(text)
        assert "hunter2" not in json.dumps(Redactor().json({"inner": text}))


def test_the_request_id_is_a_measurement() -> None:
    """Whatever the provider calls it."""
    assert "r1" == request_id_of({"X-Request-Id": "r1"})
    assert request_id_of({"content-type": "x"}) is None


def test_broken_json_in_a_stream_stays_as_it_came() -> None:
    """Only what parses is looked into; the rest is text."""
    data = b'data: {"t": "sk-a8Kd93LmQ0zX7vB2nT5yRw1c"}\n\ndata: {cut\n\n'
    stream = StreamBody(chunks=(Chunk(at=0.0, data=data),))
    assert b'data: {"t": "[REDACTED:api-key]"}\n\ndata: {cut\n\n' == _redacted(stream).data


def test_the_scan_survives_broken_deltas() -> None:
    """An escape that is none is read as it stands."""
    text = f'  stream: |\n    1 "\\x"  2 "sk-{RANDOM}"\n'
    assert ["api key"] == [found.kind for found in Redactor().scan(text.encode())]


def test_empty_rules_are_no_rules() -> None:
    """Blank lines of an ini file say nothing."""
    assert "" == Redactor(["", "  "]).fingerprint


@pytest.mark.parametrize("broken", ["cut", "damaged", "damaged from the first byte"])
def test_base64_of_a_broken_frame_is_not_kept(broken: str) -> None:
    """Nobody can look through it: what stood before it stays, as far as it is whole."""
    secret = {"delta": {"text": "sk-proj-Zq8LkT2vXwY4bN7mR1cD5fG9hJ3pS6tU8"}}
    whole, last = frames(("chunk", {"bytes": "e30=", "p": ""}), chunk(secret))
    pieces = {
        "cut": (whole, last[:-20]),
        "damaged": (whole, last[:-1] + bytes([last[-1] ^ 1])),
        "damaged from the first byte": (bytes([last[0] ^ 1]) + last[1:],),
    }[broken]
    body = StreamBody(chunks=tuple(Chunk(at=0.0, data=piece) for piece in pieces))
    kept = Redactor().response(HttpResponse(status=200, body=body)).body
    assert isinstance(kept, StreamBody)
    assert b'"bytes":"' not in kept.chunks[-1].data
    assert pieces[:-1] == tuple(piece.data for piece in kept.chunks[:-1])


def test_a_value_that_is_declared_no_secret_stays_under_the_name_of_one() -> None:
    """As what a tool takes for a passphrase: in objects, and in objects that a text holds."""
    redactor = Redactor([], [hash_of("portal")])
    arguments = json.dumps({"passphrase": "portal", "password": "cake"})
    told: Json = {
        "passphrase": "portal",
        "password": ["portal", {"value": "portal"}, {"value": "cake"}],
        "arguments": arguments,
    }
    assert {
        "passphrase": "portal",
        "password": ["portal", {"value": "portal"}, {"value": "[REDACTED]"}],
        "arguments": arguments.replace("cake", "[REDACTED]"),
    } == redactor.json(told)
    assert {"passphrase": "[REDACTED]"} == Redactor([], [hash_of("cake")]).json(
        {"passphrase": "portal"}
    )
