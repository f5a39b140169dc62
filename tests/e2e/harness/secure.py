"""Fixtures: upstreams that speak HTTP/2 over TLS, and a service that trusts them."""

import ssl

import pytest

from harness.certificates import Authority
from harness.h2_peer import H2Peer
from harness.nginx import Nginx


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def pair(authority):
    """Certificate and key of the upstream."""
    return authority.sign("upstream")


@pytest.fixture
def peer(pair):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    server = H2Peer(context)
    yield server
    server.close()


@pytest.fixture
def nginx(sim, pair, tmp_path):
    server = Nginx(tmp_path / "nginx", sim.address, *pair)
    yield server
    server.stop()


@pytest.fixture
def start_secure(start_node, authority):
    """Starts a service that trusts the upstream: start_secure(url, "2", ...)."""

    def start(url, version, **config):
        upstream = {"http_version": version, "ca_file": str(authority.ca)}
        return start_node(url, upstream=upstream, **config)

    return start
