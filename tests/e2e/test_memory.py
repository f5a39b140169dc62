"""One account of what clients make the service hold: limits.max_memory."""

import contextlib
import hashlib
import signal
import time

import grpc
import pytest

from harness.errors import refusal_of, refused
from harness.http import Metrics
from harness.process import wait_until
from harness.upstream import finish, text, usage

MIB = 1 << 20
PIECE = "x" * 1000


def entry(name):
    return {"name": name, "sha256": hashlib.sha256(name.encode()).hexdigest()}


def token(name):
    return [("authorization", f"Bearer {name}")]


def held(node):
    return Metrics(node).sum("holysheep_memory_held_bytes")


def starts(start_node, upstream, **limits):
    limits = {"requests_per_minute": 0, "max_concurrent": 100, "max_memory": 4 * MIB} | limits
    return start_node(upstream.url, limits=limits, http={"listen": "127.0.0.1:0"},
                      auth={"tokens": [entry("greedy"), entry("other")]})


def answer_of(kilobytes):
    def answer(request, reply):
        reply.open()
        for _ in range(kilobytes):
            reply.send(text(PIECE))
        reply.send(finish(), usage(10, kilobytes))
        reply.close()
    return answer


def endless(request, reply):
    reply.open()
    while True:
        reply.send(text(PIECE))


def unread(node, chat, query, name, **fields):
    """A stream on a connection of its own, of which only the start is read. Its window
    stays at 64 KiB."""
    channel = grpc.insecure_channel(node.address, [("grpc.use_local_subchannel_pool", 1),
                                                   ("grpc.http2.bdp_probe", 0)])
    call = channel.unary_stream("/holysheep.node.v1.LlmNode/InvokeStream",
                                chat.InvokeRequest.SerializeToString, chat.InvokeEvent.FromString)
    stream = call(chat.InvokeRequest(query=query, **fields), metadata=token(name))
    assert next(stream).WhichOneof("event") == "started"
    return stream


def ask(node, chat, query, name, **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, **fields), timeout=30, metadata=token(name))


def full_of_slow_readers(node, chat):
    """Streams of `greedy` that nobody reads, until there is no room for another."""
    streams = []
    for number in range(60):
        try:
            streams.append(unread(node, chat, f"slow {number}", "greedy"))
        except grpc.RpcError as error:
            return streams, refusal_of(error)
        # The answer has come, and waits for its reader.
        wait_until(lambda: held(node) > 200_000 * len(streams), what="the answer")
    pytest.fail("there was always room")


def test_slow_readers_keep_newcomers_out_and_give_all_back(start_node, chat, upstream):
    node = starts(start_node, upstream, max_memory=16 * MIB)
    upstream.answer = answer_of(200)
    streams, refusal = full_of_slow_readers(node, chat)
    assert 20 <= len(streams) <= 40
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL")
    assert refusal.quota == [("service", "limits.max_memory")]
    assert refusal.retry.total_seconds() > 0
    assert held(node) <= 8 * MIB, "half of it"
    # Another caller has a share of its own.
    assert len(ask(node, chat, "quick", "other").result) == 200_000
    for stream in streams:
        stream.cancel()
    wait_until(lambda: held(node) == 0, what="all is given back")
    assert len(ask(node, chat, "again", "greedy").result) == 200_000
    wait_until(lambda: held(node) == 0, what="all is given back")


def test_an_endless_answer_is_ended(start_node, chat, upstream):
    node = starts(start_node, upstream)
    upstream.answer = endless
    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL") as refusal:
        ask(node, chat, "endless", "greedy")
    assert refusal.quota == [("service", "limits.max_memory")]
    assert refusal.retry.total_seconds() > 0
    wait_until(lambda: upstream.chats[0].closed_at, what="the upstream's call is ended")
    assert len(upstream.chats) == 1, "and not bought again"
    wait_until(lambda: held(node) == 0, what="all is given back")


def test_an_endless_stream_is_ended_for_all_who_read_it(start_node, chat, upstream):
    node = starts(start_node, upstream)
    upstream.answer = endless
    request = chat.InvokeRequest(query="endless")
    streams = [node.llm.InvokeStream(request, timeout=30, metadata=token("greedy")) for _ in range(3)]
    for stream in streams:
        with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL"):
            list(stream)
    assert len(upstream.chats) == 1
    wait_until(lambda: held(node) == 0, what="all is given back")


def test_a_request_that_is_larger_than_all_is_refused_without_a_wait(start_node, chat, upstream):
    node = starts(start_node, upstream)
    with refused("RESOURCE_EXHAUSTED", "QUEUE_FULL") as refusal:
        ask(node, chat, "x" * 2 * MIB, "greedy")
    assert refusal.quota == [("service", "limits.max_memory")]
    assert refusal.retry is None
    assert not upstream.chats


def test_waiting_requests_hold_memory_until_they_end(start_node, chat, upstream):
    node = starts(start_node, upstream, max_concurrent=1)
    upstream.answer = lambda request, reply: request.wait_for_close(30)
    calls = [node.llm.Invoke.future(chat.InvokeRequest(query=f"{n}" * 100_000), metadata=token("greedy"))
             for n in range(4)]
    wait_until(lambda: held(node) >= 8 * 100_000, what="four requests")
    assert held(node) < 16 * 100_000
    for call in calls:
        call.cancel()
    wait_until(lambda: held(node) == 0, what="all is given back")


def test_batches_and_workflows_give_all_back(start_node, chat, messages, upstream):
    node = starts(start_node, upstream)
    items = (messages.BatchItem(id=f"{n}", request=chat.InvokeRequest(query=f"item {n}")) for n in range(50))
    results = list(node.llm.InvokeBatch(items, metadata=token("greedy")))
    assert len(results) == 50 and all(result.HasField("response") for result in results)
    steps = [messages.WorkflowStep(prompt="a {{query}}"), messages.WorkflowStep(prompt="b")]
    events = list(node.llm.RunWorkflow(messages.RunWorkflowRequest(query="q", steps=steps),
                                       metadata=token("greedy")))
    assert events[-1].HasField("finished")
    wait_until(lambda: held(node) == 0, what="all is given back")


def test_a_workflow_that_outgrows_the_account_is_ended(start_node, chat, messages, upstream):
    node = starts(start_node, upstream)
    upstream.answer = endless
    steps = [messages.WorkflowStep(prompt="go on")]
    stream = node.llm.RunWorkflow(messages.RunWorkflowRequest(query="q", steps=steps), timeout=30,
                                  metadata=token("greedy"))
    events = []
    with contextlib.suppress(grpc.RpcError):
        for event in stream:
            events.append(event)
    if events[-1].HasField("finished"):
        assert [e.step_finished.error.reason for e in events if e.HasField("step_finished")] == ["QUEUE_FULL"]
    else:
        assert stream.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    wait_until(lambda: held(node) == 0, what="all is given back")


def test_a_reload_applies_the_limit(start_node, chat, upstream):
    node = starts(start_node, upstream)
    assert Metrics(node).sum("holysheep_memory_limit_bytes") == 4 * MIB
    config = {
        "listen": "127.0.0.1:0", "http": {"listen": "127.0.0.1:0"}, "upstream": {"base_url": upstream.url},
        "limits": {"max_memory": 64 * MIB}, "auth": {"tokens": [entry("greedy"), entry("other")]},
    }
    node.write_config(config)
    node.process.send(signal.SIGHUP)
    wait_until(lambda: Metrics(node).sum("holysheep_memory_limit_bytes") == 64 * MIB, what="the new limit")


def test_a_stream_that_nobody_reads_ends_with_its_deadline(start_node, chat, upstream):
    node = starts(start_node, upstream)
    upstream.answer = answer_of(200)
    stream = unread(node, chat, "slow", "greedy", timeouts={"total_ms": 3000})
    started = time.monotonic()
    wait_until(lambda: held(node) > 200_000, what="the answer waits for its reader")
    wait_until(lambda: held(node) == 0, what="all is given back")
    assert time.monotonic() - started > 2
    stream.cancel()
