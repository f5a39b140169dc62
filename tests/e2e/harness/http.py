"""GET from the service's port for watchers."""

import http.client
import re
import types


def get(address, path, method="GET", headers=None, timeout=10):
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=timeout)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read().decode()
        return types.SimpleNamespace(status=answer.status, body=body, headers=answer.headers)
    finally:
        connection.close()


def http_address(node):
    return node.process.wait_for_log(r"http listening on (\S+:\d+)")[1]


class Metrics:
    """The samples of one look at /metrics."""

    def __init__(self, node):
        self.text = get(http_address(node), "/metrics").body
        self.samples = []
        for line in self.text.splitlines():
            if line.startswith("#") or not line:
                continue
            name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
            pairs = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or ""))
            self.samples.append((name, pairs, float(value)))

    def sum(self, metric, **labels):
        """Of all samples of that name that have these labels."""
        return sum(value for name, has, value in self.samples
                   if name == metric and labels.items() <= has.items())

    def values(self, metric, label):
        return {has.get(label) for name, has, _ in self.samples if name == metric}
