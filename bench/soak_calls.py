"""The calls of bench/soak.py, and the sums of what they were answered."""

import collections
import random
import threading
import time
from decimal import Decimal

import grpc
from attacks.target import reason_of

# No call takes longer than its own deadline; one that gRPC had to end has hung.
DEADLINE_S = 30
MODELS = ("gpt-4.1", "claude-sonnet-4.5", "gemini-2.5-flash", "deepseek-v3.2")
KINDS = ("miss", "miss", "hit", "hit", "stream", "stream_hit", "bypass", "impatient", "cancel", "cancel_stream",
         "own_key", "batch", "workflow", "invalid")
LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN)


class Tally:
    """What the answers said, summed up. `unknown` counts calls that ended without a word
    of the service: it may have answered and noted them, and may not."""

    def __init__(self):
        self._lock = threading.Lock()
        self.done = collections.Counter()
        self.errors = collections.Counter()
        self.answers = self.tokens = self.unknown = self.hung = self.most_tokens = 0
        self.cost = self.dearest = Decimal(0)

    def answer(self, kind, response):
        cost = Decimal(response.cost.total or "0")
        with self._lock:
            self.done[kind, "answered"] += 1
            self.answers += 1
            self.cost += cost
            self.tokens += response.usage.total_tokens
            self.dearest = max(self.dearest, cost)
            self.most_tokens = max(self.most_tokens, response.usage.total_tokens)

    def refused(self, kind, reason):
        with self._lock:
            self.done[kind, "refused"] += 1
            self.errors[reason] += 1

    def lost(self, kind, count=1):
        with self._lock:
            self.done[kind, "left"] += count
            self.unknown += count

    def error(self, kind, error, count=1):
        """A call, or so many items of one, that ended with an RpcError."""
        reason = reason_of(error)
        if reason:
            self.refused(kind, reason)
            return
        with self._lock:
            self.errors[f"no reason: {error.code().name}"] += 1
            self.hung += error.code() not in LOST
        self.lost(kind, count)


class Client(threading.Thread):
    """Makes calls of all kinds, one after the other, until `over` is set."""

    def __init__(self, address, token, tally, over, seed):
        super().__init__(daemon=True)
        self._random = random.Random(seed)
        self._metadata = [("authorization", f"Bearer {token}")]
        self._tally, self._over, self._number, self._seed = tally, over, 0, seed
        self._channel = grpc.insecure_channel(address, [
            ("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0), ("grpc.enable_retries", 0),
            ("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 500)])
        from holysheep.node.v1 import chat_pb2, node_pb2, node_pb2_grpc
        self._chat, self._messages = chat_pb2, node_pb2
        self._stub = node_pb2_grpc.LlmNodeStub(self._channel)

    def run(self):
        while not self._over.is_set():
            self._make(self._random.choice(KINDS))
            time.sleep(self._random.uniform(0, 0.02))
        self._channel.close()

    def repeat(self, kinds, count):
        """Makes so many calls of these kinds in turn, in the caller's thread."""
        for i in range(count):
            self._make(kinds[i % len(kinds)])
        self._channel.close()

    def _make(self, kind):
        try:
            getattr(self, kind)(kind)
        except grpc.RpcError as error:
            self._tally.error(kind, error)

    def _request(self, new=True, **members):
        self._number += 1
        query = f"question {self._seed} {self._number}" if new else f"question {self._random.randrange(20)}"
        return self._chat.InvokeRequest(query=query, model=self._random.choice(MODELS), **members)

    def _ask(self, kind, request, metadata=()):
        response = self._stub.Invoke(request, metadata=[*self._metadata, *metadata], timeout=DEADLINE_S)
        self._tally.answer(kind, response)

    def miss(self, kind):
        self._ask(kind, self._request())

    def hit(self, kind):
        self._ask(kind, self._request(new=False))

    def bypass(self, kind):
        request = self._request(new=False)
        request.cache.mode = self._random.choice([self._chat.CacheControl.BYPASS, self._chat.CacheControl.REFRESH])
        self._ask(kind, request)

    def impatient(self, kind):
        request = self._request()
        request.timeouts.total_ms = self._random.randint(1, 40)
        self._ask(kind, request)

    def own_key(self, kind):
        self._ask(kind, self._request(), [("x-holysheep-api-key", f"own-key-of-a-caller-{self._seed:04}")])

    def invalid(self, kind):
        self._ask(kind, self._request(temperature=9))

    def _stream(self, request):
        return self._stub.InvokeStream(request, metadata=self._metadata, timeout=DEADLINE_S)

    def stream(self, kind, new=True):
        for event in self._stream(self._request(new)):
            if event.HasField("final"):
                self._tally.answer(kind, event.final)

    def stream_hit(self, kind):
        self.stream(kind, new=False)

    def cancel(self, kind):
        call = self._stub.Invoke.future(self._request(), metadata=self._metadata, timeout=DEADLINE_S)
        time.sleep(self._random.uniform(0, 0.01))
        call.cancel()
        try:
            self._tally.answer(kind, call.result())
        except grpc.FutureCancelledError:
            self._tally.lost(kind)

    def cancel_stream(self, kind):
        stream = self._stream(self._request())
        wanted = self._random.randint(1, 3)
        for number, event in enumerate(stream):
            if event.HasField("final"):
                self._tally.answer(kind, event.final)
                return
            if number == wanted:
                break
        stream.cancel()
        self._tally.lost(kind)

    def batch(self, kind, size=20):
        items = [self._messages.BatchItem(id=str(i), request=self._request(new=i % 3 > 0)) for i in range(size)]
        try:
            for result in self._stub.InvokeBatch(iter(items), metadata=self._metadata, timeout=DEADLINE_S):
                size -= 1
                if result.HasField("error"):
                    self._tally.refused(kind, result.error.reason)
                else:
                    self._tally.answer(kind, result.response)
        except grpc.RpcError as error:
            self._tally.error(kind, error, size)

    def workflow(self, kind):
        steps = [self._messages.WorkflowStep(prompt=f"{i} {{{{query}}}}", model=MODELS[i]) for i in range(3)]
        request = self._messages.RunWorkflowRequest(query=self._request().query, steps=steps)
        left = len(steps)
        try:
            for event in self._stub.RunWorkflow(request, metadata=self._metadata, timeout=DEADLINE_S):
                if event.HasField("step_finished"):
                    left -= 1
                    if event.step_finished.HasField("error"):
                        self._tally.refused(kind, event.step_finished.error.reason)
                    else:
                        self._tally.answer(kind, event.step_finished.response)
        except grpc.RpcError as error:
            self._tally.error(kind, error, left)
