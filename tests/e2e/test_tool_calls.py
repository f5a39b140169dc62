"""Tool calls as upstreams really write them."""

from harness.upstream import delta, finish, usage


def call(**function):
    return delta(tool_calls=[{"index": 0, "id": "a", "function": function}])


def streamed(node, request):
    return list(node.llm.InvokeStream(request))[-1].final


def test_a_call_cut_by_max_tokens_is_incomplete_also_from_the_cache(node, chat, upstream):
    upstream.answer = lambda _, reply: reply.stream(
        call(name="write", arguments='{"path":"a'), finish("length"), usage(3, 2))
    for number in range(2):
        request = chat.InvokeRequest(query=f"Hallo {number}")
        fresh = streamed(node, request) if number else node.llm.Invoke(request)
        for answer in fresh, node.llm.Invoke(request), streamed(node, request):
            [cut] = answer.tool_calls
            assert cut.incomplete and cut.arguments_json == '{"path":"a'
            assert any("max_tokens" in warning for warning in answer.warnings)
    assert len(upstream.chats) == 2


def test_arguments_that_are_not_there_are_an_empty_object(node, chat, upstream):
    for number, arguments in enumerate([None, "", "null", {}, {"a": [1]}]):
        upstream.answer = lambda _, reply, a=arguments: reply.stream(
            call(name="now", arguments=a), finish("tool_calls"), usage(3, 2))
        request = chat.InvokeRequest(query=f"Hallo {number}")
        for answer in node.llm.Invoke(request), streamed(node, request):
            [whole] = answer.tool_calls
            assert whole.arguments_json == ('{"a":[1]}' if number == 4 else "{}")
            assert not whole.incomplete and not answer.warnings
