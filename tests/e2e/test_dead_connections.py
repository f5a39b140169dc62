"""Connections that die without a word cost one attempt, not the service."""

import concurrent.futures
import subprocess
import time

import pytest

from harness.network import Network
from harness.nginx import Nginx
from harness.pipe import Pipe
from harness.process import SLOWDOWN
from harness.secure import authority, nginx, pair, peer, start_secure  # noqa: F401
from harness.sim import Sim

VERSIONS = pytest.mark.parametrize("version", ["auto", "1.1"])


def ask(node, chat, query="Hallo", **fields):
    return node.llm.Invoke(chat.InvokeRequest(query=query, **fields), timeout=60)


@pytest.fixture
def start_behind(start_secure):
    """Starts a service, and the pipe through which it reaches the upstream."""
    pipes = []

    def start(upstream, version, **config):
        pipes.append(Pipe(upstream.port))
        url = upstream.url.replace(f":{upstream.port}", f":{pipes[-1].port}")
        return start_secure(url, version, **config), pipes[-1]

    yield start
    for pipe in pipes:
        pipe.close()


def costs_one_attempt(node, chat, drop):
    """With a first_token of a second."""
    assert ask(node, chat).attempts == 1
    drop()
    began = time.monotonic()
    answer = ask(node, chat, "after the drop")
    assert (answer.attempts, answer.result.split()[-1]) == (2, "drop")
    assert time.monotonic() - began < 1 + 2 * SLOWDOWN
    assert ask(node, chat, "and on").attempts == 1


@VERSIONS
def test_one_that_is_not_forwarded_any_more_costs_one_attempt(
        start_behind, chat, nginx, version):
    node, pipe = start_behind(nginx, version, timeouts={"first_token": "1s"})
    costs_one_attempt(node, chat, pipe.drop)


def test_a_scripted_peer_that_is_not_heard_any_more_costs_one_attempt(start_behind, chat, peer):
    node, pipe = start_behind(peer, "auto", timeouts={"first_token": "1s"})
    costs_one_attempt(node, chat, pipe.drop)
    assert peer.connections == 2


@VERSIONS
def test_a_single_attempt_fails_and_the_next_call_is_answered(
        start_behind, chat, nginx, version):
    node, pipe = start_behind(nginx, version)
    ask(node, chat)
    pipe.drop()
    with pytest.raises(Exception, match="did not begin its answer in time"):
        ask(node, chat, "one", max_attempts=1, timeouts={"first_token_ms": 500})
    assert ask(node, chat, "two", max_attempts=1, timeouts={"first_token_ms": 5000}).attempts == 1


@VERSIONS
def test_a_deadline_of_the_callers_is_enough_to_leave_a_dead_one(
        start_behind, chat, nginx, version):
    node, pipe = start_behind(nginx, version)
    ask(node, chat)
    pipe.drop()
    with pytest.raises(Exception, match="no whole answer within 500ms"):
        ask(node, chat, "one", timeouts={"total_ms": 500})
    assert ask(node, chat, "two", timeouts={"total_ms": 5000}).attempts == 1


@VERSIONS
def test_many_that_die_together_cost_one_attempt_too(start_behind, chat, sim, nginx, version):
    sim.control(latency={"constant_ms": 300})
    node, pipe = start_behind(nginx, version)
    with concurrent.futures.ThreadPoolExecutor(6) as calls:
        list(calls.map(lambda number: ask(node, chat, f"warm {number}"), range(6)))
    # Over HTTP/2 they share one.
    assert pipe.connections == (6 if version == "1.1" else 1)
    pipe.drop()
    fields = {"timeouts": {"first_token_ms": 1000}}
    assert ask(node, chat, "after the drop", **fields).attempts == 2
    assert [ask(node, chat, f"on {number}", **fields).attempts for number in range(6)] == [1] * 6


@pytest.fixture
def network():
    try:
        made = Network()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network of its own can be made here: {error}")
    yield made
    made.close()


@pytest.fixture
def far_nginx(network, authority, tmp_path):
    """nginx in a network of its own; the simulator is on this side."""
    files = authority.sign("far", alt=f"IP:{network.container}")
    sim = Sim(tmp_path, network.host)
    server = Nginx(tmp_path / "far", sim.address, *files, host=network.container,
                   before=network.inside)
    yield server
    network.end_processes()
    server.process.wait()
    assert sim.stop() == 0


@VERSIONS
def test_one_that_a_firewall_drops_costs_one_attempt(
        start_secure, chat, network, far_nginx, version):
    node = start_secure(far_nginx.url, version, timeouts={"first_token": "1s"})
    costs_one_attempt(node, chat, lambda: network.drop(far_nginx.port))


@VERSIONS
def test_the_kernel_gives_up_what_nobody_acknowledges(
        start_secure, chat, network, far_nginx, version):
    """Long before the 60 s until the first token: the price is one attempt."""
    node = start_secure(far_nginx.url, version, timeouts={"connect": "1s"})
    assert ask(node, chat).attempts == 1
    network.drop(far_nginx.port)
    began = time.monotonic()
    assert ask(node, chat, "after the drop", max_attempts=1).attempts == 2
    assert 8 < time.monotonic() - began < 20 + 5 * SLOWDOWN
