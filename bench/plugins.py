"""What the Dify plugins add to a call, with the real SDK, service and simulator.

    scripts/package-plugins --no-wheels
    build/plugin-venv/bin/python bench/plugins.py [--calls N] [--rounds N]

The plugins are started as Dify starts them. Times are taken by the process that
plays Dify; its own work, on the same machine, is part of them. Says whether each
figure keeps its limit, and exits with 1 if one does not.
"""

import argparse
import os
import pathlib
import statistics
import sys
import tempfile
import time
import types
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).parents[1]
PLUGINS = ROOT / "build/plugins"
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/plugins"),
                str(PLUGINS / "holysheep_model")]

from harness.node import Node, default_config, merged  # noqa: E402
from harness.sim import Sim  # noqa: E402
from support.model import Model  # noqa: E402
from support.plugin import Plugin  # noqa: E402
from support.tool import Tools  # noqa: E402

UNLIMITED = {"limits": {"requests_per_minute": 0, "max_concurrent": 0},
             "upstream": {"max_connections": 0}}


class Users:
    """The two plugins, each with a way to ask and to say what the service took."""

    def __init__(self, address):
        credentials = {"node_address": address}
        self.plugins = [Plugin(PLUGINS / name) for name in ("holysheep_model", "holysheep_tool")]
        model, tools = Model(self.plugins[0], credentials), Tools(self.plugins[1], credentials)
        self.ask = {
            "model": lambda query: model.ask(query).usage["latency"] * 1000,
            "tool": lambda query: tools.run("holysheep_llm", query=query,
                                            model="deepseek-v3.2").variables["latency_ms"],
        }

    def close(self):
        for plugin in self.plugins:
            plugin.close()


def own_share(ask, sim, calls):
    """Milliseconds of each call that were not the service's."""
    sim.reset()
    sim.control(answer={"text": "yes"})
    shares = []
    for i in range(calls + 20):
        start = time.perf_counter()
        service = ask(f"share {i}")
        shares.append((time.perf_counter() - start) * 1000 - service)
    return shares[20:]


def duration(ask, *queries):
    """Milliseconds until all of the calls, made at once, have their answers."""
    with ThreadPoolExecutor(len(queries)) as pool:
        start = time.perf_counter()
        list(pool.map(ask, queries))
        return (time.perf_counter() - start) * 1000


def thousand_chunks(ask, sim, rounds):
    sim.reset()
    sim.control(tokens=1000)
    ask("warm")
    return [duration(ask, f"chunks {i}") for i in range(rounds)]


def hundred_streams(ask, sim, rounds):
    sim.reset()
    sim.control(tokens=20, token_ms=50)
    return [duration(ask, *(f"stream {r} {i}" for i in range(100))) for r in range(rounds)]


def report(name, values, limit):
    middle = statistics.median(values)
    verdict = "kept" if middle <= limit else "MISSED"
    print(f"{name:46} {middle:9.2f} {min(values):9.2f} {max(values):9.2f} {limit:7.0f}  {verdict}",
          flush=True)
    return middle <= limit


def measure(users, sim, options):
    kept = []
    for kind, ask in users.ask.items():
        kept += [
            report(f"{kind}: own share of a call", own_share(ask, sim, options.calls), 2),
            report(f"{kind}: 1,000 chunks", thousand_chunks(ask, sim, options.rounds), 300),
            report(f"{kind}: 100 streams of 20 chunks, 50 ms apart",
                   hundred_streams(ask, sim, options.rounds), 1200),
        ]
    return all(kept)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    from holysheep_client.stubs import node_pb2, node_pb2_grpc
    api = types.SimpleNamespace(node_pb2=node_pb2, node_pb2_grpc=node_pb2_grpc)
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        sim = Sim(folder)
        node = Node(api, folder, merged(default_config(sim.url), UNLIMITED))
        users = Users(node.address)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
        print(f"{'milliseconds':46} {'median':>9} {'least':>9} {'most':>9} {'limit':>7}")
        try:
            return 0 if measure(users, sim, options) else 1
        finally:
            users.close()
            node.stop()
            sim.stop()


if __name__ == "__main__":
    sys.exit(main())
