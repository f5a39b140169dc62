"""Readers that do not read, and what happens around the service: a slow disk, an
upstream that is dead, reloads, a busy machine."""

import contextlib
import itertools
import json
import os
import pathlib
import select
import signal
import struct
import subprocess
import sys
import threading
import time

from harness.raw_http2 import INITIAL_WINDOW_SIZE, LARGE, WINDOW_UPDATE, call, frame

from attacks.callers import read, repeated
from attacks.strangers import greeting
from attacks.target import Answers, crowd, request

STREAM = "/holysheep.node.v1.LlmNode/InvokeStream"


def unread(target, count, message):
    """So many streams whose client takes any amount of HTTP/2 but reads no byte of it;
    `message(i)` is what it asks."""
    answers, alive = Answers(), []
    for i in range(count):
        with contextlib.suppress(OSError):
            alive.append(target.connect(receive_buffer=4096))
            alive[-1].sendall(asking(target, message(i)))
            answers["begun"] += 1
    while target.left():
        target.pause()
    answers["closed by the service"] = sum(map(was_given_up, alive))
    return answers


def was_given_up(connection):
    """Whether the other side has closed, without reading what it has sent."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(0))


def asking(target, message):
    """The bytes of a call on a new connection, with windows that never fill."""
    return (greeting(struct.pack(">HI", INITIAL_WINDOW_SIZE, LARGE))
            + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", LARGE))
            + call(target.address, STREAM, message, {"authorization": f"Bearer {target.token}"}))


def slow_readers_of_a_hit(target):
    """300 streams of the same long answer, which the cache has; nobody reads them."""
    asked = request("a long answer")
    read(target.stub().InvokeStream(asked, metadata=target.metadata), Answers())
    message = asked.SerializeToString()
    return unread(target, 300, lambda _: message)


def slow_readers_of_new_answers(target):
    """300 streams, each of a long answer of its own; nobody reads them."""
    return unread(target, 300, lambda i: request(f"a long answer {i}").SerializeToString())


def slow_disk(target):
    """From now on fsync takes 1.5 s; streams of hits in eight loops go on."""
    pathlib.Path(target.slow_disk).touch()

    def work(number, answers):
        with target.channel() as channel:
            while target.left():
                read(target.stub(channel).InvokeStream(
                    request(f"hit {number}"), metadata=target.metadata, timeout=20), answers)
    return crowd(8, work)


def calls_of_the_dead(target):
    """64 loops of calls to another model, whose upstream is dead."""
    return repeated(target, lambda channel, i, left: target.stub(channel).Invoke.future(
        request(i), metadata=target.metadata, timeout=left), 64)


def reload(target):
    os.kill(target.pid, signal.SIGHUP)


def revoked(target):
    """64 open streams, whose token a reload takes away a third of the time in; they try again."""
    def revoke():
        time.sleep(target.seconds / 3)
        config = json.loads(pathlib.Path(target.config).read_text())
        config["auth"]["tokens"] = [t for t in config["auth"]["tokens"] if t["name"] != "attacker"]
        pathlib.Path(target.config).write_text(json.dumps(config))
        revoked_at.append(time.monotonic())
        reload(target)
        time.sleep(1)
        later.take(target.stub().Invoke.future(request("later"), metadata=target.metadata, timeout=5))

    def work(number, answers):
        with target.channel() as channel:
            for i in itertools.count():
                if not target.left():
                    return
                read(target.stub(channel).InvokeStream(
                    request(f"{number} {i}"), metadata=target.metadata, timeout=target.left() + 1), answers)
                if revoked_at and i == 0:
                    ended.append(time.monotonic() - revoked_at[0])
                time.sleep(0.01)

    revoked_at, ended, later = [], [], Answers()
    thread = threading.Thread(target=revoke)
    thread.start()
    answers = crowd(64, work)
    thread.join()
    answers.update({f"a new call, a second later: {what}": count for what, count in later.items()})
    answers["open streams ended within a second of the reload"] = sum(seconds <= 1 for seconds in ended)
    return answers


def reloads(target):
    """A reload each 200 ms, with another limit each time, under 16 loops of calls."""
    text = pathlib.Path(target.config).read_text()
    config = json.loads(text)
    count = Answers()

    def work():
        for i in itertools.count():
            if not target.left():
                return
            config["limits"]["max_queue"] = 1000 + i % 7
            pathlib.Path(target.config).write_text(json.dumps(config))
            reload(target)
            count["reloads"] += 1
            time.sleep(0.2)

    thread = threading.Thread(target=work)
    thread.start()
    answers = repeated(target, lambda channel, i, left: target.stub(channel).Invoke.future(
        request(i), metadata=target.metadata, timeout=left), 16)
    thread.join()
    return answers + count


def nothing(target):
    """No attack: two loops that only use the processor, as a measure of the rest."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    target.pause(target.seconds)
    for process in busy:
        process.kill()
        process.wait()
    return Answers()
