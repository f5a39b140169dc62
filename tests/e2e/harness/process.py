"""A program under test, its log, and waiting for what can be observed."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).parents[3]
BIN = pathlib.Path(os.environ.get("HOLYSHEEP_BIN") or ROOT / "build/bin")
# How much longer than a release build this one may take, for sanitizers.
SLOWDOWN = float(os.environ.get("HOLYSHEEP_SLOWDOWN", "1"))


def wait_until(condition, seconds=10.0, what="the condition"):
    """Polls until the condition holds, and returns what it returned."""
    deadline = time.monotonic() + seconds * SLOWDOWN
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not come within {seconds} s"
        time.sleep(0.002)
    return value


# For builds with sanitizers; ASAN_OPTIONS as in scripts/test.
KNOWN = {"ASAN_OPTIONS": "allow_user_poisoning=0",
         "LSAN_OPTIONS": f"suppressions={ROOT}/tests/support/lsan.supp:print_suppressions=0",
         "TSAN_OPTIONS": f"suppressions={ROOT}/tests/support/tsan.supp:print_suppressions=0:history_size=7"}


def environment(**extra):
    """This process's environment without what would configure the service."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HOLYSHEEP_")
            and k.lower() not in ("http_proxy", "https_proxy", "all_proxy")}
    return KNOWN | kept | {k: str(v) for k, v in extra.items()}


def run(program, *arguments, seconds=20, **env):
    """Runs one of our programs to its end; the result has stdout and stderr."""
    return subprocess.run([BIN / program, *arguments], env=environment(**env), text=True,
                          capture_output=True, timeout=seconds * SLOWDOWN, check=False)


class Process:
    def __init__(self, command, log, env):
        self.log_path = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen([str(word) for word in command], env=env,
                                            stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT)

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for_log(self, pattern, seconds=10):
        """The first match of the pattern in the log."""

        def look():
            found = re.search(pattern, self.log())
            assert found or self.process.poll() is None, f"ended early:\n{self.log()}"
            return found

        return wait_until(look, seconds, f"/{pattern}/ in the log")

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=20):
        return self.process.wait(seconds * SLOWDOWN)

    def stop(self, number=signal.SIGTERM, seconds=40):
        """Ends it and gives its exit status."""
        if self.process.poll() is None:
            self.send(number)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self):
        self.process.kill()
        self.process.wait()


def free_port():
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def rss_mb(pid):
    """The resident memory of a process, in MB."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024
