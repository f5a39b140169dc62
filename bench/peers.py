#!/usr/bin/env python3
"""Measures other gateways next to the service and writes the figures as Markdown.

    bench/peers.py [--repeats 5] [--seconds 3] > figures.md

Needs the release build, nginx, Python's venv, npm and cargo; installs the peers into
build/peers, of which liter-llm takes a quarter of an hour. One gateway runs at a time,
with retries and logs off and without authentication, which only liter-llm insists on.
The upstream is nginx with a fixed completion. The service is asked over gRPC, its peers
over HTTP with the same request. CPU time and memory are those of a gateway's whole
process tree.
"""

import argparse
import contextlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import urllib.request

from rig import KEY, ROOT, cell, free_port, http_load, load, nginx, nginx_process, node

PEERS = ROOT / "build/peers"
LITELLM = "litellm[proxy]==1.104.5"
PORTKEY = "@portkey-ai/gateway@1.15.2"
LITER_LLM = "liter-llm-cli@2.4.4"
CONCURRENCIES = (1, 16, 64)
CACHING_PROXY = """
proxy_pass {upstream}/chat/completions; proxy_http_version 1.1; proxy_set_header Connection "";
proxy_cache answers; proxy_cache_methods POST; proxy_cache_lock on; proxy_cache_valid 300s;
proxy_cache_key "$request_uri $request_body";
"""


def install():
    PEERS.mkdir(parents=True, exist_ok=True)
    if not (PEERS / "venv/bin/litellm").exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS / "venv"], check=True)
        subprocess.run([PEERS / "venv/bin/pip", "install", "-q", LITELLM], check=True)
    if not (PEERS / "node_modules/@portkey-ai").exists():
        subprocess.run(["npm", "install", "--prefix", PEERS, "--silent", "--no-save", "--no-package-lock",
                        PORTKEY], check=True)
    if not (PEERS / "bin/liter-llm").exists():
        subprocess.run(["cargo", "install", LITER_LLM, "--locked", "--root", PEERS], check=True)


def answers(base_url, headers):
    """Whether it gives the upstream's answer."""
    request = urllib.request.Request(
        f"{base_url}/chat/completions", json.dumps(
            {"model": "deepseek-v3.2", "messages": [{"role": "user", "content": "Hello"}]}).encode(),
        {"content-type": "application/json", **dict(h.split(": ", 1) for h in headers)})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return "Paris" in json.load(response)["choices"][0]["message"]["content"]
    except OSError:
        return False


@contextlib.contextmanager
def gateway(command, port, headers=(), path="/v1"):
    """A peer in a process group of its own, as soon as it answers."""
    base_url = f"http://127.0.0.1:{port}{path}"
    with open(PEERS / "log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, cwd=PEERS)
    try:
        deadline = time.monotonic() + 120
        while not answers(base_url, headers):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{command[0]} does not answer; see {PEERS}/log")
            time.sleep(0.2)
        yield process, lambda c, seconds: http_load(base_url, c, seconds, headers)
    finally:
        os.killpg(process.pid, 15)
        process.wait(60)


def litellm(directory, upstream):
    port = free_port()
    config = pathlib.Path(directory, "litellm.yaml")
    config.write_text(json.dumps({  # JSON is YAML.
        "model_list": [{"model_name": "deepseek-v3.2", "litellm_params": {
            "model": "openai/deepseek-v3.2", "api_base": upstream, "api_key": KEY}}],
        "litellm_settings": {"num_retries": 0},
        "general_settings": {"dangerously_permit_weak_or_unset_master_key": True}}))
    return gateway([PEERS / "venv/bin/litellm", "--config", config, "--num_workers", "2", "--host", "127.0.0.1",
                    "--port", str(port)], port)


def portkey(directory, upstream):
    port = free_port()
    route = json.dumps({"provider": "openai", "api_key": KEY, "custom_host": upstream, "retry": {"attempts": 0}})
    return gateway(["node", PEERS / "node_modules/@portkey-ai/gateway/build/start-server.js", "--headless",
                    f"--port={port}"], port, [f"x-portkey-config: {route}"])


def liter_llm(directory, upstream):
    port = free_port()
    config = pathlib.Path(directory, "liter-llm.toml")
    config.write_text(f"""
[general]
master_key = "{KEY}"
[security]
outbound_policy = "off"
[[models]]
name = "deepseek-v3.2"
provider_model = "openai/deepseek-v3.2"
base_url = "{upstream}"
api_key = "{KEY}"
""")
    return gateway([PEERS / "bin/liter-llm", "api", "--config", config, "--host", "127.0.0.1",
                    "--port", str(port)], port, [f"authorization: Bearer {KEY}"])


@contextlib.contextmanager
def nginx_cache(directory, upstream):
    """No LLM gateway, but the floor of a cached answer over HTTP."""
    with nginx_process(directory, CACHING_PROXY.format(upstream=upstream)) as process:
        yield process, lambda c, seconds: http_load(process.base_url, c, seconds)


def service(mode):
    @contextlib.contextmanager
    def start(directory, upstream):
        with node(directory, upstream) as process:
            yield process, lambda c, seconds: load(process, mode, c, seconds)
    return start


GATEWAYS = {
    "holysheep-node, miss": service("miss"),
    "liter-llm 2.4.4": liter_llm,
    "Portkey 1.15.2": portkey,
    "LiteLLM 1.104.5, 2 workers": litellm,
    "holysheep-node, hit": service("hit"),
    "nginx proxy_cache, hit": nginx_cache,
}


def tree(pid):
    """The process and all below it."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [below for child in children for below in tree(int(child))]


def used(pid):
    """CPU seconds and resident MB of a process tree."""
    cpu = resident = 0
    for each in tree(pid):
        fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        cpu += int(fields[11]) + int(fields[12])
        resident += int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    return cpu / os.sysconf("SC_CLK_TCK"), resident / 1e6


def measured(start, directory, upstream, seconds):
    """{concurrency: figures} of one gateway, from its start on."""
    results = {}
    with start(directory, upstream) as (process, run):
        for c in CONCURRENCIES:
            before, _ = used(process.pid)
            figures = run(c, seconds)
            after, figures["rss"] = used(process.pid)
            figures["cpu_us"] = (after - before) * 1e6 / (figures["calls"] * 1.1)
            results[c] = figures
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    install()
    results = {name: [] for name in GATEWAYS}
    with tempfile.TemporaryDirectory() as directory, nginx(directory) as upstream:
        for _ in range(options.repeats):
            for name in random.sample(list(GATEWAYS), len(GATEWAYS)):
                results[name].append(measured(GATEWAYS[name], directory, upstream, options.seconds))
    print("| gateway | c | calls/s | p50 µs | p99 µs | CPU µs a call | resident MB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, runs in results.items():
        for c in CONCURRENCIES:
            columns = [cell([run[c][key] for run in runs]) for key in ("rate", "p50", "p99", "cpu_us", "rss")]
            print(f"| {name} | {c} | {' | '.join(columns)} |")


if __name__ == "__main__":
    main()
