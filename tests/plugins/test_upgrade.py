"""A service that is older or newer than the plugin, or that could not check a key."""

import pytest
from support.model import Model
from support.tool import Tools
from test_errors import failing


@pytest.fixture
def older(api, serve):
    """One that has none of the calls yet."""
    return serve(api.node_pb2_grpc.LlmNodeServicer())


def test_an_older_service_is_told_in_a_sentence_that_says_what_to_do(model_plugin, tool_plugin,
                                                                     older):
    model = Model(model_plugin, {"node_address": older})
    tools = Tools(tool_plugin, {"node_address": older})
    for call in (lambda: model.ask("x"), lambda: model.ask("x", stream=False),
                 lambda: tools.run("holysheep_llm", query="x", model="gpt-4.1")):
        error = failing(call)
        assert error.type == "InvokeBadRequestError"
        assert "upgrade the node" in error.description
    for saving in (model.validate, tools.validate):
        assert "upgrade the node" in failing(saving).message


def unknown(message, number=999):
    """The message with a field that this plugin does not know."""
    field = (number << 3 | 2).to_bytes(2, "little")
    key = bytes([field[0] | 0x80, (number << 3 | 2) >> 7])
    return type(message).FromString(message.SerializeToString() + key + b"\x03new")


@pytest.fixture
def newer(api, serve):
    """One that says more than this plugin knows: fields, events, a finish reason."""
    pb = api.chat_pb2
    final = unknown(pb.InvokeResponse(result="Hello", finish_reason=99, finish_reason_raw="paused",
                                      model_used="gpt-4.1"))

    class Service(api.node_pb2_grpc.LlmNodeServicer):
        def Invoke(self, request, context):
            return final

        def InvokeStream(self, request, context):
            yield unknown(pb.InvokeEvent())
            yield pb.InvokeEvent(text="Hel")
            yield unknown(pb.InvokeEvent())
            yield pb.InvokeEvent(text="lo")
            yield pb.InvokeEvent(final=final)

        def ValidateCredentials(self, request, context):
            return unknown(api.node_pb2.ValidateCredentialsResponse(ok=True))

        def ListModels(self, request, context):
            model = unknown(api.node_pb2.Model(id="own", capabilities=["tools", "telepathy"]))
            return api.node_pb2.ListModelsResponse(models=[model])

    return serve(Service())


def test_what_a_newer_service_says_beyond_the_known_is_passed_over(model_plugin, tool_plugin,
                                                                   newer):
    model = Model(model_plugin, {"node_address": newer})
    for stream in (True, False):
        answer = model.ask("x", stream=stream)
        assert (answer.text, answer.finish_reason) == ("Hello", "paused")
    assert "tool-call" in model.schema("own")["features"]
    assert model.validate()
    output = Tools(tool_plugin, {"node_address": newer}).run("holysheep_llm", query="x",
                                                             model="gpt-4.1")
    assert output.variables["result"] == "Hello"


@pytest.fixture
def unchecked(api, serve):
    """One whose upstream has no list of models that would tell a wrong key."""
    class Service(api.node_pb2_grpc.LlmNodeServicer):
        def ValidateCredentials(self, request, context):
            return api.node_pb2.ValidateCredentialsResponse(
                ok=True, message="The key could not be checked without cost.")

    return serve(Service())


def test_credentials_that_could_not_be_checked_can_be_saved(model_plugin, tool_plugin, unchecked):
    model = Model(model_plugin, {"node_address": unchecked})
    assert model.validate()[0]["result"] is True
    assert model.validate(model="qwen-next")[0]["result"] is True
    assert Tools(tool_plugin, {"node_address": unchecked}).validate()[0]["result"] is True
