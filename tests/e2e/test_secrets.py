"""The key is never seen: promise 14 of the contract."""

import os
import pathlib
import re
import shutil
import ssl
import stat
import subprocess

import grpc
import pytest

from harness.errors import refused
from harness.node import KEY
from harness.process import wait_until
from harness.upstream import Upstream

CALLERS_KEY = "hs-caller-9876543210fedcba98765"


def blab(request, reply):
    """An upstream that repeats the key in its errors."""
    key = request.headers["authorization"]
    reply.error(401, message=f"Incorrect API key provided: {key}", code=key, X_Echo=key)


@pytest.fixture
def chatty(start_node, upstream):
    return start_node(upstream.url, log={"level": "debug", "prompts": True})


@pytest.mark.parametrize("key", [KEY, CALLERS_KEY])
def test_promise_14_the_key_is_in_no_error_and_no_log(chatty, chat, messages, upstream, key):
    metadata = [("x-holysheep-api-key", key)] if key is CALLERS_KEY else None
    upstream.answer = blab
    upstream.models_status = 401
    with pytest.raises(grpc.RpcError) as caught:
        chatty.llm.Invoke(chat.InvokeRequest(query="Hallo"), metadata=metadata)
    assert key in upstream.last.headers["authorization"]
    everything = f"{caught.value}{caught.value.details()}{caught.value.trailing_metadata()}"
    assert key not in everything
    answer = chatty.llm.ValidateCredentials(messages.ValidateCredentialsRequest(),
                                            metadata=metadata)
    assert key not in str(answer)
    assert key not in chatty.log()


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_promise_14_nor_in_any_other_error(chatty, chat, upstream, status):
    def answer(request, reply):
        reply.error(status, message=f"bad: {KEY}", code=KEY)

    upstream.answer = answer
    with pytest.raises(grpc.RpcError) as caught:
        chatty.llm.Invoke(chat.InvokeRequest(query="Hallo", max_attempts=1))
    assert KEY not in f"{caught.value}{caught.value.trailing_metadata()}"
    assert KEY not in chatty.log()


def test_promise_14_nor_is_a_secret_header(start_node, chat, messages, upstream, tmp_path):
    secret = "s3cret-of-a-gateway-0123"
    (tmp_path / "secret").write_text(f"{secret}\n")
    node = start_node(upstream.url, upstream={
        "headers": {"X-Gateway": {"file": str(tmp_path / "secret")}, "OpenAI-Organization": "org-1"},
        "query": {"api-version": "2024-10-21"}})
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result
    assert upstream.last.headers["x-gateway"] == secret
    assert upstream.last.headers["openai-organization"] == "org-1"
    assert upstream.last.path.endswith("/chat/completions?api-version=2024-10-21")
    upstream.answer = lambda request, reply: reply.error(400, message=f"no: {secret}", code=secret)
    upstream.models_reply = upstream.answer
    with pytest.raises(grpc.RpcError) as caught:
        node.llm.Invoke(chat.InvokeRequest(query="again", max_attempts=1))
    assert secret not in f"{caught.value}{caught.value.trailing_metadata()}"
    checked = node.llm.ValidateCredentials(messages.ValidateCredentialsRequest())
    assert checked.message and secret not in str(checked)
    assert secret not in node.log()


def test_promise_14_a_bad_key_of_the_caller_is_not_repeated(chatty, chat):
    bad = " hs-short"
    with pytest.raises(grpc.RpcError) as caught:
        chatty.llm.Invoke(chat.InvokeRequest(query="Hallo"),
                          metadata=[("x-holysheep-api-key", bad.strip())])
    assert bad.strip() not in str(caught.value)
    assert bad.strip() not in chatty.log()


def test_promise_14_the_key_is_not_in_the_process_list(node):
    assert KEY.encode() not in pathlib.Path(f"/proc/{node.process.pid}/cmdline").read_bytes()


def test_promise_14_there_are_no_core_dumps(node):
    limits = pathlib.Path(f"/proc/{node.process.pid}/limits").read_text()
    assert re.search(r"Max core file size\s+0\s+0\s", limits)


def test_promise_14_other_processes_of_its_user_cannot_look_into_it(start_node, upstream):
    # As root without its powers, if as root.
    plain = () if os.getuid() else ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    node = start_node(upstream.url, before=plain)

    def look_into(pid):
        return subprocess.run([*plain, "cat", f"/proc/{pid}/environ"], check=False,
                              capture_output=True).returncode

    with subprocess.Popen([*plain, "cat"], stdin=subprocess.PIPE) as any_other:
        wait_until(lambda: look_into(any_other.pid) == 0)
        any_other.stdin.close()
    assert look_into(node.process.pid) != 0


def test_promise_14_prompts_are_not_logged_unless_asked_for(node, chat):
    node.llm.Invoke(chat.InvokeRequest(query="my-secret-prompt", request_id="find-me"))
    assert "my-secret-prompt" not in node.log()


@pytest.fixture
def tls(tmp_path):
    """A certificate of our own for 127.0.0.1, which nobody has reason to trust."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is not installed; scripts/setup test installs it"
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


@pytest.fixture
def tls_upstream(tls):
    server = Upstream(tls)
    yield server
    server.close()


def test_promise_14_the_upstreams_certificate_is_verified(start_node, chat, tls_upstream):
    node = start_node(tls_upstream.url)
    with refused("UNAVAILABLE", "UPSTREAM_CONNECT") as refusal:
        node.llm.Invoke(chat.InvokeRequest(query="Hallo", max_attempts=1), timeout=20)
    assert "certificate" in refusal.message.lower()
    assert tls_upstream.requests == []


def test_promise_14_redirects_are_not_followed(start_node, chat, upstream):
    elsewhere = Upstream()
    node = start_node(upstream.url)

    def answer(request, reply):
        reply.json({}, 307, Location=elsewhere.url + "/chat/completions")

    upstream.answer = answer
    with pytest.raises(grpc.RpcError):
        node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    elsewhere.close()
    assert elsewhere.requests == []


@pytest.mark.parametrize(("setting", "mode"), [({}, 0o600), ({"unix_socket_mode": "0660"}, 0o660)],
                         ids=["unset", "0660"])
def test_promise_15_a_unix_socket_is_its_owners_unless_the_configuration_says_more(
        start_node, upstream, chat, tmp_path, setting, mode):
    path = tmp_path / "node.sock"
    node = start_node(upstream.url, listen=f"unix:{path}", **setting)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result
