#!/usr/bin/env python3
"""What guarding and watching the service cost: cache hits with tokens, metrics and log,
and TLS, against a service with none of them. Writes the figures as Markdown.

    bench/features.py [--starts 10] [--rounds 12] [--seconds 0.3] > features.md

Needs the release build and nginx. The services are called in short slices by turns (see
paired_load.cc), and restarted now and then: where a process lies in memory makes a
difference of some hundredths for as long as it lives. The ratio is that of the calls a
second within a round: the median of all, and in brackets the lowest and the highest
median of one start. A client that sends a token costs gRPC on both sides, whether the
service wants one or not, which a row of its own shows. Logs go to files; set TMPDIR to a
file system in memory to measure them without the disk.
"""

import argparse
import contextlib
import hashlib
import itertools
import pathlib
import secrets
import statistics
import subprocess
import tempfile

from rig import cell, nginx, node, paired_load, ratios

CONCURRENCY = 64
WATCHED = {"http": {"listen": "127.0.0.1:0"}, "log": {"level": "info"}}
FLOOR = "none of them"
SENT = "none of them, a token is sent"
# The rows that a row is compared to, in addition to the floor.
LIKE = {"tokens": SENT}


def certificate(directory):
    """A throw-away one, with its key: the section `tls`."""
    files = {"cert_file": f"{directory}/cert.pem", "key_file": f"{directory}/key.pem"}
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files["key_file"],
                    "-out", files["cert_file"]], check=True, capture_output=True)
    return files


def tokens(directory):
    """The section `auth` with ten callers, and the file with the token of the last."""
    names = {f"caller-{i}": secrets.token_urlsafe(32) for i in range(10)}
    file = pathlib.Path(directory, "token")
    file.write_text(names["caller-9"])
    return {"tokens": [{"name": name, "sha256": hashlib.sha256(token.encode()).hexdigest()}
                       for name, token in names.items()]}, file


def variants(directory):
    """{name: (sections of the configuration, token file, CA file)}"""
    auth, token = tokens(directory)
    tls = certificate(directory)
    ca = tls["cert_file"]
    return {
        FLOOR: ({}, "", ""),
        SENT: ({}, token, ""),
        "tokens": ({"auth": auth}, token, ""),
        "metrics and log": (WATCHED, "", ""),
        "TLS": ({"tls": tls}, "", ca),
        "all of them": ({"auth": auth, "tls": tls, **WATCHED}, token, ca),
    }


def one_start(directory, upstream, options):
    with contextlib.ExitStack() as stack:
        services = {name: (stack.enter_context(node(directory, upstream, **sections)), *files)
                    for name, (sections, *files) in variants(directory).items()}
        return paired_load(services, CONCURRENCY, options.rounds, options.seconds)


def ratio_cell(starts, name, other):
    by_start = [ratios(start[name]["rates"], start[other]["rates"]) for start in starts]
    medians = [statistics.median(start) for start in by_start]
    return f"{statistics.median(itertools.chain(*by_start)):.3f} [{min(medians):.3f} – {max(medians):.3f}]"


def table_of_features(directory, upstream, options):
    starts = [one_start(directory, upstream, options) for _ in range(options.starts)]
    print(f"| cache hit, c = {CONCURRENCY}, with | calls/s | ratio within a round | p99 µs | CPU µs a call |")
    print("|---|---:|---:|---:|---:|")
    for name in starts[0]:
        figures = [start[name] for start in starts]
        rates = [rate for f in figures for rate in f["rates"]]
        print(f"| {name} | {cell(rates)} | {ratio_cell(starts, name, FLOOR)} "
              f"| {cell([f['p99'] for f in figures])} | {cell([f['cpu_us'] for f in figures], 1)} |")
    for name, other in LIKE.items():
        print(f"\n{name} against {other}: {ratio_cell(starts, name, other)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=0.3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, nginx(directory) as upstream:
        table_of_features(directory, upstream, options)


if __name__ == "__main__":
    main()
