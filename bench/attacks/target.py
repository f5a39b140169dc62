"""What an attack knows of the service that it attacks, and how it counts its answers."""

import collections
import socket
import sys
import threading
import time
import types

import grpc

# The names of the two callers, and the models that they ask.
VICTIM, ATTACKER = "victim", "attacker"
VICTIM_MODEL, ATTACKER_MODEL = "gpt-4.1", "deepseek-v3.2"
# Stands for the answer of a call that the attacker has cancelled.
OURS = "(left by the attacker)"


class Target(types.SimpleNamespace):
    """Members: address and http (HOST:PORT, on loopback), token (of the attacker),
    seconds (how long to attack), api (the folder of the generated modules), pid and
    config (the service's process and its file)."""

    def start(self):
        """To be called once in the attacker's process."""
        for address in (self.address, self.http):
            if not address.startswith("127."):
                raise ValueError(f"{address} is not on loopback; nothing else is attacked")
        sys.path.insert(0, self.api)
        self.ends_at = time.monotonic() + self.seconds

    def left(self):
        return max(0.0, self.ends_at - time.monotonic())

    def pause(self, seconds=0.05):
        time.sleep(min(seconds, self.left()))

    @property
    def metadata(self):
        return [("authorization", f"Bearer {self.token}")]

    def channel(self):
        """A connection of its own."""
        return grpc.insecure_channel(self.address, [
            ("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0),
            ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)])

    def stub(self, channel=None):
        from holysheep.node.v1 import node_pb2_grpc
        return node_pb2_grpc.LlmNodeStub(channel or self.channel())

    def connect(self, address=None, receive_buffer=0):
        """A bare connection; the kernel's buffer for what it receives may be small."""
        host, port = (address or self.address).rsplit(":", 1)
        connection = socket.socket()
        if receive_buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(2)
        try:
            connection.connect((host, int(port)))
        except OSError:
            connection.close()
            raise
        return connection


class Answers(collections.Counter):
    """How often the attacker was answered what."""

    def add(self, error):
        """Counts an RpcError; None is a call that went well."""
        if error is None:
            self["OK"] += 1
            return
        reason = reason_of(error)
        self[f"{error.code().name} {reason}".strip()] += 1

    def take(self, call):
        """Waits for a unary call, and counts how it ended."""
        try:
            call.result()
            self.add(None)
        except grpc.FutureCancelledError:
            self[OURS] += 1
        except grpc.RpcError as error:
            self.add(error)


def reason_of(error):
    """The reason in an error of the service; "" if gRPC made it."""
    from google.rpc import error_details_pb2 as rpc
    for name, value in error.trailing_metadata() or ():
        if name == "grpc-status-details-bin":
            for detail in rpc.Status.FromString(value).details:
                info = rpc.ErrorInfo()
                if detail.Unpack(info):
                    return info.reason
    return ""


def request(query, **members):
    from holysheep.node.v1 import chat_pb2
    return chat_pb2.InvokeRequest(query=query, **{"model": ATTACKER_MODEL} | members)


def crowd(count, work):
    """Runs `work(number, answers)` in so many threads; the sum of what they counted."""
    answers = [Answers() for _ in range(count)]
    threads = [threading.Thread(target=work, args=[i, answers[i]]) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum_of(answers)


def sum_of(answers):
    total = Answers()
    for some in answers:
        total.update(some)
    return total
