"""A program on a terminal of its own, and a person who types."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from harness.process import SLOWDOWN

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


class Terminal:
    """Runs the command; its input, output and errors are one terminal."""

    def __init__(self, command, env, columns=80, rows=24):
        self.master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._seen = b""
        self._from = 0
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=terminal, stdout=terminal, stderr=terminal,
            env=env | {"TERM": "xterm"}, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(terminal)

    def type(self, text):
        os.write(self.master, text.encode())

    def wait_for(self, pattern, seconds=20):
        """The first match in what is shown from the last one on, escapes left out."""
        deadline = time.monotonic() + seconds * SLOWDOWN
        while True:
            text = ESCAPE.sub("", self._seen.decode(errors="replace"))
            found = re.compile(pattern).search(text, self._from)
            if found:
                self._from = found.end()
                return found
            left = deadline - time.monotonic()
            assert left > 0 and self._read(left), f"no /{pattern}/ in:\n{text[self._from:]}"

    def raw(self):
        return self._seen.decode(errors="replace")

    def modes(self):
        """The local modes of the terminal, such as whether it echoes."""
        return termios.tcgetattr(self.master)[3]

    def wait(self, seconds=20):
        """The exit status, once all output is read."""
        deadline = time.monotonic() + seconds * SLOWDOWN
        while self._read(max(0, deadline - time.monotonic())):
            pass
        return self.process.wait(max(0.1, deadline - time.monotonic()))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

    def _read(self, seconds):
        """Whether more came in time; not after the last one has closed the terminal."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        data = b""
        with contextlib.suppress(OSError):
            data = os.read(self.master, 65536)
        self._seen += data
        return bool(data)
