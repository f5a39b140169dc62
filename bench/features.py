"""What guarding and watching the service cost: cache hits with tokens, metrics and
log, and TLS, against a service with none of them.
"""

import contextlib
import hashlib
import pathlib
import secrets
import subprocess

from rig import cell, in_rounds, load, node, ratios

CONCURRENCY = 64
WATCHED = {"http": {"listen": "127.0.0.1:0"}, "log": {"level": "info"}}


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
    """{name: (sections of the configuration, flags of the load generator)}"""
    auth, token = tokens(directory)
    tls = certificate(directory)
    with_token, with_tls = ["--token-file", token], ["--ca", tls["cert_file"]]
    return {
        "none of them": ({}, []),
        "tokens": ({"auth": auth}, with_token),
        "metrics and log": (WATCHED, []),
        "TLS": ({"tls": tls}, with_tls),
        "all of them": ({"auth": auth, "tls": tls, **WATCHED}, with_token + with_tls),
    }


def table_of_features(directory, upstream, options):
    with contextlib.ExitStack() as stack:
        runs = {}
        for name, (sections, flags) in variants(directory).items():
            service = stack.enter_context(node(directory, upstream, **sections))
            runs[name] = lambda service=service, flags=flags: load(
                service, "hit", CONCURRENCY, options.seconds, flags=flags)
        results = in_rounds(runs, options.repeats)
    print(f"\n| cache hit, c = {CONCURRENCY}, with | calls/s | ratio within a round | p99 µs | CPU µs a call |")
    print("|---|---:|---:|---:|---:|")
    for name, figures in results.items():
        against = ratios(figures, results["none of them"])
        print(f"| {name} | {cell([f['rate'] for f in figures])} | {cell(against, 3)} "
              f"| {cell([f['p99'] for f in figures], 1)} | {cell([f['cpu_us'] for f in figures], 1)} |")
