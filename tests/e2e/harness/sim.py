"""The simulated upstream, and its control endpoint."""

import json
import urllib.request

from harness.process import BIN, Process, environment

# The control endpoint is on this machine, whatever the environment says.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Sim:
    def __init__(self, folder, host="127.0.0.1"):
        self.process = Process([BIN / "holysheep-sim", "--listen", f"{host}:0"],
                               folder / "sim.log", environment())
        self.address = self.process.wait_for_log(r"listening on (\S+:\d+)")[1]
        self._base = f"http://{self.address}"
        self.url = f"{self._base}/v1"
        self._settings = {}

    def control(self, **settings):
        """Changes what it does, and leaves the rest; sim/README.md has the members."""
        self._settings |= settings
        self._call("/_sim/control", self._settings)

    def reset(self):
        """Back to what it does at first."""
        self._settings = {}
        self.control()

    def fault(self, name, **parameters):
        """From now on this fault, and no other."""
        self.control(faults=[{"fault": name} | parameters])

    def state(self):
        return self._call("/_sim/state")

    def chats(self):
        """How many chat requests there have been."""
        return self.state()["paths"].get("/v1/chat/completions", 0)

    def stop(self):
        return self.process.stop()

    def _call(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data,
                                         {"Content-Type": "application/json"})
        with DIRECT.open(request, timeout=10) as response:
            return json.loads(response.read() or b"null")
