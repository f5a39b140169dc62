"""However the upstream repeats the key, no part of it leaves the process."""

import base64
import html
import json
import urllib.parse

import grpc
import pytest

from harness.http import get, http_address
from harness.node import KEY
from harness.process import wait_until
from harness.upstream import answer_text

CALLERS_KEY = "q7Zr2mXw9Kd4Tn8LcB5vYh3J"
PART = KEY[9:23]
# As much of the key as may be seen.
MOST = 7


def b64(text):
    return base64.b64encode(text.encode()).decode()


def percent(text):
    return "".join(f"%{ord(c):02x}" for c in text)


def every_form(key):
    """How an upstream may write a key, by name."""
    part = key[6:20]
    return {
        "whole": key,
        "in part": f"your key ends in {part}",
        "upper case": key.upper(),
        "swapped case": part.swapcase(),
        "base64": b64(key),
        "base64 of user:key": b64(f"user:{key}"),
        "base64, third alignment": b64(f"me:ab{key}"),
        "base64 for addresses": base64.urlsafe_b64encode(f"k?>~{key}?>~".encode()).decode(),
        "hex": key.encode().hex(),
        "upper hex": part.encode().hex().upper(),
        "percent": percent(part),
        "percent in part": "".join(percent(c) if i % 3 else c for i, c in enumerate(part)),
        "percent twice": urllib.parse.quote(percent(key)),
        "cut by blanks": " ".join(part),
        "cut by zero-width spaces": "\u200b".join(part),
        "escaped": "".join(f"\\u{ord(c):04x}" for c in part),
    }


FORMS = every_form(KEY)


def decodings(text):
    """What a reader can make of a text."""
    yield text
    plain = text
    for _ in range(3):
        plain = urllib.parse.unquote(plain)
        yield plain
    yield "".join(c for c in plain if c.isprintable() and not c.isspace())
    yield plain.encode("ascii", "ignore").decode("unicode_escape", "ignore")
    for word in plain.replace("-", "+").replace("_", "/").split():
        word = "".join(c for c in word if c.isalnum() or c in "+/")
        for start in range(4):
            rest = word[start:]
            yield base64.b64decode(rest[:len(rest) // 4 * 4]).decode("latin-1")
        digits = "".join(c for c in word if c in "0123456789abcdefABCDEF")
        for start in range(2):
            rest = digits[start:]
            yield bytes.fromhex(rest[:len(rest) // 2 * 2]).decode("latin-1")


def assert_hidden(text, key=KEY):
    key = key.lower()
    parts = [key[i:i + MOST + 1] for i in range(len(key) - MOST)]
    for reading in decodings(text):
        seen = [part for part in parts if part in reading.lower()]
        assert not seen, f"{seen[0]} is seen in {text[:600]}"


def text_of(error):
    return f"{error}\n{error.details()}\n{error.trailing_metadata()}"


@pytest.fixture
def chatty(start_node, upstream):
    return start_node(upstream.url, log={"level": "debug", "prompts": True},
                      limits={"requests_per_minute": 0})


@pytest.mark.parametrize("form", FORMS)
def test_no_error_shows_the_key(chatty, chat, upstream, form):
    upstream.answer = lambda request, reply: reply.error(
        400, message=f"no, {FORMS[form]} no", code=FORMS[form], X_Request_Id="r")
    with pytest.raises(grpc.RpcError) as caught:
        chatty.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert_hidden(text_of(caught.value))
    assert_hidden(chatty.log())


@pytest.mark.parametrize("form", FORMS)
def test_no_error_inside_a_stream_shows_the_key(chatty, chat, upstream, form):
    upstream.answer = lambda request, reply: reply.stream(
        {"error": {"message": f"no, {FORMS[form]} no", "code": 400}})
    with pytest.raises(grpc.RpcError) as caught:
        chatty.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert_hidden(text_of(caught.value))
    assert_hidden(chatty.log())


@pytest.mark.parametrize("form", FORMS)
def test_no_field_beside_the_answer_shows_the_key(chatty, chat, upstream, form):
    said = FORMS[form]

    def answer(request, reply):
        whole = {"id": said, "model": said, "system_fingerprint": said}
        last = {"choices": [{"index": 0, "delta": {"reasoning_details": [{"x": said}]},
                             "finish_reason": said}]}
        reply.open(X_Request_Id=said.encode("ascii", "replace").decode())
        reply.send(whole | answer_text("fine")[0], whole | last)
        reply.close()

    upstream.answer = answer
    response = chatty.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert response.result == "fine"
    for field in ("model_used", "system_fingerprint", "finish_reason_raw", "upstream_request_id",
                  "opaque_json"):
        assert_hidden(getattr(response, field))
    assert_hidden(" ".join(response.warnings))
    assert_hidden(chatty.log())


@pytest.mark.parametrize("form", FORMS)
def test_a_callers_own_key_and_the_services_are_hidden_alike(chatty, chat, upstream, form):
    said = every_form(CALLERS_KEY)[form]
    upstream.answer = lambda request, reply: reply.error(400, message=f"{said} or {FORMS[form]}")
    with pytest.raises(grpc.RpcError) as caught:
        chatty.llm.Invoke(chat.InvokeRequest(query="Hallo"),
                          metadata=[("x-holysheep-api-key", CALLERS_KEY)])
    assert_hidden(text_of(caught.value), CALLERS_KEY)
    assert_hidden(text_of(caught.value))
    assert_hidden(chatty.log(), CALLERS_KEY)


@pytest.mark.parametrize("key", ["a1%62b2%63c3%64d4%65e5", "k9&amp;j8&#55;i7&lt;h6&gt;g5",
                                 r"z\u0041y\x42x\nw\tv\r/q01", "Ab+/Cd==Ef.Gh~Ij$Kl!Mn"])
def test_a_key_of_signs_is_hidden_like_any_other(chatty, chat, upstream, key):
    said = [key, key[4:14], percent(key), b64(f"u:{key}"), json.dumps(key), html.escape(key),
            ", ".join(f"0x{ord(c):02x}" for c in key)]
    upstream.answer = lambda request, reply: reply.error(400, message="; ".join(said))
    with pytest.raises(grpc.RpcError) as caught:
        chatty.llm.Invoke(chat.InvokeRequest(query="Hallo"),
                          metadata=[("x-holysheep-api-key", key)])
    text = text_of(caught.value) + chatty.log()
    for reading in (text, html.unescape(text), text.replace("0x", ""), text.replace("\\\\", "\\")):
        assert_hidden(reading, key)


def test_the_header_that_carries_the_key_does_not_matter(start_node, chat, upstream):
    node = start_node(upstream.url, upstream={"api_key_header": "X-API-Key"})
    upstream.answer = lambda request, reply: reply.error(
        401, message=f"x-api-key {request.headers['x-api-key'][4:]} is wrong")
    with pytest.raises(grpc.RpcError) as caught:
        node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert_hidden(text_of(caught.value))


@pytest.mark.parametrize("form", FORMS)
def test_who_checks_a_key_is_not_shown_it(chatty, messages, upstream, form):
    upstream.models_reply = lambda request, reply: reply.error(401, message=FORMS[form])
    assert_hidden(chatty.llm.ValidateCredentials(messages.ValidateCredentialsRequest()).message)


def test_pages_for_everybody_and_the_first_log_have_none_of_the_upstreams_words(
        start_node, upstream):
    upstream.models_reply = lambda request, reply: reply.error(
        401, message=f"Zahlung offen fuer Kunde 4711, {PART}")
    node = start_node(upstream.url, http={"listen": "127.0.0.1:0"})
    ready = get(http_address(node), "/readyz")
    assert ready.status == 200
    assert ready.body == "ready; upstream: the check failed (UPSTREAM_AUTH)\n"
    wait_until(lambda: "upstream: the check failed (UPSTREAM_AUTH)" in node.log())
    for text in (ready.body, node.log()):
        assert "4711" not in text
        assert_hidden(text)


def test_what_a_person_wrote_about_the_upstream_still_reaches_the_caller(chatty, chat, upstream):
    said = "temperature 3.5 of base64 aGVsbG8gd29ybGQ= and 68656c6c6f is above 2 %20 \\u00e4"
    upstream.answer = lambda request, reply: reply.error(400, message=said)
    with pytest.raises(grpc.RpcError) as caught:
        chatty.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert said in caught.value.details()
