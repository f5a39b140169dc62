"""Reads a stream in the plugin's kind of process and leaves it in the middle.

    python greenlets.py ADDRESS close|kill|timeout      in an unpacked plugin
"""

import os
import sys

sys.path.insert(0, os.getcwd())

import holysheep_client.process  # noqa: E402, F401  (patches, then gRPC)

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402
from holysheep_client.node import Node  # noqa: E402
from holysheep_client.stubs import chat_pb2  # noqa: E402


def main(address, way):
    events = Node.of({"node_address": address}).stream(chat_pb2.InvokeRequest(query="Hallo"))
    if way == "close":
        next(events)
        next(events)
        events.close()
    elif way == "kill":
        begun = Event()

        def read():
            for event in events:
                if event.text:
                    begun.set()

        reader = gevent.spawn(read)
        begun.wait(10)
        reader.kill(timeout=5)
        assert reader.dead
    else:
        with gevent.Timeout(1, False):
            for _ in events:
                pass
    # The process stays: it is the call that has to end.
    gevent.sleep(2)


main(*sys.argv[1:])
os._exit(0)
