"""What those who do not say who they are can take: memory before they are asked,
and streams that need no caller."""

import contextlib
import os
import pathlib
import re
import subprocess

import grpc
import pytest

from conftest import starter
from harness.errors import refusal_of, refused
from harness.process import SLOWDOWN, rss_mb

INVOKE = "/holysheep.node.v1.LlmNode/Invoke"
TOKEN = [("authorization", "Bearer a")]
# SHA-256 of "a".
TOKENS = [{"name": "a", "roles": ["invoke", "admin"],
           "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}]
MB = 1 << 20
# What the allocator keeps of earlier messages, one or two of them, and of gRPC.
KEPT_MB = 90


def peak_mb(pid):
    """The most memory that a process has had."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


@contextlib.contextmanager
def costs_at_most(node, megabytes):
    """Of memory, more than the idle service has; what came before is not counted."""
    as_root = [] if os.getuid() == 0 else ["sudo", "-n"]
    subprocess.run([*as_root, "tee", f"/proc/{node.process.pid}/clear_refs"], input=b"5",
                   check=True, stdout=subprocess.DEVNULL)
    yield
    if SLOWDOWN == 1:
        taken = peak_mb(node.process.pid) - node.at_first_mb
        assert taken < megabytes, f"{taken:.0f} MB"


@pytest.fixture(scope="module")
def guarded(api, tmp_path_factory):
    """One service for all, so that what it keeps of one test counts in the next."""
    with starter(api, tmp_path_factory.mktemp("guarded")) as start:
        node = start("http://127.0.0.1:1/v1", auth={"tokens": TOKENS})
        node.at_first_mb = rss_mb(node.process.pid)
        yield node


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate],
                         ids=["gzip", "deflate"])
@pytest.mark.parametrize("path", [
    INVOKE, "/holysheep.node.v1.LlmNode/InvokeBatch", "/holysheep.node.v1.NodeAdmin/GetStats",
    "/grpc.health.v1.Health/Check", "/no.such.Service/Method"])
def test_a_compressed_message_is_not_unpacked_for_anybody(guarded, compression, path):
    call = guarded.channel.stream_stream(path)
    with costs_at_most(guarded, 40):
        for metadata in ([], TOKEN):
            with pytest.raises(grpc.RpcError) as caught:
                list(call(iter([bytes(200 * MB)]), compression=compression, metadata=metadata,
                          timeout=60))
            assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert guarded.health() == b"\x08\x01"


def varint(number):
    data = b""
    while number > 127:
        data += bytes([number & 127 | 128])
        number >>= 7
    return data + bytes([number])


def inside(field, data):
    """A field of that number with a message or a text in it."""
    return varint(field << 3 | 2) + varint(len(data)) + data


SIZE = 31 * MB
# 31 MiB of as good as nothing, and the field that the refusal names.
HOLLOW = {
    "messages": (b"\x3a\x00" * (SIZE // 2), "messages"),
    "tools": (b"\x6a\x00" * (SIZE // 2), "tools"),
    "stop": (b"\x62\x00" * (SIZE // 2), "stop"),
    "fallback models": (b"\xaa\x01\x00" * (SIZE // 3), "fallback_models"),
    "parts": (inside(7, b"\x12\x00" * (SIZE // 2)), "messages[0].parts"),
    "calls": (inside(7, b"\x2a\x00" * (SIZE // 2)), "messages[0].tool_calls"),
    "parts of many": (inside(7, b"\x12\x00" * 4000) * (SIZE // 8004), "messages"),
    "unknown numbers": (b"\xc0\x3e\x00" * (SIZE // 3), None),
    "unknown texts": (b"\xc2\x3e\x00" * (SIZE // 3), None),
    "an unknown group": (b"\xc3\x3e" + b"\x08\x00" * (SIZE // 2) + b"\xc4\x3e", None),
    "unknown groups": (b"\xc3\x3e\xc4\x3e" * (SIZE // 4), None),
    "unknown in a part": (inside(7, inside(2, b"\xc0\x3e\x00" * (SIZE // 3))), None),
}


@pytest.mark.parametrize(("message", "field"), HOLLOW.values(), ids=HOLLOW)
def test_many_empty_fields_cost_little_more_than_their_bytes(guarded, message, field):
    call = guarded.channel.unary_unary(INVOKE)
    with costs_at_most(guarded, 31 * 2 + KEPT_MB):
        with refused("INVALID_ARGUMENT", "INVALID_ARGUMENT") as refusal:
            call(message, metadata=TOKEN, timeout=60)
    if field is not None:
        assert refusal.fields[0].split("[")[0] == field.split("[")[0]


def test_a_long_conversation_is_taken_and_one_entry_more_is_told(guarded, chat, messages):
    def estimate(**fields):
        """The field at fault, None if there is none."""
        request = chat.InvokeRequest(**fields)
        try:
            guarded.llm.EstimateCost(messages.EstimateCostRequest(request=request), metadata=TOKEN)
        except grpc.RpcError as error:
            refusal = refusal_of(error)
            assert refusal.reason == "INVALID_ARGUMENT"
            return refusal.fields[0]

    said = {"role": "USER", "parts": [{"text": "a"}] * 64}
    tools = [{"name": f"tool{i}"} for i in range(1025)]
    call = {"id": "a", "name": "b", "arguments_json": "{}"}
    called = {"role": "ASSISTANT", "tool_calls": [call] * 1024}
    assert estimate(messages=[said] * 3 + [called] + [said] * 4092, tools=tools[:1024]) is None
    assert estimate(messages=[said] * 4097) == "request.messages"
    assert estimate(query="a", tools=tools) == "request.tools"
    called = {"role": "ASSISTANT", "tool_calls": [call] * 1025}
    assert estimate(messages=[said] * 3 + [called]) == "request.messages[3].tool_calls"


@pytest.mark.parametrize(("path", "prefix"), [
    ("/holysheep.node.v1.LlmNode/InvokeStream", b""),
    ("/holysheep.node.v1.LlmNode/RunWorkflow", b"\x12\x00"),
    ("/holysheep.node.v1.LlmNode/EstimateCost", b"\xc2\x3e\x00"),
    ("/holysheep.node.v1.NodeAdmin/GetUsage", b"\xc2\x3e\x00"),
    ("/holysheep.node.v1.NodeAdmin/PurgeCache", b"\xc2\x3e\x00")])
def test_so_it_is_with_every_call(guarded, path, prefix):
    piece = prefix or b"\x3a\x00"
    with costs_at_most(guarded, 31 * 2 + KEPT_MB), refused("INVALID_ARGUMENT", "INVALID_ARGUMENT"):
        list(guarded.channel.unary_stream(path)(piece * (SIZE // len(piece)), metadata=TOKEN,
                                                timeout=60))


def test_and_with_the_items_of_a_batch(guarded, messages):
    item = b"\x0a\x01a" + inside(2, b"\x3a\x00" * (SIZE // 2))
    call = guarded.channel.stream_stream("/holysheep.node.v1.LlmNode/InvokeBatch")
    with costs_at_most(guarded, 31 * 2 + KEPT_MB):
        result, = call(iter([item]), metadata=TOKEN, timeout=60)
    answer = messages.BatchResult.FromString(result)
    assert (answer.id, answer.error.reason) == ("a", "INVALID_ARGUMENT")


@pytest.mark.parametrize("path", [
    INVOKE, "/holysheep.node.v1.NodeAdmin/GetUsage", "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"])
def test_strangers_cost_the_bytes_that_they_send(guarded, path):
    hollow = b"\xc2\x3e\x00" * (60 * MB // 3)
    with costs_at_most(guarded, 60 + KEPT_MB), pytest.raises(grpc.RpcError) as caught:
        list(guarded.channel.stream_stream(path)(iter([hollow]), timeout=60))
    assert caught.value.code() != grpc.StatusCode.DEADLINE_EXCEEDED
    assert guarded.health() == b"\x08\x01"
