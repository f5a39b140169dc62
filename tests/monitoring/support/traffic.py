"""A load run in which everything happens that an operator might look for."""

import hashlib

import grpc
from harness.process import wait_until

MODELS = ("deepseek-v3.2", "gpt-4.1")
# Models that come to harm: no answer, no key, and limited.
FAILING, LOCKED, LIMITED = "gemini-2.5-flash", "claude-sonnet-4.5", "gpt-4.1"


def entry(name, **more):
    return {"name": name, "sha256": hashlib.sha256(name.encode()).hexdigest()} | more


CONFIG = {
    "http": {"listen": "127.0.0.1:0"},
    "limits": {"requests_per_minute": 0, "max_queue_wait": "1ms"},
    "cache": {"ttl": "2s", "stale_if_error": "1h"},
    "breaker": {"failures": 5, "open_for": "2500ms"},
    "auth": {"tokens": [entry("team-a"), entry("team-b"), entry("ops", roles=["admin"]),
                        entry("busy", requests_per_minute=1), entry("poor")]},
    "apps": [{"id": "app-1", "name": "Support bot"}],
    "budgets": [{"caller": "poor", "usd": "0.000001"}],
}


def token(name):
    return [("authorization", f"Bearer {name}")]


class Traffic:
    """Makes calls, and keeps what came of them."""

    def __init__(self, node, sim, api):
        self.node, self.sim, self.chat = node, sim, api.chat_pb2
        self.answers = []
        # The status codes of calls that got no answer, and of those turned away.
        self.errors, self.refused = [], []
        self.number = 0

    def question(self):
        """One that nobody has asked before."""
        self.number += 1
        return f"question {self.number} of many"

    def request(self, query, **fields):
        """Of an app of the configuration or of another one, in turn."""
        app = ("app-1", "app-2")[self.number % 2]
        return self.chat.InvokeRequest(query=query, caller={"app_id": app}, **fields)

    def ask(self, query, caller="team-a", **fields):
        """Makes a call; the answer, or None if there is none."""
        return self.keep(self.node.llm.Invoke.future(self.request(query, **fields),
                                                     metadata=token(caller)))

    def keep(self, call):
        try:
            self.answers.append(call.result(20))
            return self.answers[-1]
        except grpc.RpcError as error:
            self.errors.append(error.code())
            return None

    def round(self):
        """All of it once."""
        self.sim.reset()
        self.good_calls()
        self.same_calls_at_once()
        self.streams()
        self.sim.fault("rate_limit_once", retry_after=0)
        # Of a caller who has retries left: the faults below use up those of team-a.
        assert self.ask(self.question(), "team-b").attempts == 2
        self.faults()
        self.limits()
        self.strangers()

    def good_calls(self):
        for i in range(8):
            query, model = self.question(), MODELS[i % 2]
            caller = ("team-a", "team-b")[i // 2 % 2]
            assert not self.ask(query, caller, model=model).cached
            assert self.ask(query, caller, model=model).cached
        self.ask(query, cache={"mode": "BYPASS"})

    def same_calls_at_once(self):
        self.sim.control(latency={"constant_ms": 200})
        request = self.request(self.question())
        calls = [self.node.llm.Invoke.future(request, metadata=token("team-a")) for _ in range(4)]
        outcomes = [self.keep(call).cache_info.outcome for call in calls]
        assert outcomes.count(self.chat.CacheInfo.JOINED) == 3
        self.sim.reset()

    def streams(self):
        self.sim.control(tokens=20, token_ms=2)
        stream = self.node.llm.InvokeStream(self.request(self.question()), metadata=token("team-b"))
        self.answers.append(list(stream)[-1].final)
        left = self.node.llm.InvokeStream(self.request(self.question()), metadata=token("team-b"))
        next(left)
        left.cancel()
        self.errors.append(grpc.StatusCode.CANCELLED)

    def faults(self):
        query = self.question()
        self.sim.reset()
        wait_until(lambda: self.ask(query, model=FAILING), 10, "a closed circuit")
        self.sim.control(faults=[{"fault": "unavailable", "model": FAILING},
                                 {"fault": "unauthorized", "model": LOCKED},
                                 {"fault": "rate_limit", "model": LIMITED}])
        # More than its circuit breaker bears.
        for model in 5 * (FAILING,) + (LOCKED, LIMITED):
            assert self.ask(self.question(), model=model) is None
        stale = self.chat.CacheInfo.STALE
        wait_until(lambda: self.ask(query, model=FAILING).cache_info.outcome == stale, 10,
                   "an expired answer")
        self.sim.reset()

    def limits(self):
        for caller in ("busy", "poor"):
            for _ in range(3):
                self.ask(self.question(), caller)
        assert self.errors[-4:] == 4 * [grpc.StatusCode.RESOURCE_EXHAUSTED]

    def strangers(self):
        for query, caller in (("a guess", "guessed"), ("", "team-a")):
            call = self.node.llm.Invoke.future(self.request(query), metadata=token(caller))
            self.refused.append(call.code())
