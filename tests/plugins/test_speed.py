"""A few messages for what comes at once, and no stream that waits for another."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.upstream import finish, text, usage
from support.model import Model
from support.tool import Tools

WORDS = [f"word{number} " for number in range(200)]
STREAMS = 300


@pytest.fixture
def node(start_node, upstream):
    return start_node(upstream.url, upstream={"max_connections": 0},
                      limits={"requests_per_minute": 0, "max_concurrent": 0})


@pytest.fixture
def asked(model_plugin, node):
    return Model(model_plugin, {"node_address": node.address})


@pytest.fixture
def tools(tool_plugin, node):
    return Tools(tool_plugin, {"node_address": node.address})


def say_words(request, reply):
    reply.stream(*map(text, WORDS), finish(), usage(1, len(WORDS)))


def test_a_cached_answer_of_200_words_is_a_few_chunks(asked, upstream):
    upstream.answer = say_words
    asked.ask("Hallo")
    cached = asked.ask("Hallo")
    assert cached.text == "".join(WORDS) and cached.price == 0
    assert len(cached.chunks) <= 8


def test_a_cached_answer_of_200_words_is_a_few_messages_of_a_node(tools, upstream):
    """Three have the answer, as text and twice as `result`; nine the other outputs."""
    upstream.answer = say_words
    for _ in range(2):
        output = tools.run("holysheep_llm", query="Hallo", model="deepseek-v3.2")
    assert output.text == output.variables["result"] == "".join(WORDS)
    assert output.variables["cached"]
    assert [m["type"] for m in output.messages].count("text") == 1
    assert len(output.messages) == 12


def test_each_word_is_a_chunk_where_the_model_is_slow(asked, upstream):
    read = threading.Event()

    def answer(request, reply):
        reply.open()
        reply.send(text("one "))
        assert read.wait(20)
        reply.send(text("two"), finish(), usage(1, 2))
        reply.close()

    upstream.answer = answer
    chunks = asked.stream("Hallo")
    assert next(chunks)["delta"]["message"]["content"] == "one "
    read.set()
    assert next(chunks)["delta"]["message"]["content"] == "two"
    assert next(chunks)["delta"]["finish_reason"] == "stop"
    assert list(chunks) == []


def test_300_streams_of_a_process_run_side_by_side(asked, upstream):
    """The answers go on only when all have begun, so none may wait for another's end."""
    all_begun, begun = threading.Event(), threading.Barrier(STREAMS)

    def answer(request, reply):
        reply.open()
        reply.send(text("one "))
        all_begun.wait(50)
        reply.send(text("two"), finish(), usage(1, 2))
        reply.close()

    upstream.answer = answer

    def one(number):
        chunks = asked.stream(f"question {number}")
        first = next(chunks)["delta"]["message"]["content"]
        begun.wait(50)
        all_begun.set()
        return first + "".join(chunk["delta"]["message"]["content"] for chunk in chunks)

    with ThreadPoolExecutor(STREAMS) as pool:
        assert set(pool.map(one, range(STREAMS))) == {"one two"}
