"""TLS in front of the service, as a reverse proxy puts it there."""

import contextlib
import socket
import ssl
import threading


class TlsRelay:
    """Passes the bytes of every connection on to `address`, without the TLS."""

    def __init__(self, address, certificate, key):
        host, _, port = address.rpartition(":")
        self._target = host, int(port)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._context.set_alpn_protocols(["h2"])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, plain):
        with plain, contextlib.suppress(OSError):
            outer = self._context.wrap_socket(plain, server_side=True)
            with outer, socket.create_connection(self._target) as inner:
                threading.Thread(target=pass_on, args=[inner, outer], daemon=True).start()
                pass_on(outer, inner)


def pass_on(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
