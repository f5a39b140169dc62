"""The service under test and its clients."""

import json

import grpc

from harness.process import BIN, Process, environment, wait_until

KEY = "hs-e2e-0123456789abcdef0123456789"
SERVING = b"\x08\x01"
NOT_SERVING = b"\x08\x02"


def merged(base, extra):
    """`base` with the members of `extra`, sections member by member."""
    result = dict(base)
    for key, value in extra.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        result[key] = merged(base[key], value) if both else value
    return result


def default_config(base_url):
    """Any free port, and back-offs that do not make a test wait."""
    return {
        "listen": "127.0.0.1:0",
        "http": {"listen": ""},
        "upstream": {"base_url": base_url},
        "retry": {"initial_backoff": "10ms", "max_backoff": "50ms"},
        "drain_timeout": "5s",
    }


class Node:
    """`before` is a command that runs the service's."""

    def __init__(self, api, folder, config, env=None, credentials=None, before=()):
        self.credentials = credentials
        self.config_path = folder / "node.yaml"
        self.write_config(config)
        # JSON is YAML, too.
        self.process = Process(
            [*before, BIN / "holysheep-node", "--config", self.config_path],
            folder / "node.log",
            environment(**({"HOLYSHEEP_API_KEY": KEY} | (env or {}))),
        )
        try:
            self._connect_to(api)
        except BaseException:
            self.process.kill()
            raise

    def _connect_to(self, api):
        self.address = self.process.wait_for_log(r"(?m)^listening on (unix:\S+|\S+:\d+)")[1]
        self.channel = self.connect()
        self.llm = api.node_pb2_grpc.LlmNodeStub(self.channel)
        self.admin = api.node_pb2_grpc.NodeAdminStub(self.channel)
        wait_until(lambda: self.health() == SERVING, 10, "readiness")

    def write_config(self, config):
        self.config_path.write_text(json.dumps(config, indent=1))

    def connect(self):
        """A channel with a connection of its own."""
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0),
                   ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        if self.credentials is None:
            return grpc.insecure_channel(self.address, options)
        return grpc.secure_channel(self.address, self.credentials, options)

    def health(self, service=b""):
        """The answer of grpc.health.v1 in bytes; None if there is none."""
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        request = b"\x0a" + bytes([len(service)]) + service if service else b""
        try:
            return check(request, timeout=5)
        except grpc.RpcError as error:
            if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                return None
            raise

    def log(self):
        return self.process.log()

    def stop(self, **options):
        self.channel.close()
        return self.process.stop(**options)
