"""What the benchmarks start, and one run of the load generator."""

import contextlib
import getpass
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
# The warm-up's calls are not counted.
WARMED_UP = 1.1
ANSWER = json.dumps({
    "id": "c1", "object": "chat.completion", "created": 1_700_000_000, "model": "deepseek-v3.2",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {
        "role": "assistant",
        "content": "The capital of France is Paris, a city on the Seine."}}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 12, "total_tokens": 22}})
NGINX = """
user {user}; worker_processes 1; daemon off; pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 100000000;
  client_body_temp_path {dir}/1; proxy_temp_path {dir}/2; fastcgi_temp_path {dir}/3;
  uwsgi_temp_path {dir}/4; scgi_temp_path {dir}/5; proxy_cache_path {dir}/6 keys_zone=answers:10m;
  {http}
  server {{ listen 127.0.0.1:{port} {listen}; location / {{ {location} }} }} }}
"""
# A reverse proxy that keeps its connections to the upstream.
PROXY_POOL = "upstream behind {{ server {address}; keepalive 256; keepalive_requests 100000000; }}"
PROXY = """
proxy_pass {scheme}://behind; proxy_http_version 1.1; proxy_set_header Connection "";
proxy_ssl_session_reuse on; proxy_buffering on;
"""
FIXED_ANSWER = f"default_type application/json; return 200 '{ANSWER}';"


def settings(upstream, entries):
    """Without any limits, and with nothing that watches or guards."""
    return {
        "listen": "127.0.0.1:0",
        "http": {"listen": ""},
        "upstream": {"base_url": upstream},
        "log": {"level": "off"},
        "limits": {"requests_per_minute": 0, "max_concurrent": 10_000, "max_queue": 100_000},
        "cache": {"max_entries": entries, "max_bytes": 2_000_000_000},
    }


def free_port():
    """A port that nobody listens on now."""
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, env=None, log=subprocess.DEVNULL):
    """A process that says where it listens on its first line."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True,
                               env={**os.environ, **(env or {})})
    line = process.stdout.readline()
    process.ready_ms = (time.monotonic() - start) * 1000
    process.address = line.strip().rsplit(" ", 1)[-1]
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def certificate(directory):
    """A throw-away certificate of 127.0.0.1; the paths of it and of its key."""
    cert, key = pathlib.Path(directory, "cert.pem"), pathlib.Path(directory, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                    "-out", cert, "-keyout", key], check=True, stderr=subprocess.DEVNULL)
    return cert, key


@contextlib.contextmanager
def nginx_process(directory, location, http="", tls=None):
    """nginx with one location; its process has its `base_url`. With `tls`, which is a
    certificate and its key, it speaks TLS, and HTTP/2 to whom asks for it."""
    own = tempfile.mkdtemp(dir=directory)
    port = free_port()
    config = pathlib.Path(own, "nginx.conf")
    listen = f"ssl http2; ssl_certificate {tls[0]}; ssl_certificate_key {tls[1]}" if tls else ""
    config.write_text(NGINX.format(user=getpass.getuser(), dir=own, port=port, location=location, http=http,
                                   listen=listen))
    process = subprocess.Popen(["/usr/sbin/nginx", "-c", str(config)])
    process.base_url = f"http{'s' if tls else ''}://127.0.0.1:{port}/v1"
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def nginx(directory):
    """The 0 ms upstream, with a fixed completion; yields its base URL."""
    with nginx_process(directory, FIXED_ANSWER) as process:
        yield process.base_url


def reverse_proxy(directory, base_url):
    """nginx that passes everything on to `base_url` over connections it keeps."""
    scheme, _, rest = base_url.partition("://")
    return nginx_process(directory, PROXY.format(scheme=scheme), PROXY_POOL.format(address=rest.split("/")[0]))


@contextlib.contextmanager
def node(directory, base_url, entries=1000, **more):
    """The service with these sections of the configuration instead of ours; its
    log goes to a file."""
    handle, config = tempfile.mkstemp(".yaml", dir=directory)
    with open(handle, "w") as file:
        json.dump({**settings(base_url, entries), **more}, file)  # JSON is YAML.
    with open(f"{config}.log", "wb") as log, running(
            [BIN / "holysheep-node", "--config", config], {"HOLYSHEEP_API_KEY": KEY}, log) as process:
        yield process


def tree(process):
    """The numbers of the process and of those that it has started."""
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [process.pid, *children.split()]


def cpu_seconds(process):
    used = 0
    for pid in tree(process):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        used += int(fields[11]) + int(fields[12])
    return used / os.sysconf("SC_CLK_TCK")


def switches(process):
    """Context switches of all its threads so far."""
    return sum(int(line.split()[1])
               for pid in tree(process) for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status")
               for line in status.read_text().splitlines() if "ctxt_switches" in line)


def rss_mb(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def checked(figures, where):
    """The figures; ends the run if any of its calls failed."""
    if figures["errors"]:
        sys.exit(f"{figures['errors']} errors {where}")
    return figures


def load(process, mode, concurrency, seconds, calls=0, flags=()):
    """One run of the load generator; its figures, and the CPU time a call."""
    before, switched = cpu_seconds(process), switches(process)
    command = [BENCH / "load", process.address, mode, str(concurrency), str(seconds),
               *([str(calls)] if calls else []), *flags]
    figures = checked(json.loads(subprocess.check_output(command, text=True)),
                      f"in {mode} at c={concurrency}")
    return with_costs(figures, process, before, switched, 1 if calls else WARMED_UP)


def with_costs(figures, process, before, switched, share):
    """The figures with what each call took of the process since then."""
    made = figures["calls"] * share
    figures["cpu_us"] = (cpu_seconds(process) - before) * 1e6 / made
    figures["switches"] = (switches(process) - switched) / made
    return figures


def paired_load(services, concurrency, rounds, seconds):
    """Cache hits of {name: (process, token file, CA file)} in short slices by turns;
    their figures, and the CPU time a call. A file that is "" is none."""
    before = {name: cpu_seconds(process) for name, (process, *_) in services.items()}
    lines = subprocess.check_output(
        [BENCH / "paired_load", str(rounds), str(seconds), str(concurrency),
         *(f"{process.address},{token},{ca}" for process, token, ca in services.values())], text=True)
    results = {name: checked(json.loads(line), f"at {name}")
               for name, line in zip(services, lines.splitlines())}
    for name, (process, *_) in services.items():
        used = cpu_seconds(process) - before[name]
        results[name]["cpu_us"] = used * 1e6 / results[name]["calls"]
    return results


def http_load(base_url, concurrency, seconds, headers=()):
    """One run against an OpenAI-compatible API over HTTP; its figures."""
    return checked(json.loads(subprocess.check_output(
        [BENCH / "direct", base_url, str(concurrency), str(seconds), *headers], text=True)),
        f"at {base_url}, c={concurrency}")


def http_load_of(process, concurrency, seconds):
    """The same at a process with a `base_url`, and what each call took of it."""
    before, switched = cpu_seconds(process), switches(process)
    figures = http_load(process.base_url, concurrency, seconds)
    return with_costs(figures, process, before, switched, WARMED_UP)


def in_rounds(runs, repeats):
    """Every run once a round, in random order: {name: [figures]}. What disturbs the
    machine for a while disturbs all runs of a round, so rounds are compared within."""
    results = {name: [] for name in runs}
    for _ in range(repeats):
        for name in random.sample(list(runs), len(runs)):
            results[name].append(runs[name]())
    return results


def ratios(rates, floor):
    """How many calls a second, round by round, against the floor's."""
    return [rate / at_floor for rate, at_floor in zip(rates, floor)]


def rates(figures):
    return [f["rate"] for f in figures]


def cell(values, digits=0):
    return (f"{statistics.median(values):,.{digits}f} "
            f"[{min(values):,.{digits}f} – {max(values):,.{digits}f}]")
