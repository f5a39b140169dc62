"""What the Dify plugins add to a call, with the real SDK, service and simulator, as Markdown.

    scripts/package-plugins --no-wheels
    build/plugin-venv/bin/python bench/plugins.py [--repeats 5] [--calls 200] > figures.md

Needs the release build. The plugins are started and spoken to as Dify's daemon does.
Times are taken by the process that plays Dify, whose own work, on the same machine,
is part of them. Takes about a minute. Exits with 1 if a figure misses its goal.
"""

import argparse
import contextlib
import functools
import os
import pathlib
import statistics
import sys
import tempfile
import time
import timeit
import types
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).parents[1]
PLUGINS = ROOT / "build/plugins"
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/plugins"),
                str(PLUGINS / "holysheep_model")]

from harness.node import Node, default_config, merged  # noqa: E402
from harness.process import rss_mb  # noqa: E402
from harness.sim import Sim  # noqa: E402
from support.model import Model  # noqa: E402
from support.plugin import Plugin  # noqa: E402
from support.tool import Tools  # noqa: E402

UNLIMITED = {"limits": {"requests_per_minute": 0, "max_concurrent": 0},
             "upstream": {"max_connections": 0}}
WARM = 20
WORDS = " ".join(f"word{i}" for i in range(200))


class Call:
    """What a call took, in milliseconds from its beginning, and its messages with text."""

    def __init__(self, messages, read):
        start = time.perf_counter()
        self.first_ms, self.service_ms, self.messages = None, None, 0
        for message in messages:
            has_text, service_ms = read(message)
            if has_text:
                self.messages += 1
                if self.first_ms is None:
                    self.first_ms = (time.perf_counter() - start) * 1000
            if service_ms is not None:
                self.service_ms = service_ms
        self.whole_ms = (time.perf_counter() - start) * 1000


def read_chunk(chunk):
    """Every chunk of the model counts."""
    usage = chunk["delta"]["usage"]
    return True, usage and usage["latency"] * 1000


def read_message(message):
    """Messages with a node's answer count. Nine more have its other outputs: four
    variables, each as a stream and as a value, and `json`.
    """
    body = message["message"]
    name = body.get("variable_name")
    if name == "latency_ms" and not body["stream"]:
        return False, body["variable_value"]
    return message["type"] == "text" or name == "result", None


class Users:
    """The two plugins: their processes, and how each is asked."""

    def __init__(self, address, stack):
        credentials = {"node_address": address}
        self.plugins = {kind: Plugin(PLUGINS / f"holysheep_{kind}") for kind in ("model", "tool")}
        for plugin in self.plugins.values():
            stack.callback(plugin.close)
        model, tools = Model(self.plugins["model"], credentials), Tools(self.plugins["tool"], credentials)
        self.ask = {
            "model": lambda query: Call(model.stream(f"model: {query}"), read_chunk),
            "tool": lambda query: Call(tools.stream("holysheep_llm", query=f"tool: {query}",
                                                    model="deepseek-v3.2"), read_message),
        }


class Bench:
    """The measurements; each returns its values, one for each call or round."""

    def __init__(self, node, api, sim, plugin, ask, options):
        self.node, self.chat, self.sim = node, api.chat_pb2, sim
        self.plugin, self.ask, self.options = plugin, ask, options

    def prepare(self, **behaviour):
        self.sim.reset()
        self.sim.control(**behaviour)

    def own_shares(self, name, repeated):
        """Milliseconds of each call that were not the service's."""
        self.prepare(answer={"text": "yes"})
        calls = [self.ask(f"{name} {0 if repeated else i}") for i in range(self.options.calls + WARM)]
        return [call.whole_ms - call.service_ms for call in calls[WARM:]]

    @functools.cached_property
    def cached_words(self):
        self.prepare(answer={"text": WORDS})
        return [self.ask("two hundred words") for _ in range(self.options.calls + WARM)][WARM:]

    def later_than_grpc(self):
        """By how much the first token is later, in pairs of calls."""
        self.prepare(first_token_ms=10, token_ms=2, tokens=3)
        pairs = [(self.ask(f"first {i}"), self.ask_directly(f"{self.ask} {i}"))
                 for i in range(self.options.calls)]
        return [through.first_ms - past.first_ms for through, past in pairs[WARM:]]

    def ask_directly(self, query):
        request = self.chat.InvokeRequest(query=query, model="deepseek-v3.2")
        return Call(self.node.llm.InvokeStream(request), lambda event: (bool(event.text), None))

    def chunks(self):
        self.prepare(tokens=1000, token_ms=0)
        return [self.ask(f"chunks {i}").whole_ms for i in range(self.options.repeats)]

    @functools.cached_property
    def streams(self):
        """Rounds of 300 streams at once, with the plugin's memory after each."""
        self.prepare(tokens=20, token_ms=100)
        rounds = []
        for number in range(self.options.repeats + 1):
            with ThreadPoolExecutor(300) as pool:
                calls = list(pool.map(self.ask, (f"stream {number} {i}" for i in range(300))))
            rounds.append((calls, rss_mb(self.plugin.process.pid)))
        return rounds[1:]

    def growth(self):
        memory = [after for _, after in self.streams]
        return [after - memory[0] for after in memory[1:]] or [0]

    def slowest(self, what):
        return [max(getattr(call, what) for call in calls) for calls, _ in self.streams]

    def rows(self):
        """Name, goal, values, and what of the values must keep the goal."""
        middle = statistics.median
        yield "a call: own share, ms", 2, self.own_shares("fresh", False), middle
        yield "a cached call: own share, ms", 2, self.own_shares("cached", True), middle
        yield "200 cached words, ms", 10, [call.whole_ms for call in self.cached_words], middle
        yield "200 cached words, messages", 8, [call.messages for call in self.cached_words], max
        yield "first token later than over gRPC, ms", 2, self.later_than_grpc(), middle
        yield "1,000 words at once, ms", 300, self.chunks(), middle
        yield "300 streams of 2 s: the latest first token, ms", 500, self.slowest("first_ms"), middle
        yield "300 streams of 2 s: the last end, ms", 2400, self.slowest("whole_ms"), middle
        yield "300 streams of 2 s: more memory a round later, MB", 4, self.growth(), max


def cell(values, goal, decide):
    verdict = "" if decide(values) <= goal else " **missed**"
    digits = 0 if all(isinstance(value, int) for value in values) else 2
    middle, least, most = (f"{value:,.{digits}f}"
                           for value in (statistics.median(values), min(values), max(values)))
    return f"{middle} [{least} – {most}]{verdict}"


def table(benches):
    """Prints the rows of both plugins side by side; whether all goals are kept."""
    print("| what | goal | model provider | node HolySheep LLM |")
    print("|---|---:|---:|---:|")
    all_kept = True
    for rows in zip(*(bench.rows() for bench in benches)):
        name, goal = rows[0][:2]
        cells = [cell(values, goal, decide) for _, _, values, decide in rows]
        print(f"| {name} | {goal:,} | {' | '.join(cells)} |", flush=True)
        all_kept &= not any("missed" in text for text in cells)
    return all_kept


def pace():
    """Milliseconds, the median, of a fixed piece of Python: says how busy the machine is."""
    loop = timeit.Timer("sum(range(100000))")
    return statistics.median(loop.repeat(30, 1)) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--calls", type=int, default=200)
    options = parser.parse_args()
    from holysheep_client.stubs import chat_pb2, node_pb2, node_pb2_grpc
    api = types.SimpleNamespace(chat_pb2=chat_pb2, node_pb2=node_pb2, node_pb2_grpc=node_pb2_grpc)
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sim = Sim(folder)
        stack.callback(sim.stop)
        node = Node(api, folder, merged(default_config(sim.url), UNLIMITED))
        stack.callback(node.stop)
        users = Users(node.address, stack)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start, "
              f"{pace():.1f} ms for a sum of 100,000 numbers\n")
        benches = [Bench(node, api, sim, users.plugins[kind], users.ask[kind], options)
                   for kind in users.ask]
        return 0 if table(benches) else 1


if __name__ == "__main__":
    sys.exit(main())
