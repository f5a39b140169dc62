"""Every attack, with what it needs of the service and of its upstream."""

import dataclasses
import functools

from attacks import callers, strangers, surroundings
from attacks.target import ATTACKER_MODEL

WITH_TOKEN, STRANGER, READER, AROUND = "caller with a token", "stranger", "slow reader", "surroundings"


@dataclasses.dataclass
class Attack:
    """`limits` and `token` are members of the configuration's section and of the
    attacker's entry; `rule` is how the simulator answers the attacker's model."""

    name: str
    who: str
    title: str
    run: callable
    limits: dict = dataclasses.field(default_factory=dict)
    token: dict = dataclasses.field(default_factory=dict)
    rule: dict = dataclasses.field(default_factory=dict)


# Nobody is refused because the queue is full or the wait long.
PATIENT = {"max_queue": 20_000, "max_queue_wait": "0s"}
LATE = {"fault": "late", "ms": 100}
SHORT = {"fault": "ok", "answer": {"text": "short"}}
LONG = {"fault": "huge", "megabytes": 3}


def waiting(calls):
    return functools.partial(callers.waiting, calls=calls)


ATTACKS = [
    Attack("floor", AROUND, "none; two loops that only use the processor", surroundings.nothing),
    Attack("wait-requests", WITH_TOKEN, "10,000 calls wait behind their own requests_per_minute",
           waiting(9_900), PATIENT, {"requests_per_minute": 600}),
    Attack("wait-tokens", WITH_TOKEN, "1,000 calls wait behind their own tokens_per_minute",
           waiting(1_000), PATIENT, {"tokens_per_minute": 50_000}),
    Attack("wait-slots", WITH_TOKEN, "1,000 calls of 100 ms wait for the slots of all (max_concurrent 20)",
           waiting(1_000), PATIENT | {"max_concurrent": 20}, rule=LATE),
    Attack("full-queue", WITH_TOKEN, "2,000 calls of 100 ms for 20 slots and a queue of 500",
           waiting(2_000), {"max_queue": 500, "max_concurrent": 20}, rule=LATE),
    Attack("cancel-storm", WITH_TOKEN, "10,000 calls under way cancelled, again and again", callers.cancel_storm,
           PATIENT, {"tokens_per_minute": 50_000}, LATE | {"ms": 5000}),
    Attack("impatient", WITH_TOKEN, "calls with 2 ms to the victim's model, which takes 5", callers.impatient),
    Attack("huge", WITH_TOKEN, "messages of 31 MiB, four at a time", callers.huge_messages, rule=SHORT),
    Attack("endless", WITH_TOKEN, "32 streams with the largest max_tokens, 3 MB each", callers.endless, rule=LONG),
    Attack("batches", WITH_TOKEN, "eight batches of 1,000 items at a time", callers.batches),
    Attack("usage", WITH_TOKEN, "GetUsage in 32 loops, over made-up models", callers.usage_flood,
           token={"roles": ["invoke", "admin"]}),
    Attack("validate", WITH_TOKEN, "ValidateCredentials in 64 loops, a new key each time", callers.validate_flood),
    Attack("connections", STRANGER, "1,500 connections where 1,000 are allowed, made again when closed",
           strangers.connections, {"max_connections": 1000}),
    Attack("half-sent", STRANGER, "10,000 messages of 31 MiB that never come", strangers.half_sent),
    Attack("streams", STRANGER, "10,000 streams of Watch and reflection", strangers.open_streams),
    Attack("headers", STRANGER, "headers that do not end, on four connections", strangers.endless_headers),
    Attack("bombs", STRANGER, "60 KB of gzip that unpack to 60 MB, in eight loops", strangers.bombs),
    Attack("settings", STRANGER, "nothing but SETTINGS, on four connections", strangers.settings_flood),
    Attack("loris", STRANGER, "200 slow requests at http.listen", strangers.slow_loris),
    Attack("unread-hit", READER, "300 streams of one stored answer of 3 MB, unread", surroundings.slow_readers_of_a_hit,
           rule=LONG),
    Attack("unread-new", READER, "300 streams of new answers of 3 MB, unread",
           surroundings.slow_readers_of_new_answers, rule=LONG),
    Attack("slow-disk", AROUND, "fsync takes 1.5 s; streams of hits go on", surroundings.slow_disk),
    Attack("silent", AROUND, "another model's upstream accepts and never answers", surroundings.calls_of_the_dead,
           rule={"fault": "silent"}),
    Attack("refusing", AROUND, "another model's upstream ends each connection", surroundings.calls_of_the_dead,
           rule={"fault": "reset"}),
    Attack("revoked", AROUND, "a reload takes the token of 64 open streams", surroundings.revoked,
           rule={"fault": "stall", "after": 1, "ms": 60_000, "heartbeat_ms": 1000}),
    Attack("reloads", AROUND, "a reload each 200 ms, under load", surroundings.reloads),
]
NAMES = {attack.name: attack for attack in ATTACKS}


def behaviour(attack):
    """The simulator's control message while the attack runs."""
    rules = [{"model": ATTACKER_MODEL} | attack.rule] if attack.rule else []
    return {"latency": {"constant_ms": 5}, "faults": rules}


def run_in_child(name, target, pipe):
    """The attacker's process; sends what it was answered."""
    import os
    os.nice(10)
    target.start()
    pipe.send(dict(NAMES[name].run(target)))
