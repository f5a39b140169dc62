"""A plugin process, started and spoken to as Dify's plugin daemon does.

One JSON object a line each way. To the plugin: a request with a session id. From
it: its manifest first, then events (`session`, `heartbeat`, `log`, `error`); a
session's data is `stream`, `error` or `end`, and `end` comes last in any case.
The plugin does not stop at the end of its input, so it is killed.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid

# More than any test needs; what takes longer hangs.
PATIENCE = 60


class PluginError(Exception):
    """What the plugin raised, as Dify gets it; `raw` is the whole message."""

    def __init__(self, raw):
        self.raw = raw
        self.type = raw["error_type"]
        self.message = raw["message"]
        self.description = raw["args"].get("description")
        super().__init__(f"{self.type}: {self.message}")


class Plugin:
    def __init__(self, folder, heartbeat=10, env=None):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HOLYSHEEP_")}
        settings = {"INSTALL_METHOD": "local", "HEARTBEAT_INTERVAL": str(heartbeat),
                    "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "main"], cwd=folder, env=kept | settings | (env or {}),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.manifest = None
        # When heartbeats came, the longest line, and lines that are none of ours.
        self.beats, self.longest_line, self.strays, self.errors = [], 0, [], []
        self._stderr, self._sessions = [], {}
        self._writing, self._ready = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=run, daemon=True)
                         for run in (self._read_stdout, self._read_stderr)]
        for thread in self._threads:
            thread.start()
        if not self._ready.wait(PATIENCE) or self.process.poll() is not None:
            self.close()
            raise RuntimeError(f"the plugin did not start: {self.stderr()[-4000:]}")

    def stderr(self):
        return b"".join(self._stderr).decode(errors="replace")

    def request(self, kind, action, **data):
        """Yields what the plugin streams; raises PluginError for its error.

        `ids` are those of the app, conversation and message the call is part of.
        """
        ids = data.pop("ids", {})
        session, messages = uuid.uuid4().hex, queue.Queue()
        self._sessions[session] = messages
        body = {"type": kind, "action": action, "user_id": "user-1"} | data
        line = {"session_id": session, "event": "request", "data": body} | ids
        try:
            with self._writing:
                self.process.stdin.write(json.dumps(line).encode() + b"\n")
                self.process.stdin.flush()
            yield from self._answers(messages)
        finally:
            del self._sessions[session]

    def _answers(self, messages):
        failed = None
        while True:
            message = messages.get(timeout=PATIENCE)
            if message["type"] == "stream":
                yield message["data"]
            elif message["type"] == "error":
                failed = PluginError(message["data"])
            elif message["type"] == "end":
                if failed:
                    raise failed
                return
            else:
                raise AssertionError(f"unexpected: {message}")

    def _read_stdout(self):
        for line in self.process.stdout:
            if not line.strip():
                continue
            self.longest_line = max(self.longest_line, len(line))
            try:
                self._take(json.loads(line))
            except ValueError:
                self.strays.append(line)
        for messages in list(self._sessions.values()):
            messages.put({"type": "error", "data": {
                "error_type": "PluginExited", "message": self.stderr()[-2000:], "args": {}}})
            messages.put({"type": "end"})
        self._ready.set()

    def _take(self, message):
        match message.get("event"):
            case "heartbeat":
                self.beats.append(time.monotonic())
                self._ready.set()
            case "session":
                if messages := self._sessions.get(message["session_id"]):
                    messages.put(message["data"])
            case "error":
                self.errors.append(message["data"])
            case None:
                self.manifest = message

    def _read_stderr(self):
        for line in self.process.stderr:
            self._stderr.append(line)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(5)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()
