"""A container of the image: its files read-only, its user, no capability, an own
network, and its program as process 1."""

import os
import pathlib
import subprocess

from harness.process import Process, wait_until

CONTAIN = pathlib.Path(__file__).with_name("contain.sh")


class Container(Process):
    """`environment`, `arguments`, `mounts` (read-only) and `volumes`, both paths inside by
    host path, come on top of what the image has."""

    def __init__(self, unpacked, network, log, environment, arguments=(), mounts=None,
                 volumes=None):
        self._image, self._rootfs = unpacked.image, unpacked.rootfs
        self._environment = self._image.environment | environment
        places = [(source, target, mode) for mode, shown in (("ro", mounts), ("rw", volumes))
                  for source, target in (shown or {}).items()]
        for source, target, _ in places:
            self._make_place(pathlib.Path(source), self._rootfs / target.lstrip("/"))
        super().__init__(
            ["ip", "netns", "exec", network.name, "unshare", "--mount", "--pid", "--fork",
             "--kill-child", "bash", CONTAIN, self._rootfs, self._image.config["User"],
             *(":".join(map(str, place)) for place in places), "--",
             *self._image.config["Entrypoint"], *arguments],
            log, self._environment)

    def _make_place(self, source, target):
        if source.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()

    @property
    def pid(self):
        """Of the program, as this machine sees it."""
        unshare = self.process.pid
        children = pathlib.Path(f"/proc/{unshare}/task/{unshare}/children")
        return int(wait_until(children.read_text, what="the program").split()[0])

    def send(self, number):
        os.kill(self.pid, number)

    def status(self):
        """/proc/PID/status, by name."""
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def check_health(self):
        """What the engine does for HEALTHCHECK; the result has returncode and stdout."""
        kind, *command = self._image.config["Healthcheck"]["Test"]
        assert kind == "CMD", "a shell would be needed"
        uid, gid = self._image.config["User"].split(":")
        return subprocess.run(
            ["nsenter", "--target", str(self.pid), "--mount", "--pid", "--net", "--root", "--wd",
             "/usr/bin/setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--",
             *command], env=self._environment, text=True, capture_output=True, timeout=30,
            check=False)

    def is_healthy(self):
        return self.process.poll() is None and self.check_health().returncode == 0
