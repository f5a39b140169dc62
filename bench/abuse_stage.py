"""The service that is attacked, its upstream, and what is looked at from outside."""

import contextlib
import functools
import hashlib
import json
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import urllib.request

from attacks.listed import behaviour
from attacks.target import ATTACKER, VICTIM
from rig import BIN, KEY, free_port, running

# fsync and fdatasync that take 1.5 s as soon as a file exists.
SLOW_DISK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
static int slow(const char* name, int fd) {
  const char* when = getenv("SLOW_DISK");
  if (when && access(when, F_OK) == 0) usleep(1500000);
  return ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
}
int fsync(int fd) { return slow("fsync", fd); }
int fdatasync(int fd) { return slow("fdatasync", fd); }
"""


@functools.cache
def urgent(priority):
    """What goes before a command that attackers on this machine shall not take the
    processor from, as attackers elsewhere could not. Empty where that is not allowed."""
    words = ["chrt", "-r", str(priority)]
    with contextlib.suppress(OSError):
        if subprocess.run([*words, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return words
    return []


def slow_disk(directory):
    """The shim, made once a folder."""
    shim = pathlib.Path(directory, "slow_disk.so")
    if not shim.exists():
        source = shim.with_suffix(".c")
        source.write_text(SLOW_DISK)
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, source, "-ldl"], check=True)
    return shim


def entry(name, **more):
    token = f"token-of-{name}"
    return {"name": name, "sha256": hashlib.sha256(token.encode()).hexdigest(), "roles": ["invoke"]} | more


def configuration(folder, base_url, http, attack):
    return {
        "listen": "127.0.0.1:0",
        "http": {"listen": http},
        # Enough slots and connections for everybody, except where an attack is about them.
        "upstream": {"base_url": base_url, "max_connections": 2000},
        "log": {"level": "off"},
        "limits": {"requests_per_minute": 0, "max_concurrent": 1000} | attack.limits,
        "auth": {"tokens": [entry(VICTIM), entry(ATTACKER, **attack.token)]},
        "ledger": {"path": str(pathlib.Path(folder, "ledger.db"))},
    }


@contextlib.contextmanager
def service(directory, attack):
    """A fresh one with a fresh upstream; has `address`, `http`, `config`, `slow_disk`."""
    folder = tempfile.mkdtemp(dir=directory)
    with running([*urgent(2), BIN / "holysheep-sim", "--listen", "127.0.0.1:0"]) as sim:
        control(sim, behaviour(attack))
        http = f"127.0.0.1:{free_port()}"
        config = pathlib.Path(folder, "node.yaml")
        config.write_text(json.dumps(configuration(folder, f"http://{sim.address}/v1", http, attack)))
        switch = pathlib.Path(folder, "slow")
        env = {"HOLYSHEEP_API_KEY": KEY, "SLOW_DISK": str(switch), "LD_PRELOAD": str(slow_disk(directory))}
        with open(pathlib.Path(folder, "log"), "wb") as log, running(
                [*urgent(1), BIN / "holysheep-node", "--config", config], env, log) as process:
            process.http, process.config, process.slow_disk = http, str(config), str(switch)
            yield process


def control(sim, message):
    urllib.request.urlopen(urllib.request.Request(
        f"http://{sim.address}/_sim/control", json.dumps(message).encode(),
        {"content-type": "application/json"}), timeout=10).read()


def stalls(process):
    """The loop's stalls so far; None if the page does not come within 5 s."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            page = urllib.request.urlopen(f"http://{process.http}/metrics", timeout=2).read().decode()
            return int(float(re.search(r"^holysheep_loop_stalls_total (\S+)", page, re.MULTILINE)[1]))
    return None


def status(process):
    """VmRSS and VmHWM in MB, and Threads; {} once the process is gone."""
    with contextlib.suppress(OSError):
        text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        found = {name: int(number) for name, number in re.findall(r"(VmRSS|VmHWM|Threads):\s+(\d+)", text)}
        return {name: number if name == "Threads" else number / 1024 for name, number in found.items()}
    return {}


class Watch(threading.Thread):
    """Looks at a process ten times a second until the end of the block; the most of each."""

    def __init__(self, process):
        super().__init__(daemon=True)
        self.most = {}
        self._process, self._over = process, threading.Event()

    def run(self):
        while not self._over.wait(0.1):
            for name, number in status(self._process).items():
                self.most[name] = max(number, self.most.get(name, 0))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self.join()
