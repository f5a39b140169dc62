#!/usr/bin/env python3
"""Measures the service against its floor and writes the figures as Markdown.

    bench/run.py [--repeats 5] [--seconds 2] > figures.md

Needs the release build and nginx. Everything is measured in one run, in random
order: the floors are a bare gRPC server with the same messages and no logic, and
the upstream asked by libcurl with nothing in between. CPU time is the service's
own (user and system), from /proc. Figures are medians, with the range in brackets.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "build/bin"
BENCH = ROOT / "build/bench"
KEY = "bench-key-bench-key-bench-key"
ANSWER = json.dumps({
    "id": "c1", "object": "chat.completion", "model": "deepseek-v3.2",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {
        "role": "assistant",
        "content": "The capital of France is Paris, a city on the Seine."}}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 12, "total_tokens": 22}})
NGINX = """
worker_processes 1; daemon off; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000;
  client_body_temp_path {dir}/1; proxy_temp_path {dir}/2; fastcgi_temp_path {dir}/3;
  uwsgi_temp_path {dir}/4; scgi_temp_path {dir}/5;
  server {{ listen 127.0.0.1:{port}; location / {{
    default_type application/json; return 200 '{answer}'; }} }} }}
"""
SETTINGS = """
listen: 127.0.0.1:0
http: {{listen: ""}}
upstream: {{base_url: "{upstream}"}}
log: {{level: off}}
limits: {{requests_per_minute: 0, max_concurrent: {max_concurrent}, max_queue: 100000}}
cache: {{max_entries: {entries}, max_bytes: 2000000000}}
"""


def free_port():
    """A port that nobody listens on now."""
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, env=None):
    """A process that says where it listens on its first line."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env={**os.environ, **(env or {})})
    line = process.stdout.readline()
    process.ready_ms = (time.monotonic() - start) * 1000
    process.address = line.strip().rsplit(" ", 1)[-1]
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def nginx(directory):
    """nginx with a fixed completion; yields its base URL."""
    port = free_port()
    config = pathlib.Path(directory, "nginx.conf")
    config.write_text(NGINX.format(dir=directory, port=port, answer=ANSWER))
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(config)])
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def node(directory, upstream, entries=1000, max_concurrent=10_000):
    config = pathlib.Path(directory, f"node{entries}.yaml")
    config.write_text(SETTINGS.format(upstream=upstream, entries=entries, max_concurrent=max_concurrent))
    with running([BIN / "holysheep-node", "--config", config], {"HOLYSHEEP_API_KEY": KEY}) as process:
        yield process


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def load(process, mode, concurrency, seconds, calls=0):
    """One run of the load generator; its figures, and the CPU time a call."""
    before = cpu_seconds(process)
    command = [BENCH / "load", process.address, mode, str(concurrency), str(seconds)]
    figures = json.loads(subprocess.check_output(command + ([str(calls)] if calls else []), text=True))
    if figures["errors"]:
        sys.exit(f"{figures['errors']} errors in {mode} at c={concurrency}")
    used = cpu_seconds(process) - before
    share = 1 if calls else 1.1  # The warm-up's calls are not counted.
    figures["cpu_us"] = used * 1e6 / (figures["calls"] * share)
    return figures


def upstream_load(upstream, concurrency, seconds):
    """The upstream asked with nothing in between. Its CPU time is not the service's."""
    return json.loads(subprocess.check_output([BENCH / "direct", upstream, str(concurrency), str(seconds)], text=True))


def cell(values, digits=0):
    return (f"{statistics.median(values):,.{digits}f} "
            f"[{min(values):,.{digits}f} – {max(values):,.{digits}f}]")


def measure(runs, repeats):
    """Every run `repeats` times, in random order: {name: [figures]}."""
    order = list(runs) * repeats
    random.shuffle(order)
    results = {name: [] for name in runs}
    for name in order:
        results[name].append(runs[name]())
    return results


def table_of_calls(upstream, bare, service, direct, options):
    runs = {}
    for c in (1, 16, 64, 256):
        runs["bare gRPC server", c] = lambda c=c: load(bare, "hit", c, options.seconds)
        runs["upstream by libcurl", c] = lambda c=c: upstream_load(upstream, c, options.seconds)
        runs["cache hit", c] = lambda c=c: load(service, "hit", c, options.seconds)
        runs["cache miss, 0 ms upstream", c] = lambda c=c: load(direct, "miss", c, options.seconds)
    results = measure(runs, options.repeats)
    print("| what | c | calls/s | ratio to bare | p50 µs | p99 µs | CPU µs a call |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for (name, c), figures in sorted(results.items(), key=lambda item: (item[0][1], item[0][0])):
        floor = statistics.median(f["rate"] for f in results["bare gRPC server", c])
        ratio = statistics.median(f["rate"] for f in figures) / floor
        print(f"| {name} | {c} | {cell([f['rate'] for f in figures])} | {ratio:.2f} "
              f"| {cell([f['p50'] for f in figures], 1)} | {cell([f['p99'] for f in figures], 1)} "
              f"| {cell([f['cpu_us'] for f in figures], 1) if 'cpu_us' in figures[0] else ''} |")


def table_of_streams(service, sim, options):
    """First token and each further one, against the simulator's own pace."""
    print("\n| stream of words at once, c = 1 | first token p50 µs | whole p50 µs | CPU µs a call |")
    print("|---|---:|---:|---:|")
    for tokens in (1, 101):
        control(sim, {"tokens": tokens})
        figures = [load(service, "stream", 1, options.seconds) for _ in range(options.repeats)]
        print(f"| {tokens} tokens | {cell([f['first_p50'] for f in figures], 1)} "
              f"| {cell([f['p50'] for f in figures], 1)} | {cell([f['cpu_us'] for f in figures], 1)} |")
    control(sim, {})


def control(sim, message):
    import urllib.request
    request = urllib.request.Request(f"http://{sim.address}/_sim/control", json.dumps(message).encode(),
                                     {"content-type": "application/json"})
    urllib.request.urlopen(request).read()


def state(sim):
    import urllib.request
    return json.loads(urllib.request.urlopen(f"http://{sim.address}/_sim/state").read())


def identical_calls(directory, options):
    """1,000 identical calls at once at an upstream of 1 s, on a warm service; the clock is the machine's."""
    with running([BIN / "holysheep-sim", "--listen", "127.0.0.1:0", "--latency", "1000"]) as sim:
        spreads = []
        for _ in range(options.repeats):
            with node(directory, f"http://{sim.address}/v1") as service:
                control(sim, {"latency": {"constant_ms": 0}})
                load(service, "miss", 64, options.seconds)
                control(sim, {})
                before = state(sim)["requests"]
                figures = load(service, "hit", 1000, 10, calls=1000)
                after = state(sim)
                calls = after["requests"] - before
                spreads.append((figures["end_unix_us"] - after["last_end_unix_us"]) / 1000)
    print(f"\n1,000 identical calls at once, upstream 1 s: {calls} upstream call; the last one answered "
          f"{cell(spreads, 1)} ms after its end.")


def memory(directory, upstream):
    with node(directory, upstream, entries=100_000) as service:
        idle = rss_mb(service)
        ready = service.ready_ms
        load(service, "miss", 64, 600, calls=100_000)
        full = rss_mb(service)
    print(f"\nReady after {ready:.0f} ms. Resident: {idle:.1f} MB idle, {full:.1f} MB with 100,000 cached answers.")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        upstream = stack.enter_context(nginx(directory))
        sim = stack.enter_context(running([BIN / "holysheep-sim", "--listen", "127.0.0.1:0"]))
        bare = stack.enter_context(running([BENCH / "bare_server", "127.0.0.1:0", "50"]))
        service = stack.enter_context(node(directory, f"http://{sim.address}/v1"))
        direct = stack.enter_context(node(directory, upstream))
        table_of_calls(upstream, bare, service, direct, options)
        table_of_streams(service, sim, options)
        identical_calls(directory, options)
        memory(directory, upstream)


if __name__ == "__main__":
    main()
