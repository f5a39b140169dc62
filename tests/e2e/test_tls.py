"""TLS and client certificates: promise 15 of the contract."""

import re
import shutil
import socket
import ssl

import grpc
import pytest

from harness.certificates import Authority
from harness.errors import refused
from harness.node import KEY
from harness.process import run, wait_until


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "tls")


@pytest.fixture
def files(authority):
    """The service's certificate, as the members of `tls`."""
    certificate, key = authority.sign("service")
    return {"cert_file": str(certificate), "key_file": str(key)}


def trusting(authority, client=None):
    """A client's credentials: with a certificate of its own if `client` is one."""
    certificate, key = client or (None, None)
    return grpc.ssl_channel_credentials(
        authority.ca.read_bytes(), key and key.read_bytes(),
        certificate and certificate.read_bytes())


def handshake(address, authority, **versions):
    """The version of TLS spoken, and the serial number of the certificate."""
    context = ssl.create_default_context(cafile=authority.ca)
    context.set_alpn_protocols(["h2"])
    for name, version in versions.items():
        setattr(context, name, version)
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 5) as plain, \
            context.wrap_socket(plain, server_hostname=host) as connection:
        return connection.version(), connection.getpeercert()["serialNumber"]


def test_calls_go_over_tls(start_node, chat, upstream, authority, files):
    node = start_node(upstream.url, credentials=trusting(authority), tls=files)
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"
    assert handshake(node.address, authority)[0] == "TLSv1.3"


def test_plain_text_gets_no_answer(start_node, chat, api, upstream, authority, files):
    node = start_node(upstream.url, credentials=trusting(authority), tls=files)
    plain = api.node_pb2_grpc.LlmNodeStub(grpc.insecure_channel(node.address))
    with pytest.raises(grpc.RpcError) as caught:
        plain.Invoke(chat.InvokeRequest(query="Hallo"), timeout=5)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_before_1_2_is_refused(start_node, upstream, authority, files):
    node = start_node(upstream.url, credentials=trusting(authority), tls=files)
    assert handshake(node.address, authority,
                     maximum_version=ssl.TLSVersion.TLSv1_2)[0] == "TLSv1.2"
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        handshake(node.address, authority, minimum_version=ssl.TLSVersion.TLSv1,
                  maximum_version=ssl.TLSVersion.TLSv1_1)


def test_a_renewed_certificate_is_taken_up_without_a_restart(
        start_node, chat, upstream, authority, files):
    node = start_node(upstream.url, credentials=trusting(authority), tls=files)
    before = handshake(node.address, authority)[1]
    for new, old in zip(authority.sign("renewed"), (files["cert_file"], files["key_file"]),
                        strict=True):
        shutil.copyfile(new, old)

    def renewed():
        try:
            return handshake(node.address, authority)[1] != before
        except (ssl.SSLError, OSError):
            return False

    wait_until(renewed, 10, "the new certificate")
    # A connection that was there before goes on.
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"


def test_a_client_certificate_may_invoke_but_not_administer(
        start_node, chat, messages, upstream, authority, files):
    client = authority.sign("team-a", alt=None)
    node = start_node(upstream.url, credentials=trusting(authority, client),
                      tls=files | {"client_ca_file": str(authority.ca)})
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"
    with refused("PERMISSION_DENIED", "PERMISSION_DENIED"):
        node.admin.GetStats(messages.GetStatsRequest())
    wait_until(lambda: '"caller":"cert:team-a"' in node.log(), 5, "the caller in the log")


def test_clients_without_a_certificate_or_with_a_foreign_one_do_not_get_in(
        start_node, api, chat, upstream, authority, files, tmp_path):
    node = start_node(upstream.url, credentials=trusting(authority, authority.sign("a", alt=None)),
                      tls=files | {"client_ca_file": str(authority.ca)})
    stranger = Authority(tmp_path / "other", "other").sign("a", alt=None)
    for client in (None, stranger):
        channel = grpc.secure_channel(node.address, trusting(authority, client))
        with pytest.raises(grpc.RpcError) as caught:
            api.node_pb2_grpc.LlmNodeStub(channel).Invoke(
                chat.InvokeRequest(query="Hallo"), timeout=5)
        assert caught.value.code() == grpc.StatusCode.UNAVAILABLE
        channel.close()
    assert not upstream.chats


def test_an_entry_of_its_name_gives_a_certificate_its_roles(
        start_node, chat, messages, upstream, authority, files):
    tokens = [{"name": "cert:ops", "roles": ["invoke", "admin"]},
              {"name": "nobody", "sha256": "b" * 64}]
    config = {"tls": files | {"client_ca_file": str(authority.ca)}, "auth": {"tokens": tokens}}
    ops = start_node(upstream.url, **config,
                     credentials=trusting(authority, authority.sign("ops", alt=None)))
    assert ops.admin.GetStats(messages.GetStatsRequest()).calls == 0
    # A name without an entry of its kind needs a token; a wrong token is not helped by a certificate.
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        ops.llm.Invoke(chat.InvokeRequest(query="Hallo"),
                       metadata=[("authorization", "Bearer wrong")])
    nobody = start_node(upstream.url, **config,
                        credentials=trusting(authority, authority.sign("nobody", alt=None)))
    with refused("UNAUTHENTICATED", "UNAUTHENTICATED"):
        nobody.llm.Invoke(chat.InvokeRequest(query="Hallo"))


@pytest.mark.parametrize(("subject", "alt", "name"), [
    ("/CN=ops", "DNS:other", "ops"), ("/O=holysheep", "IP:127.0.0.1,DNS:ops,DNS:other", "ops")],
    ids=["the common name", "else the first DNS name"])
def test_a_certificates_name_is(start_node, messages, upstream, authority, files, subject, alt,
                                name):
    client = authority.sign("client", subject=subject, alt=alt)
    node = start_node(upstream.url, credentials=trusting(authority, client),
                      tls=files | {"client_ca_file": str(authority.ca)},
                      auth={"tokens": [{"name": f"cert:{name}", "roles": ["admin"]}]})
    assert node.admin.GetStats(messages.GetStatsRequest()).calls == 0


def test_listening_to_the_world_with_tls_and_client_certificates_is_allowed(
        start_node, upstream, authority, files):
    node = start_node(upstream.url, listen="0.0.0.0:0",
                      credentials=trusting(authority, authority.sign("a", alt=None)),
                      tls=files | {"client_ca_file": str(authority.ca)})
    assert node.process.pid


def check(folder, cert, key, ca=""):
    path = folder / "check.yaml"
    path.write_text(f"tls:\n  cert_file: '{cert}'\n  key_file: '{key}'\n"
                    f"  client_ca_file: '{ca}'\n")
    return run("holysheep-node", "--check", "--config", path, HOLYSHEEP_API_KEY=KEY)


def test_a_good_pair_is_accepted_silently(tmp_path, files):
    result = check(tmp_path, files["cert_file"], files["key_file"])
    assert (result.returncode, result.stderr) == (0, "")


def test_what_is_wrong_with_the_files_is_one_clear_line(tmp_path, authority, files):
    other = authority.sign("other")[1]
    empty = tmp_path / "empty.pem"
    empty.touch()
    cert, key = files["cert_file"], files["key_file"]
    wrong = [
        ((cert, other), "check.yaml:3: tls.key_file: is not the key of the certificate"),
        ((cert, tmp_path), "check.yaml:3: tls.key_file: is a directory"),
        ((cert, empty), "check.yaml:3: tls.key_file: the file is empty"),
        ((cert, cert), "check.yaml:3: tls.key_file: has no PEM private key"),
        ((key, key), "check.yaml:2: tls.cert_file: has no PEM certificate"),
        ((cert, key, key), "check.yaml:4: tls.client_ca_file: has no PEM certificate"),
    ]
    for paths, line in wrong:
        result = check(tmp_path, *paths)
        assert result.returncode == 2
        assert line in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr
        assert not re.search("PRIVATE KEY", result.stderr)


def test_a_key_that_everyone_may_read_is_warned_of(tmp_path, files):
    shutil.copyfile(files["key_file"], tmp_path / "open.key")
    (tmp_path / "open.key").chmod(0o644)
    result = check(tmp_path, files["cert_file"], tmp_path / "open.key")
    assert result.returncode == 0
    assert "tls.key_file: every user of this machine can read the file" in result.stderr


def test_garbage_disturbs_nobody(start_node, chat, upstream, authority, files):
    node = start_node(upstream.url, credentials=trusting(authority), tls=files)
    host, port = node.address.rsplit(":", 1)
    for data in (b"\x00" * 4096, b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"x" * 2000):
        for _ in range(20):
            with socket.create_connection((host, int(port)), 5) as connection:
                connection.sendall(data)
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).result == "Hallo"
    assert all(line.startswith("{") or "listening on" in line
               for line in node.log().splitlines())
