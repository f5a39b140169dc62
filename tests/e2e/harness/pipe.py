"""A TCP proxy that can stop forwarding without closing, as a firewall does that has
forgotten a connection."""

import contextlib
import socket
import threading


class Pipe:
    def __init__(self, port):
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._silent = set()
        self._pairs = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def connections(self):
        """How many there have been."""
        return len(self._pairs)

    def drop(self):
        """Nothing of what there is goes through any more; what comes anew does."""
        self._silent.update(self._pairs)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for pair in self._pairs:
            for end in pair:
                # Its other end may have closed it.
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            pair = (near, far)
            self._pairs.append(pair)
            for source, sink in (pair, reversed(pair)):
                threading.Thread(target=self._forward, args=[pair, source, sink],
                                 daemon=True).start()

    def _forward(self, pair, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if pair not in self._silent:
                    sink.sendall(data)
            if pair not in self._silent:
                sink.shutdown(socket.SHUT_WR)
