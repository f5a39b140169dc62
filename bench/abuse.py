#!/usr/bin/env python3
"""Attacks the service, and measures what an honest caller notices.

    bench/abuse.py [--seconds 6] [--only NAME ...]

Needs the release build (with the targets holysheep-node, holysheep-sim and
bench_victim), `cc`, and the Python of the end-to-end tests. Each attack has a fresh
service. Only this machine's loopback is attacked. All attacks together rewrite the table
in docs/resilience.md and its picture; with --only the rows are printed.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from abuse_report import table, write
from abuse_stage import Watch, service, stalls, status, urgent
from attacks.listed import ATTACKS, NAMES, run_in_child
from attacks.target import ATTACKER, VICTIM, VICTIM_MODEL, Target
from rig import BENCH

# Beyond its time, an attacker has so long to end what it began.
GRACE_S = 25


def victim(process, token_file, seconds):
    """A process of its own that only measures; begins at once."""
    return subprocess.Popen([*urgent(2), BENCH / "victim", process.address, token_file, VICTIM_MODEL, str(seconds)],
                            stdout=subprocess.PIPE, text=True)


def figures(process):
    text, _ = process.communicate()
    return json.loads(text) if text else {"failed": {"the victim ended": 1}}


def attacked(attack, target, process, token_file):
    """The victim's figures while the attack runs, and what the attacker was answered."""
    mine, theirs = multiprocessing.get_context("spawn").Pipe()
    attacker = multiprocessing.get_context("spawn").Process(
        target=run_in_child, args=(attack.name, target, theirs), daemon=True)
    attacker.start()
    theirs.close()
    time.sleep(0.5)  # Until the attacker's Python is there.
    measured = figures(victim(process, token_file, target.seconds))
    answers = {"(the attacker did not end)": 1}
    if mine.poll(target.seconds + GRACE_S):
        try:
            answers = mine.recv()
        except EOFError:
            answers = {"(the attacker failed)": 1}
    attacker.kill()
    attacker.join()
    return measured, answers


def measure(attack, seconds, directory, api):
    """Everything that a row says."""
    token_file = pathlib.Path(directory, "victim")
    token_file.write_text(f"token-of-{VICTIM}")
    with service(directory, attack) as process:
        figures(victim(process, token_file, 0.5))  # Warms up.
        before = figures(victim(process, token_file, seconds))
        idle, stalled = status(process), stalls(process)
        target = Target(address=process.address, http=process.http, token=f"token-of-{ATTACKER}",
                        seconds=seconds, api=api, pid=process.pid, config=process.config,
                        slow_disk=process.slow_disk, connections=attack.limits.get("max_connections", 4096))
        with Watch(process) as watch:
            under, answers = attacked(attack, target, process, token_file)
        stalled_now = stalls(process)
        ended = process.poll()
    return {"attack": attack, "before": before, "under": under, "answers": answers,
            "memory": watch.most.get("VmHWM", 0) - idle["VmRSS"], "idle": idle["VmRSS"],
            "threads": watch.most.get("Threads", 0), "ended": ended,
            "stalls": None if stalled_now is None else stalled_now - stalled}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6, help="how long each attack takes")
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as directory:
        api = generated(directory)
        for attack in ATTACKS:
            if not options.only or attack.name in options.only:
                results.append(measure(attack, options.seconds, directory, api))
                print(f"{attack.name}: {json.dumps(results[-1]['under'])}", file=sys.stderr, flush=True)
    if options.only:
        print(table(results))
    else:
        write(results, options.seconds)


def generated(directory):
    """The folder of the API's Python modules."""
    from harness.api import generate
    folder = pathlib.Path(directory, "api")
    folder.mkdir()
    generate(folder)
    return str(folder)


if __name__ == "__main__":
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    main()
