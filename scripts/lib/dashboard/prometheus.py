"""Asks a Prometheus."""

import json
import math
import urllib.error
import urllib.parse
import urllib.request


# It is near by, whatever the environment says of proxies.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class QueryError(Exception):
    """What Prometheus says of a query that it cannot answer."""


class Prometheus:
    def __init__(self, url):
        self.url = url.rstrip("/")

    def get(self, path, **parameters):
        """The `data` of an answer of its HTTP API."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with DIRECT.open(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise QueryError(f"{parameters.get('query', path)}: {error.read().decode()}") from error

    def now(self, query):
        """[(labels, value)] at this moment."""
        result = self.get("query", query=query)["result"]
        return [(row["metric"], float(row["value"][1])) for row in result]

    def over_time(self, query, start, end, step):
        """[(labels, [(time, value)])], without what is no number."""
        result = self.get("query_range", query=query, start=start, end=end, step=step)["result"]
        return [(row["metric"], points) for row in result if (points := numbers(row["values"]))]


def numbers(values):
    return [(at, float(value)) for at, value in values if math.isfinite(float(value))]
