"""An OpenAI-compatible upstream that speaks HTTP/2 frame by frame, and does to a
stream or a connection what the test says."""

import json
import select
import socket
import ssl
import threading
import time

import h2.config
import h2.connection
import h2.errors
import h2.events

from harness.upstream import Reply, echo

REFUSED = h2.errors.ErrorCodes.REFUSED_STREAM


class H2Request:
    def __init__(self, connection, stream, headers):
        self.connection, self.stream = connection, stream
        self.headers = headers
        self.path = headers[":path"]
        self.data = b""
        self.body = None
        self.started = time.monotonic()
        # When the client had reset the stream or closed the connection.
        self.ended_at = None
        self._ended = threading.Event()

    def hang_up(self):
        """Closes the connection without an answer."""
        self.connection.hang_up()

    def end(self):
        self.ended_at = self.ended_at or time.monotonic()
        self._ended.set()

    def wait_for_close(self, seconds=10):
        """Until the client has given it up; whether it did."""
        return self._ended.wait(seconds)


class H2Reply(Reply):
    """As over HTTP/1.1, and what only HTTP/2 can say."""

    def __init__(self, request):
        self._request = request

    def json(self, body, status=200, **headers):
        self._head(status, {"Content-Type": "application/json"} | headers)
        self._send(json.dumps(body).encode(), end=True)

    def raw(self, data):
        self._send(data)

    def close(self, done=True):
        self._send(b"data: [DONE]\n\n" if done else b"", end=True)

    def refuse(self):
        self._request.connection.act("reset_stream", self._request.stream, REFUSED)

    def open(self, **headers):
        self._head(200, {"Content-Type": "text/event-stream"} | headers)

    def _head(self, status, headers):
        lines = [(":status", str(status))]
        lines += [(name.lower().replace("_", "-"), str(value)) for name, value in headers.items()]
        self._request.connection.act("send_headers", self._request.stream, lines)

    def _send(self, data, end=False):
        self._request.connection.act("send_data", self._request.stream, data, end)


class Connection:
    def __init__(self, peer, plain):
        self.peer = peer
        self._requests = {}
        # OpenSSL reads and writes one at a time.
        self._lock = threading.Lock()
        self._socket = plain
        self._state = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))

    def serve(self, tls):
        try:
            if tls:
                self._socket = tls.wrap_socket(self._socket, server_side=True)
            self.act("initiate_connection")
            while data := self._receive():
                for event in self._feed(data):
                    self._take(event)
        except (OSError, h2.exceptions.H2Error):
            pass
        for request in self._requests.values():
            request.end()
        self._socket.close()

    def act(self, name, *arguments):
        """Does something to the connection, and writes what comes of it."""
        with self._lock:
            getattr(self._state, name)(*arguments)
            self._flush()

    def hang_up(self):
        with self._lock:
            self._socket.shutdown(socket.SHUT_RDWR)

    def _feed(self, data):
        with self._lock:
            events = self._state.receive_data(data)
            self._flush()
        return events

    def _flush(self):
        self._socket.settimeout(10)
        self._socket.sendall(self._state.data_to_send())

    def _receive(self):
        while True:
            select.select([self._socket], [], [], 0.2)
            with self._lock:
                self._socket.settimeout(0)
                try:
                    return self._socket.recv(65536)
                except (ssl.SSLWantReadError, BlockingIOError):
                    pass

    def _take(self, event):
        if isinstance(event, h2.events.RequestReceived):
            self._requests[event.stream_id] = H2Request(self, event.stream_id, dict(event.headers))
        request = self._requests.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.DataReceived):
            request.data += event.data
            self.act("acknowledge_received_data", event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            request.end()
        elif isinstance(event, h2.events.StreamEnded):
            request.body = json.loads(request.data) if request.data else None
            threading.Thread(target=self.peer.serve, args=[request], daemon=True).start()


class H2Peer:
    """Over TLS with ALPN, or without if there is no `tls`."""

    def __init__(self, tls=None):
        self.requests = []
        self.answer = echo
        self.connections = 0
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/v1"
        if tls:
            tls.set_alpn_protocols(["h2"])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def chats(self):
        return [request for request in self.requests if request.body is not None]

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def serve(self, request):
        self.requests.append(request)
        reply = H2Reply(request)
        try:
            if request.body is None:
                reply.json({"object": "list", "data": [{"id": "deepseek-v3.2"}]})
            else:
                self.answer(request, reply)
        except (OSError, h2.exceptions.ProtocolError):
            request.end()

    def _accept(self):
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            connection = Connection(self, plain)
            threading.Thread(target=connection.serve, args=[self._tls], daemon=True).start()
