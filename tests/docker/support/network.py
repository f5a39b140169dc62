"""A network of two: this machine, and a container that has its own loopback."""

import ipaddress
import itertools
import os
import subprocess

# For tests of networks, so nobody's.
RANGE = ipaddress.ip_network("198.18.0.0/15")
_count = itertools.count()


def _ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True, capture_output=True)


class Network:
    def __init__(self):
        # Apart from those of test runs beside this one.
        number = os.getpid() % 2048 * 16 + next(_count) % 16
        _, host, container, _ = itertools.islice(RANGE, number * 4, number * 4 + 4)
        self.host, self.container = str(host), str(container)
        self.name = f"hs{number}"
        self._link, inner = f"{self.name}h", f"{self.name}c"
        _ip("netns", "add", self.name)
        _ip("link", "add", self._link, "type", "veth", "peer", "name", inner, "netns",
            self.name)
        _ip("addr", "add", f"{self.host}/30", "dev", self._link)
        _ip("link", "set", self._link, "up")
        _ip("-n", self.name, "addr", "add", f"{self.container}/30", "dev", inner)
        _ip("-n", self.name, "link", "set", inner, "up")
        _ip("-n", self.name, "link", "set", "lo", "up")

    def close(self):
        _ip("link", "delete", self._link)
        _ip("netns", "delete", self.name)
