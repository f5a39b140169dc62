"""The service of bench/soak.py, through all its lives."""

import collections
import contextlib
import hashlib
import json
import pathlib
import signal
import threading
import time
import urllib.request

import grpc
from abuse_stage import control, status
from rig import BIN, KEY, free_port, running

TOKEN = "token-of-the-soak"


class Service:
    """A service with a simulator behind it, on an address that stays. `look` notes its
    count of attempts; `kill` ends it by SIGKILL and starts it again."""

    def __init__(self, directory):
        self.address, self.token = f"127.0.0.1:{free_port()}", TOKEN
        self.done = collections.Counter()
        # Attempts that the service counted in its former lives, and those that the
        # simulator saw and the service may not have counted.
        self.attempts = self.uncertain = 0
        self.exit_status = None
        # (seconds, MB) of each life.
        self.lives = []
        self._directory, self._reloads = pathlib.Path(directory), 0
        self._config = self._directory / "node.yaml"
        self._metadata = [("authorization", f"Bearer {TOKEN}")]

    def __enter__(self):
        from holysheep.node.v1 import node_pb2, node_pb2_grpc
        self._messages = node_pb2
        self._stack = contextlib.ExitStack()
        self.sim = self._stack.enter_context(running([BIN / "holysheep-sim", "--listen", "127.0.0.1:0"]))
        self.faults([])
        self._write()
        self._start()
        self._channel = self._stack.enter_context(grpc.insecure_channel(
            self.address, [("grpc.enable_http_proxy", 0), ("grpc.max_reconnect_backoff_ms", 500),
                           ("grpc.initial_reconnect_backoff_ms", 100)]))
        self.admin = node_pb2_grpc.NodeAdminStub(self._channel)
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._node.close()
        self._stack.close()

    def _write(self):
        self._config.write_text(json.dumps({
            "listen": self.address, "http": {"listen": ""}, "log": {"level": "off"},
            "upstream": {"base_url": f"http://{self.sim.address}/v1"},
            "cache": {"max_entries": 200},
            "retry": {"initial_backoff": "10ms", "max_backoff": "100ms"},
            "breaker": {"open_for": "500ms"},
            "limits": {"requests_per_minute": 0, "max_concurrent": 8 + self._reloads % 5, "max_queue": 200},
            "auth": {"tokens": [{"name": "soak", "roles": ["invoke", "admin"],
                                 "sha256": hashlib.sha256(TOKEN.encode()).hexdigest()}]},
            "ledger": {"path": str(self._directory / "ledger.db")}}))

    def _start(self):
        self._node = contextlib.ExitStack()
        log = self._node.enter_context(open(self._directory / "log", "ab"))
        self.process = self._node.enter_context(
            running([BIN / "holysheep-node", "--config", self._config], {"HOLYSHEEP_API_KEY": KEY}, log))
        self.lives.append([])

    def _watch(self):
        start = time.monotonic()
        while not self._over.wait(0.5):
            if memory := status(self.process).get("VmRSS"):
                self.lives[-1].append((time.monotonic() - start, memory))

    def faults(self, rules):
        control(self.sim, {"latency": {"constant_ms": 5}, "faults": rules})
        self.done["changes of the simulator's faults"] += 1

    def reload(self):
        self._reloads += 1
        self._write()
        self.process.send_signal(signal.SIGHUP)
        self.done["reloads"] += 1

    def purge(self):
        what = ({"all": True}, {"model": "gpt-4.1"}, {"namespace": "a"})[self.done["purges"] % 3]
        self.admin.PurgeCache(self._messages.PurgeCacheRequest(**what), metadata=self._metadata, timeout=10,
                              wait_for_ready=True)
        self.done["purges"] += 1

    def look(self):
        return self.admin.GetStats(self._messages.GetStatsRequest(), metadata=self._metadata, timeout=10,
                                   wait_for_ready=True)

    def usage(self):
        return self.admin.GetUsage(self._messages.GetUsageRequest(), metadata=self._metadata, timeout=10).total

    def at_upstream(self):
        """How many chats the simulator was asked."""
        state = json.loads(urllib.request.urlopen(f"http://{self.sim.address}/_sim/state", timeout=10).read())
        return state["paths"].get("/v1/chat/completions", 0)

    def kill(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the service ended by itself with {self.process.returncode}")
        before, stats = self.at_upstream(), self.look()
        self.process.kill()
        self.process.wait()
        self._node.close()
        self.attempts += stats.upstream_attempts
        self.uncertain += self.at_upstream() - before + stats.in_flight
        self._start()
        self.look()
        self.done["kills -9"] += 1

    def end(self):
        """Ends it as an operator would; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        self.exit_status = self.process.wait(60)
