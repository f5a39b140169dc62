#!/usr/bin/env python3
"""Lets all kinds of calls, faults, reloads, purges and kill -9 work on one service for a
long time, and then counts.

    bench/soak.py [--minutes 90] [--write]

Needs what bench/abuse.py needs. Prints what was done as Markdown, and what held; the exit
status is 1 if something did not hold. What is counted, and how exactly:

- Queue and calls under way are 0 once the last client has left.
- The ledger has at least what the answers said, in calls, tokens and money, and at most
  that and what those calls can have added that ended without a word of the service: cancelled
  by the client, or lost by kill -9. Their number is counted, so this is exact without them.
- 300 further calls, which nobody disturbs, make the sums of the ledger grow by exactly what
  they were answered, and the attempts by what the simulator was asked.
- The service's count of attempts is the simulator's, but for those that were cancelled
  before their request was sent, and for those that ended between the last look at the
  service and its kill -9, which the simulator counts.
- In the longest life of the process its memory grows by less than 16 MB after the first half.
"""

import argparse
import datetime
import os
import random
import sys
import tempfile
import threading
import time

from abuse import generated
from abuse_report import rewrite, version
from soak_calls import Client, Tally
from soak_checks import checks, report
from soak_stage import Service

BEGIN, END = "<!-- soak: from here on written by bench/soak.py -->", "<!-- soak: end -->"
CLIENTS = 10
# What the simulator does by turns, each for a few seconds.
FAULTS = [
    [],
    [{"fault": "server_error", "probability": 0.05}],
    [{"fault": "rate_limit", "retry_after": 1, "probability": 0.05}],
    [{"fault": "cut", "after": 2, "probability": 0.1}],
    [{"fault": "reset", "probability": 0.05}, {"fault": "tiny_writes", "probability": 0.05}],
    [{"fault": "malformed", "probability": 0.05}, {"fault": "no_usage", "probability": 0.1}],
    [{"fault": "stall", "after": 1, "ms": 500, "probability": 0.1}],
    [{"fault": "unavailable", "model": "gemini-2.5-flash"}],
]


def clients(service, tally, over):
    crowd = [Client(service.address, service.token, tally, over, seed) for seed in range(CLIENTS)]
    for client in crowd:
        client.start()
    return crowd


def honest(service, tally):
    """300 calls by one client that leaves none of them and asks for nothing impossible."""
    client = Client(service.address, service.token, tally, threading.Event(), CLIENTS)
    client.repeat(["miss", "hit", "stream", "stream_hit", "bypass", "own_key", "batch", "workflow"], 300)


def disturb(service, seconds):
    """Faults, reloads, purges, and four kills -9 at even distances."""
    start, kills, number = time.monotonic(), 0, 0
    while time.monotonic() - start < seconds:
        service.faults(FAULTS[number % len(FAULTS)])
        for what in random.sample([service.reload, service.purge, service.look], 3):
            time.sleep(min(1.5, seconds / 40))
            what()
        if time.monotonic() - start > (kills + 1) * seconds / 5 and kills < 4:
            service.kill()
            kills += 1
        number += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--write", action="store_true", help="rewrite the figures in docs/resilience.md")
    options = parser.parse_args()
    tally, over = Tally(), threading.Event()
    with tempfile.TemporaryDirectory() as directory:
        generated(directory)
        with Service(directory) as service:
            crowd = clients(service, tally, over)
            disturb(service, options.minutes * 60)
            over.set()
            for client in crowd:
                client.join(60)
            alive = sum(client.is_alive() for client in crowd)
            results = checks(service, tally, alive, lambda sums: honest(service, sums))
    text = report(tally, service, results)
    print(text)
    if options.write:
        rewrite(BEGIN, f"\n{options.minutes:g} minutes, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, "
                f"at {version()}.\n\n{text}\n", END)
    sys.exit(0 if all(held for held, _ in results) else 1)


if __name__ == "__main__":
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    main()
