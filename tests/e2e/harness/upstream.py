"""An OpenAI-compatible upstream inside the test: it keeps what it was asked and
answers as the test says, step by step if it likes."""

import contextlib
import http.server
import json
import re
import select
import socket
import ssl
import threading
import time


def text(content):
    return {"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": None}]}


def delta(**members):
    return {"choices": [{"index": 0, "delta": members, "finish_reason": None}]}


def finish(reason="stop"):
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


def usage(prompt, completion, **details):
    counts = {"prompt_tokens": prompt, "completion_tokens": completion,
              "total_tokens": prompt + completion}
    return {"choices": [], "usage": counts | details}


def answer_text(content, prompt=10, completion=5):
    """The events of a whole answer."""
    return [text(content), finish(), usage(prompt, completion)]


class Request:
    def __init__(self, handler, body):
        self.path = handler.path
        # By lower-case name.
        self.headers = {name.lower(): value for name, value in handler.headers.items()}
        self.body = body
        self.started = time.monotonic()
        self.closed_at = None
        self._connection = handler.connection
        self.port = handler.client_address[1]

    def wait_for_close(self, seconds=10):
        """Until the service has closed the connection; whether it did."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            readable, _, _ = select.select([self._connection], [], [], 0.2)
            if readable and not self._peek():
                self.closed_at = time.monotonic()
                return True
        return False

    def hang_up(self):
        """Closes the connection without an answer."""
        self._connection.shutdown(socket.SHUT_RDWR)

    def close_kept(self):
        """Closes the connection as a server closes one that it has kept for long enough."""
        if isinstance(self._connection, ssl.SSLSocket):
            self._connection.settimeout(0)
            with contextlib.suppress(ssl.SSLWantReadError):
                self._connection.unwrap()
        self.hang_up()

    def _peek(self):
        try:
            return self._connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return b""


class Reply:
    def __init__(self, handler):
        self._handler = handler

    def json(self, body, status=200, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self._head(status, {"Content-Type": "application/json",
                            "Content-Length": len(data)} | headers)
        self._handler.wfile.write(data)

    def error(self, status, code="error", message="no", **headers):
        self.json({"error": {"message": message, "code": code}}, status, **headers)

    def open(self, **headers):
        """The head of an event stream."""
        self._head(200, {"Content-Type": "text/event-stream",
                         "Transfer-Encoding": "chunked"} | headers)

    def send(self, *events):
        for event in events:
            self.raw(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode())

    def raw(self, data):
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def close(self, done=True):
        """The end of an event stream."""
        if done:
            self.raw(b"data: [DONE]\n\n")
        self._handler.wfile.write(b"0\r\n\r\n")

    def stream(self, *events):
        self.open()
        self.send(*events)
        self.close()

    def _head(self, status, headers):
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), str(value))
        self._handler.end_headers()


def plain(content):
    """The text of a message, whether it is a string or a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content or [])


def echo(request, reply):
    """The default answer: the last message, word by word."""
    content = request.body["messages"][-1]["content"]
    words = [text(word) for word in re.findall(r"\s*\S+", plain(content))]
    reply.stream(*words, finish(), usage(10, max(1, len(words))))


class Upstream:
    def __init__(self, tls=None):
        self.requests = []
        self.answer = echo
        self.models = ["deepseek-v3.2", "gpt-4.1", "claude-sonnet-4.5", "gemini-2.5-flash"]
        self.models_status = 200
        # Instead of both: answers GET /models as `answer` does a chat.
        self.models_reply = None
        self._lock = threading.Lock()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    @property
    def last(self):
        return self.requests[-1]

    def _handler(self):
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                request = Request(self, None)
                upstream._note(request)
                if not any("key" in name.lower() or name.lower() == "authorization"
                           for name in self.headers):
                    return Reply(self).json({"error": {"message": "no key"}}, 401)
                if upstream.models_reply:
                    return upstream.models_reply(request, Reply(self))
                body = {"object": "list", "data": [{"id": m} for m in upstream.models]}
                return Reply(self).json(body, upstream.models_status)

            def do_POST(self):
                size = int(self.headers["Content-Length"])
                request = Request(self, json.loads(self.rfile.read(size)))
                upstream._note(request)
                try:
                    upstream.answer(request, Reply(self))
                except (BrokenPipeError, ConnectionResetError):
                    request.closed_at = time.monotonic()
                    self.close_connection = True

            def log_message(self, *_):
                pass

        return Handler

    def _note(self, request):
        with self._lock:
            self.requests.append(request)

    @property
    def chats(self):
        """The chat requests so far, without those for the list of models."""
        return [r for r in self.requests if r.body is not None]
