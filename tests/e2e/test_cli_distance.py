"""holysheepctl and a service that is far away."""

import contextlib
import socket
import threading

import pytest

from harness import process

# Of a service on another continent, reached over TLS: three round trips.
FIRST_BYTE_SECONDS = 0.6


def pump(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class Distance:
    """A relay to a service whose first byte takes its time."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self._service = (host, int(port))
        self._ends = [socket.create_server(("127.0.0.1", 0))]
        self.address = f"127.0.0.1:{self._ends[0].getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, far = self._ends[0].accept()[0], socket.create_connection(self._service)
                self._ends += [near, far]
                threads = (threading.Thread(target=pump, args=(near, far)),
                           threading.Timer(FIRST_BYTE_SECONDS, pump, (far, near)))
                for thread in threads:
                    thread.daemon = True
                    thread.start()

    def close(self):
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def far_away(node):
    relay = Distance(node.address)
    yield relay.address
    relay.close()


def test_a_connection_has_the_time_that_it_takes(far_away):
    done = process.run("holysheepctl", "invoke", "Hallo", HOLYSHEEP_ADDRESS=far_away)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Hallo\n"
