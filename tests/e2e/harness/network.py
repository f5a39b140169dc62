"""A network of two: this machine, and one end that has its own loopback. Takes root, or
sudo that asks nothing."""

import ipaddress
import itertools
import os
import subprocess

# For tests of networks, so nobody's.
RANGE = ipaddress.ip_network("198.18.0.0/15")
AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]
_count = itertools.count()


def as_root(*words):
    """What the command says. /usr/sbin is not on everybody's path."""
    done = subprocess.run([*AS_ROOT, "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                           *map(str, words)], check=True, capture_output=True, text=True)
    return done.stdout


class Network:
    def __init__(self):
        # Apart from those of test runs beside this one.
        number = os.getpid() % 2048 * 16 + next(_count) % 16
        _, host, container, _ = itertools.islice(RANGE, number * 4, number * 4 + 4)
        self.host, self.container = str(host), str(container)
        self.name = f"hs{number}"
        self._link, inner = f"{self.name}h", f"{self.name}c"
        as_root("ip", "netns", "add", self.name)
        as_root("ip", "link", "add", self._link, "type", "veth", "peer", "name", inner, "netns",
                self.name)
        as_root("ip", "addr", "add", f"{self.host}/30", "dev", self._link)
        as_root("ip", "link", "set", self._link, "up")
        as_root("ip", "-n", self.name, "addr", "add", f"{self.container}/30", "dev", inner)
        as_root("ip", "-n", self.name, "link", "set", inner, "up")
        as_root("ip", "-n", self.name, "link", "set", "lo", "up")

    @property
    def inside(self):
        """What goes before a command that runs at the other end."""
        return [*AS_ROOT, "/usr/sbin/ip", "netns", "exec", self.name]

    def drop(self, port):
        """Drops, without a word, what connections to this port of the other end carry that
        are there now; what comes anew goes through."""
        peers = as_root("ip", "netns", "exec", self.name, "ss", "-Htn", "state", "established",
                        f"sport = :{port}")
        ports = sorted({line.split()[-1].rsplit(":", 1)[1] for line in peers.splitlines()})
        assert ports, "no connection is there"
        rules = "\n".join(f"tcp {end} {{ {', '.join(ports)} }} drop" for end in ("sport", "dport"))
        chains = "\n".join(f"chain {hook} {{ type filter hook {hook} priority 0\n{rules}\n}}"
                           for hook in ("input", "output"))
        as_root("ip", "netns", "exec", self.name, "nft", f"table inet dropped {{\n{chains}\n}}\n")

    def end_processes(self):
        """At the other end, whoever they belong to."""
        pids = as_root("ip", "netns", "pids", self.name).split()
        if pids:
            as_root("kill", *pids)

    def close(self):
        as_root("ip", "link", "delete", self._link)
        as_root("ip", "netns", "delete", self.name)
