"""Parts of an answer that have no field: what a later turn sends back, and what it does not."""

import json

from harness.upstream import delta, finish


def test_a_later_turn_sends_back_signatures_but_no_pictures(start_node, chat, upstream):
    upstream.answer = lambda _, reply: reply.stream(
        delta(content="see", extra_content={"signature": "s1"}, images=[{"url": "u"}]),
        {**finish(), "citations": ["v"]})
    node = start_node(upstream.url)
    answer = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert json.loads(answer.opaque_json) == {
        "extra_content": {"signature": "s1"}, "images": [{"url": "u"}], "citations": ["v"],
        "for_caller_only": ["citations", "images"]}
    node.llm.Invoke(chat.InvokeRequest(messages=[
        chat.Message(role=chat.Message.USER, parts=[chat.Part(text="Hallo")]),
        chat.Message(role=chat.Message.ASSISTANT, parts=[chat.Part(text=answer.result)],
                     opaque_json=answer.opaque_json),
        chat.Message(role=chat.Message.USER, parts=[chat.Part(text="Weiter")])]))
    sent = upstream.chats[-1].body["messages"][1]
    assert sent == {"role": "assistant", "content": "see", "extra_content": {"signature": "s1"}}
