#!/usr/bin/env python3
"""Measures batches and writes the figures as Markdown.

    bench/jobs.py [--repeats 5] [--items 1000000] > figures.md

Needs the release build and nginx. `--items` is the length of the long batch of
which the memory is watched. Figures are medians, with the range in brackets.
"""

import argparse
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from rig import BENCH, BIN, cell, in_rounds, load, nginx, node, rss_mb, running

PUBLISHED_MS = 42.3


def batch(service, items):
    """One InvokeBatch with `items` prompts of its own; its figures."""
    figures = json.loads(subprocess.check_output([BENCH / "batch", service.address, str(items)], text=True))
    if figures["errors"]:
        sys.exit(f"{figures['errors']} of {items} items failed")
    return figures


def workers(service, calls):
    """Single calls by 20 workers; the client's report."""
    return json.loads(subprocess.check_output(
        [BIN / "holysheepctl", "--address", service.address, "bench", "--unique", "--json",
         "-c", "20", "-n", str(calls), "--warm-up", "100"], text=True))


def published_latency(directory, options):
    """The published setting: an upstream of 42.3 ms, 20 calls at once."""
    with running([BIN / "holysheep-sim", "--listen", "127.0.0.1:0", "--latency", str(PUBLISHED_MS)]) as sim:
        with node(directory, f"http://{sim.address}/v1",
                  limits={"requests_per_minute": 0, "max_concurrent": 20}) as service:
            batch(service, 100)
            results = in_rounds({"batch": lambda: batch(service, 50)["seconds"],
                               "workers": lambda: workers(service, 10_000)["throughput_per_s"] * 60},
                              options.repeats)
    print(f"Upstream {PUBLISHED_MS} ms: 50 prompts, 20 at once: {cell(results['batch'], 3)} s; "
          f"20 workers: {cell(results['workers'])} calls a minute.")


def batch_against_single_calls(direct, options):
    """Prompts of their own at the 0 ms upstream."""
    results = in_rounds({"single": lambda: load(direct, "miss", 64, 600, calls=100_000)["rate"],
                       "batch": lambda: batch(direct, 100_000)["items_per_s"]}, options.repeats)
    ratio = cell([b / s for b, s in zip(results["batch"], results["single"])], 2)
    print(f"\nUpstream 0 ms, 100,000 prompts: single calls at c = 64 {cell(results['single'])} a second, "
          f"one batch {cell(results['batch'])} items a second, ratio {ratio}.")


def growth(processes, alive):
    """By how many MB each process grows while `alive`, from its first two seconds on."""
    begin = time.monotonic()
    first, most = {}, {}
    while alive():
        for name, process in processes.items():
            resident = rss_mb(process)
            if time.monotonic() - begin < 2:
                first[name] = resident
            most[name] = max(most.get(name, 0), resident)
        time.sleep(0.1)
    return {name: most[name] - first[name] for name in processes}


def memory(directory, direct, options):
    """A long batch by the client, from a file to a file."""
    prompts = pathlib.Path(directory, "prompts.txt")
    with prompts.open("w") as lines:
        lines.writelines(f"What is the capital of country {i}?\n" for i in range(options.items))
    answers = pathlib.Path(directory, "answers.jsonl")
    start = time.monotonic()
    client = subprocess.Popen([BIN / "holysheepctl", "--address", direct.address, "--timeout", "1h", "batch",
                               "--quiet", prompts, answers], stdout=subprocess.DEVNULL)
    grown = growth({"service": direct, "client": client}, lambda: client.poll() is None)
    seconds = time.monotonic() - start
    with answers.open() as lines:
        results = sum(1 for _ in lines) - 1  # The first says which input it is of.
    if client.returncode or results != options.items:
        sys.exit(f"the batch ended with {client.returncode} and {results} results")
    print(f"\nA batch of {options.items:,} by the client took {seconds:.0f} s; the service grew by "
          f"{grown['service']:.1f} MB, the client by {grown['client']:.1f} MB.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--items", type=int, default=1_000_000)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        published_latency(directory, options)
        upstream = stack.enter_context(nginx(directory))
        direct = stack.enter_context(node(directory, upstream))
        batch_against_single_calls(direct, options)
        memory(directory, direct, options)


if __name__ == "__main__":
    main()
