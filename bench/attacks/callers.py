"""What a hostile caller with a token of their own does."""

import contextlib
import itertools
import os
import struct

import grpc
from harness.raw_http2 import DATA, END_STREAM, frame

from attacks.strangers import greeting, head
from attacks.target import ATTACKER_MODEL, OURS, VICTIM_MODEL, Answers, crowd, request, sum_of

RST_STREAM, CANCEL = 3, struct.pack(">I", 8)
MAX_INT32 = 2**31 - 1
MB = 1 << 20


def waiting(target, calls):
    """So many calls at once, most of which have to wait; each that ends is replaced.
    They have no deadline, and are all cancelled in the end."""
    answers, ended = Answers(), []
    stub, number = target.stub(), itertools.count()

    def begin():
        call = stub.Invoke.future(request(f"wait {next(number)}"), metadata=target.metadata)
        call.add_done_callback(ended.append)
        return call

    alive = {begin() for _ in range(calls)}
    while target.left():
        target.pause()
        while ended:
            call = ended.pop()
            answers.take(call)
            alive.discard(call)
            if target.left():
                alive.add(begin())
    for call in alive:
        call.cancel()
    answers[OURS] += len(alive)
    return answers


def cancel_storm(target):
    """9,900 calls over ten new connections, all cancelled 0.2 s later, again and again."""
    answers = Answers()
    for storm in itertools.count():
        if not target.left():
            break
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            connections = [stack.enter_context(target.connect()) for _ in range(10)]
            for number, connection in enumerate(connections):
                # What fits into the window of a new connection.
                connection.sendall(greeting() + begun_calls(target, f"{storm} {number}", 990))
            target.pause(0.2)
            for connection in connections:
                connection.sendall(b"".join(frame(RST_STREAM, 0, 2 * i + 1, CANCEL) for i in range(990)))
                answers[OURS] += 990
    return answers


def begun_calls(target, name, count):
    """The bytes of so many calls to Invoke on a new connection."""
    authorization = {"authorization": f"Bearer {target.token}"}
    return b"".join(
        head(target, 2 * i + 1, extra=authorization) + frame(DATA, END_STREAM, 2 * i + 1, packed(
            request(f"storm {name} {i}").SerializeToString())) for i in range(count))


def packed(message):
    return b"\x00" + struct.pack(">I", len(message)) + message


def impatient(target):
    """Calls to the victim's model with less time than the upstream takes."""
    def work(number, answers):
        stub = target.stub()
        for i in itertools.count():
            if not target.left():
                return
            asked = request(f"now {number} {i}", model=VICTIM_MODEL)
            asked.timeouts.total_ms = 2
            answers.take(stub.Invoke.future(asked, metadata=target.metadata))
    return crowd(16, work)


def repeated(target, ask, count):
    """`ask(channel, the call's number, seconds)` in so many loops; it begins a call."""
    def work(thread, answers):
        with target.channel() as channel:
            for i in itertools.count():
                if not target.left():
                    return
                answers.take(ask(channel, f"{thread}-{i}", target.left() + 1))
    return crowd(count, work)


def huge_messages(target):
    """Messages just below 32 MiB, four at a time."""
    text = "x" * (31 * MB)
    return repeated(target, lambda channel, i, left: target.stub(channel).Invoke.future(
        request(i + text), metadata=target.metadata, timeout=left), 4)


def endless(target):
    """32 streams that ask for as many tokens as the model may say, of one that says much."""
    most = largest_answer(target)

    def work(number, answers):
        with target.channel() as channel:
            for i in itertools.count():
                if not target.left():
                    return
                asked = request(f"endless {number} {i}", max_tokens=most)
                read(target.stub(channel).InvokeStream(
                    asked, metadata=target.metadata, timeout=target.left() + 0.1), answers)
    return crowd(32, work)


def largest_answer(target):
    """The most tokens that may be asked of the model."""
    from holysheep.node.v1 import node_pb2
    models = target.stub().ListModels(node_pb2.ListModelsRequest(), metadata=target.metadata).models
    return next(model.max_output_tokens for model in models if model.id == ATTACKER_MODEL) or MAX_INT32


def read(stream, answers):
    """Reads a stream to its end, and counts how it ended."""
    try:
        for _ in stream:
            pass
        answers.add(None)
    except grpc.RpcError as error:
        answers.add(error)


def batches(target):
    """Eight batches of 1,000 items at a time."""
    from holysheep.node.v1 import node_pb2

    def items(number, i):
        return (node_pb2.BatchItem(id=str(k), request=request(f"item {number} {i} {k}")) for k in range(1000))

    def work(number, answers):
        with target.channel() as channel:
            for i in itertools.count():
                if not target.left():
                    return
                results = target.stub(channel).InvokeBatch(
                    items(number, i), metadata=target.metadata, timeout=target.left() + 0.1)
                with contextlib.suppress(grpc.RpcError):
                    for result in results:
                        answers[f"item: {result.error.code or 'OK'} {result.error.reason}".strip()] += 1
                answers[f"stream: {results.code().name}"] += 1
    return crowd(8, work)


def usage_flood(target):
    """GetUsage in 32 loops, of a ledger that made-up names of models have filled."""
    from holysheep.node.v1 import node_pb2, node_pb2_grpc

    def fill(channel, i, left):
        return target.stub(channel).Invoke.future(
            request("a", model=f"made-up-{i}"), metadata=target.metadata, timeout=left)

    ends_at, target.ends_at = target.ends_at, target.ends_at - target.seconds * 0.7
    filled = repeated(target, fill, 8)
    target.ends_at = ends_at
    asked = repeated(target, lambda channel, i, left: node_pb2_grpc.NodeAdminStub(channel).GetUsage.future(
        node_pb2.GetUsageRequest(), metadata=target.metadata, timeout=left), 32)
    return sum_of([Answers({f"filling: {what}": count for what, count in filled.items()}), asked])


def validate_flood(target):
    """ValidateCredentials in 64 loops, each time with another upstream key of the caller's own."""
    from holysheep.node.v1 import node_pb2
    return repeated(target, lambda channel, i, left: target.stub(channel).ValidateCredentials.future(
        node_pb2.ValidateCredentialsRequest(), timeout=left,
        metadata=[*target.metadata, ("x-holysheep-api-key", f"key-of-the-attacker-{i}-{os.getpid()}")]), 64)
