#!/usr/bin/env python3
"""Measures the service against its floor and writes the figures as Markdown.

    bench/run.py [--repeats 15] [--seconds 0.5] > figures.md

Needs the release build and nginx. The floors are a bare gRPC server with the same
messages and no logic, the same on gRPC's asynchronous API, that with a bare HTTP client
(bench/floor.cc), the upstream asked by libcurl with nothing in between, and nginx as a
reverse proxy. CPU time and context switches are the process's own, from /proc. Figures are medians, with the
range in brackets.
"""

import argparse
import contextlib
import json
import tempfile

from rig import (
    BENCH,
    BIN,
    FIXED_ANSWER,
    cell,
    certificate,
    http_load,
    http_load_of,
    in_rounds,
    load,
    nginx,
    nginx_process,
    node,
    rates,
    ratios,
    reverse_proxy,
    rss_mb,
    running,
)


def rows(results, c, floor, proxy):
    """One row for each of the results: against the floor, and against nginx as a
    reverse proxy, within the same rounds."""
    for name, figures in results.items():
        against = cell(ratios(rates(figures), rates(results[floor])), 2)
        cpu, switches, multiple = "", "", ""
        if "cpu_us" in figures[0]:
            cpu = cell([f["cpu_us"] for f in figures], 1)
            switches = cell([f["switches"] for f in figures], 2)
            multiple = cell([f["cpu_us"] / p["cpu_us"] for f, p in zip(figures, results[proxy])], 2)
        print(f"| {name} | {c} | {cell(rates(figures))} | {against} | {cell([f['p50'] for f in figures], 1)} "
              f"| {cell([f['p99'] for f in figures], 1)} | {cpu} | {multiple} | {switches} |")


def heading(floor):
    print(f"\n| what | c | calls/s | ratio to {floor} within a round | p50 µs | p99 µs | CPU µs a call "
          "| CPU, multiple of nginx | context switches a call |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")


def table_of_calls(upstream, bare, service, direct, proxy, floors, options):
    heading("bare")
    for c in (1, 16, 64, 256):
        rows(in_rounds({
            "bare gRPC server": lambda: load(bare, "hit", c, options.seconds),
            "gRPC's asynchronous API alone": lambda: load(floors["answer"], "hit", c, options.seconds),
            "cache hit": lambda: load(service, "hit", c, options.seconds),
            "cache miss, 0 ms upstream": lambda: load(direct, "miss", c, options.seconds),
            "floor of a miss": lambda: load(floors["forward"], "miss", c, options.seconds),
            "nginx as a reverse proxy": lambda: http_load_of(proxy, c, options.seconds),
            "upstream by libcurl": lambda: http_load(upstream, c, options.seconds),
        }, options.repeats), c, "bare gRPC server", "nginx as a reverse proxy")


def table_of_tls(stack, directory, options):
    """Misses of an upstream that speaks TLS, by both versions of HTTP."""
    cert, key = certificate(directory)
    upstream = stack.enter_context(nginx_process(directory, FIXED_ANSWER, tls=(cert, key)))
    proxy = stack.enter_context(reverse_proxy(directory, upstream.base_url))
    nodes = {version: stack.enter_context(node(directory, upstream.base_url, upstream={
        "base_url": upstream.base_url, "ca_file": str(cert), "http_version": version})) for version in ("1.1", "2")}
    heading("nginx")
    for c in (1, 16, 64):
        rows(in_rounds({
            "nginx as a reverse proxy, TLS, HTTP/1.1": lambda: http_load_of(proxy, c, options.seconds),
            "cache miss, TLS, HTTP/1.1": lambda: load(nodes["1.1"], "miss", c, options.seconds),
            "cache miss, TLS, HTTP/2": lambda: load(nodes["2"], "miss", c, options.seconds),
        }, options.repeats), c, *["nginx as a reverse proxy, TLS, HTTP/1.1"] * 2)


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
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=0.5)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        upstream = stack.enter_context(nginx(directory))
        sim = stack.enter_context(running([BIN / "holysheep-sim", "--listen", "127.0.0.1:0"]))
        bare = stack.enter_context(running([BENCH / "bare_server", "127.0.0.1:0", "50"]))
        service = stack.enter_context(node(directory, f"http://{sim.address}/v1"))
        direct = stack.enter_context(node(directory, upstream))
        proxy = stack.enter_context(reverse_proxy(directory, upstream))
        floors = {mode: stack.enter_context(running([BENCH / "floor", "127.0.0.1:0", mode, *port]))
                  for mode, port in (("answer", []), ("forward", [upstream.split(":")[-1].split("/")[0]]))}
        table_of_calls(upstream, bare, service, direct, proxy, floors, options)
        table_of_tls(stack, directory, options)
        table_of_streams(service, sim, options)
        identical_calls(directory, options)
        memory(directory, upstream)


if __name__ == "__main__":
    main()
