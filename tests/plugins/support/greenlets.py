"""Reads a stream in the plugin's kind of process and leaves it in the middle.

    python greenlets.py ADDRESS close|kill|timeout      in an unpacked plugin
"""

import os
import sys

sys.path.insert(0, os.getcwd())

import holysheep_client.process  # noqa: E402, F401  (patches, then gRPC)

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402
from holysheep_client import node  # noqa: E402
from holysheep_client.node import Node  # noqa: E402
from holysheep_client.stubs import chat_pb2  # noqa: E402

# A call that nothing refers to any more is ended by that alone.
kept = []


class KeepingStub(node.LlmNodeStub):
    def __init__(self, channel):
        super().__init__(channel)
        stream = self.InvokeStream

        def kept_stream(*arguments, **options):
            kept.append(stream(*arguments, **options))
            return kept[-1]

        self.InvokeStream = kept_stream


node.LlmNodeStub = KeepingStub


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
    gevent.sleep(60)


main(*sys.argv[1:])
