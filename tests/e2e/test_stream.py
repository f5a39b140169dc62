"""InvokeStream: the same as Invoke, piece by piece."""

import threading

from harness.errors import refused
from harness.upstream import delta, finish, text, usage


def kinds(events):
    return [event.WhichOneof("event") for event in events]


def test_a_stream_is_started_then_pieces_then_final(node, chat):
    events = list(node.llm.InvokeStream(chat.InvokeRequest(query="Eins zwei drei")))
    assert kinds(events)[0] == "started" and kinds(events)[-1] == "final"
    assert set(kinds(events)[1:-1]) == {"text"}, "which are merged where several wait"
    assert events[0].started.model == "deepseek-v3.2"
    assert events[0].started.request_id == events[-1].final.request_id != ""
    assert not events[0].started.cached
    assert "".join(e.text for e in events) == events[-1].final.result == "Eins zwei drei"
    assert events[-1].final.tokens_used == 13


def test_each_piece_comes_as_the_model_writes_it(node, chat, upstream):
    """The second piece is only written once the first has been read."""
    read = threading.Event()

    def answer(request, reply):
        reply.open()
        reply.send(text("first"))
        assert read.wait(10)
        reply.send(text(" second"), finish(), usage(1, 2))
        reply.close()

    upstream.answer = answer
    stream = node.llm.InvokeStream(chat.InvokeRequest(query="Hallo"))
    assert next(stream).WhichOneof("event") == "started"
    assert next(stream).text == "first"
    read.set()
    assert next(stream).text == " second"
    assert next(stream).final.result == "first second"


def test_reasoning_refusal_and_tool_calls_come_as_events(node, chat, upstream):
    def call(arguments, **first):
        function = {"arguments": arguments} | ({"name": first["name"]} if first else {})
        return delta(tool_calls=[{"index": 0, "function": function}
                                 | ({"id": first["id"]} if first else {})])

    upstream.answer = lambda request, reply: reply.stream(
        delta(reasoning_content="hm"), call('{"a"', id="c1", name="add"), call(":1}"),
        delta(refusal="no"), finish("tool_calls"), usage(1, 1))
    events = list(node.llm.InvokeStream(
        chat.InvokeRequest(query="Hallo", tools=[{"name": "add"}])))
    assert kinds(events)[0] == "started" and kinds(events)[-1] == "final"
    assert "".join(e.reasoning for e in events) == "hm"
    assert "".join(e.refusal for e in events) == "no"
    calls = [e.tool_call for e in events if e.WhichOneof("event") == "tool_call"]
    assert (calls[0].index, calls[0].id, calls[0].name) == (0, "c1", "add")
    assert "".join(c.arguments_fragment for c in calls) == '{"a":1}'
    assert events[-1].final.tool_calls[0].arguments_json == '{"a":1}'


def test_a_stream_that_fails_ends_with_an_error_and_no_final(node, chat, upstream):
    def answer(request, reply):
        reply.open()
        reply.send(text("half"))
        reply.close(done=False)

    upstream.answer = answer
    events = []
    with refused("DATA_LOSS", "STREAM_TRUNCATED"):
        for event in node.llm.InvokeStream(chat.InvokeRequest(query="Hallo")):
            events.append(event)
    assert kinds(events) == ["started", "text"]


def test_characters_cut_anywhere_come_whole(node, chat, upstream):
    """Bytes of a character in different packets, CRLF, comments, several data lines."""
    raw = ('data: {"choices":[{"index":0,"delta":{"content":"Grüße 🐑"},\r\n'
           'data: "finish_reason":null}]}\r\n\r\n: a comment\r\n\r\n'
           'event: message\nid: 7\ndata:{"choices":[{"index":0,"delta":{},'
           '"finish_reason":"stop"}]}\n\n').encode()

    def answer(request, reply):
        reply.open()
        for i in range(len(raw)):
            reply.raw(raw[i:i + 1])
        reply.close()

    upstream.answer = answer
    events = list(node.llm.InvokeStream(chat.InvokeRequest(query="Hallo")))
    assert events[-1].final.result == "Grüße 🐑"
