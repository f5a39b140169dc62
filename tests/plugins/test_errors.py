"""Every way of failing comes to Dify as one of the classes it knows."""

import json

import pytest
from dify_rules import KNOWN_ERRORS, shown_error
from harness.upstream import text
from support.model import SECRETS, Model, image, tool, user
from support.plugin import PluginError
from support.tool import Tools

# fault of the simulator, its parameters, class, a part of the text
FAULTS = [
    ("rate_limit", {}, "InvokeRateLimitError", "RATE_LIMITED_UPSTREAM"),
    ("server_error", {}, "InvokeServerUnavailableError", "UPSTREAM_5XX"),
    ("unavailable", {}, "InvokeServerUnavailableError", "UPSTREAM_5XX"),
    ("reset", {}, "InvokeServerUnavailableError", "UPSTREAM_CONNECT"),
    ("malformed", {}, "InvokeServerUnavailableError", "UPSTREAM_MALFORMED"),
    ("cut", {"after": 1}, "InvokeServerUnavailableError", "STREAM_TRUNCATED"),
    ("unauthorized", {}, "InvokeAuthorizationError", "HolySheep API key"),
    ("context_length", {}, "InvokeBadRequestError", "CONTEXT_LENGTH"),
    ("content_filter", {}, "InvokeBadRequestError", "CONTENT_FILTER"),
    ("model_not_found", {}, "InvokeBadRequestError", "MODEL_NOT_FOUND"),
]


def failing(call):
    """The error of a call, which Dify must know and which must hold no secret."""
    with pytest.raises(PluginError) as caught:
        call()
    error = caught.value
    assert error.type in KNOWN_ERRORS, error
    shown = json.dumps(error.raw)
    assert not [secret for secret in SECRETS.values() if secret in shown]
    text_shown = error.description or error.message
    assert 0 < len(text_shown) < 600
    assert "Traceback" not in text_shown
    return error


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("fault", "parameters", "kind", "said"), FAULTS)
def test_a_fault_of_the_upstream_for_a_model(model, sim, fault, parameters, kind, said, stream):
    sim.fault(fault, **parameters)
    error = failing(lambda: model.ask(f"one two three {fault} {stream}", stream=stream))
    # Of an authorization error Dify shows a text of its own, about the credentials in
    # Dify, and these hold no key: it is the node's.
    node_key = kind == "InvokeAuthorizationError"
    assert error.type == ("InvokeServerUnavailableError" if node_key else kind)
    assert said in error.description
    assert error.description.startswith("[holysheep] ")


@pytest.mark.parametrize(("fault", "parameters", "kind", "said"), FAULTS)
def test_a_fault_of_the_upstream_for_a_node(tools, sim, fault, parameters, kind, said):
    sim.fault(fault, **parameters)
    error = failing(lambda: tools.run("holysheep_llm", query=f"one two three {fault}",
                                      model="gpt-4.1"))
    assert error.type == kind
    assert said in error.description


def test_an_error_in_the_middle_of_a_stream_comes_after_the_text(model_plugin, start_node, upstream):
    node = start_node(upstream.url)

    def answer(request, reply):
        reply.open()
        reply.send(text("half"))
        reply.close(done=False)

    upstream.answer = answer
    chunks = Model(model_plugin, {"node_address": node.address}).stream("Hallo")
    assert next(chunks)["delta"]["message"]["content"] == "half"
    error = failing(lambda: next(chunks))
    assert error.type == "InvokeServerUnavailableError" and "STREAM_TRUNCATED" in error.description


@pytest.mark.parametrize(
    ("config", "parameters", "kind", "said"),
    [({"limits": {"requests_per_minute": 1, "max_queue_wait": "1ms"}}, {}, "InvokeRateLimitError",
      "RATE_LIMITED_LOCAL"),
     ({}, {"cache_mode": "only_if_cached"}, "InvokeBadRequestError", "CACHE_MISS")])
def test_the_services_own_refusals(model_plugin, start_node, upstream, config, parameters, kind,
                                   said):
    node = start_node(upstream.url, **config)
    model = Model(model_plugin, {"node_address": node.address})
    model.ask("the first")
    error = failing(lambda: model.ask("the second", parameters=parameters))
    assert error.type == kind and said in error.description


def test_an_open_circuit_is_a_server_that_is_unavailable(model_plugin, start_node, sim):
    node = start_node(sim.url, breaker={"failures": 1}, retry={"max_attempts": 1})
    model = Model(model_plugin, {"node_address": node.address})
    sim.fault("server_error")
    failing(lambda: model.ask("one"))
    error = failing(lambda: model.ask("two"))
    assert error.type == "InvokeServerUnavailableError" and "CIRCUIT_OPEN" in error.description
    assert "Try again in" in error.description


def test_a_time_limit_is_a_connection_error_and_comes_in_time(model, sim):
    sim.fault("silent")
    error = failing(lambda: model.ask("slow", parameters={"request_timeout": 1}))
    assert error.type == "InvokeConnectionError" and "TIMEOUT" in error.description


def test_a_late_first_token_is_a_connection_error(model, sim):
    sim.fault("late")
    error = failing(lambda: model.ask("late", parameters={"first_token_timeout": 1}))
    assert error.type == "InvokeConnectionError" and "FIRST_TOKEN_TIMEOUT" in error.description


@pytest.mark.parametrize(
    ("options", "said"),
    [({"parameters": {"temperature": "warm"}}, "temperature should be float"),
     ({"parameters": {"temperature": 2.5}}, "temperature should be less"),
     ({"parameters": {"max_tokens": "many"}}, "max_tokens should be int"),
     ({"parameters": {"max_tokens": 10**9}}, "max_tokens should be less"),
     ({"parameters": {"cache_mode": "never"}}, "cache_mode should be one of"),
     ({"parameters": {"json_schema": "{"}}, "not valid JSON"),
     ({"parameters": {"json_schema": "[]"}}, "must be a JSON object"),
     ({"parameters": {"response_format": "json_schema"}}, "needs a JSON schema"),
     ({"tools": [tool("no blanks please")]}, "name"),
     ({"prompt": []}, "prompt is empty"),
     ({"prompt": [{"role": "user", "content": None}]}, "prompt is empty"),
     ({"prompt": [user([image(base64_data="no base64!")])]}, "not valid base64"),
     ({"prompt": [user([image(url="ftp://x.example.com/a.png")])]}, "URL"),
     ({"prompt": [user([image(url="http://nginx/files/a.png")])]}, "MULTIMODAL_SEND_FORMAT"),
     ({"prompt": [user([image(url="http://127.0.0.1/a.png")])]}, "MULTIMODAL_SEND_FORMAT"),
     ({"prompt": [user([image(url="http://10.0.0.8/a.png")])]}, "MULTIMODAL_SEND_FORMAT"),
     ({"prompt": [user([image(base64_data="AAAA")])], "model": "deepseek-v3.2"}, "vision"),
     ({"stop": ["x"] * 99}, "stop")])
def test_a_bad_request_is_explained(model, options, said):
    options = {"model": "gpt-4.1"} | options
    error = failing(lambda: model.ask(options.pop("prompt", "Hallo"), **options))
    assert error.type == "InvokeBadRequestError"
    assert said in error.description


@pytest.mark.parametrize(
    ("credentials", "said"),
    [({"node_address": "holysheep-node"}, "needs a host and a port"),
     ({"node_address": "holysheep-node:99999"}, "needs a host and a port"),
     ({"node_address": "http://holysheep-node:50051"}, "without a scheme"),
     ({"node_address": "two words:1"}, "needs a host and a port"),
     ({"node_address": "dns:///holysheep-node"}, "needs a host and a port"),
     ({"node_address": "one:1,two:1"}, "list of ip:port"),
     ({"node_address": "10.0.0.1:1,[::1]:1"}, "list of ip:port"),
     ({"node_address": "10.0.0.1:1,10.0.0.2:1", "tls": "system"}, "dns:///name:port"),
     ({"tls": "maybe"}, "must be off, system or custom"),
     ({"tls": "custom"}, "BEGIN CERTIFICATE"),
     ({"tls": "custom", "ca_certificate":
       "-----BEGIN CERTIFICATE----- AAAA -----END CERTIFICATE-----"}, "cannot be read"),
     ({"service_token": "schlüssel-0123456789"}, "no visible ASCII"),
     ({"holysheep_api_key": "two words and more of them"}, "no visible ASCII")])
def test_bad_credentials_name_the_field(model, tools, credentials, said):
    call = failing(lambda: model.ask("Hallo", credentials=credentials))
    assert call.type == "InvokeAuthorizationError" and said in call.description
    for saving in (lambda: model.validate(credentials),
                   lambda: model.validate(credentials, model="qwen-next"),
                   lambda: tools.validate(credentials)):
        error = failing(saving)
        assert error.type == "CredentialsValidateFailedError" and said in error.message


def test_without_credentials_the_default_address_is_tried(model_plugin, tool_plugin):
    error = failing(lambda: Model(model_plugin, {}).validate())
    assert "holysheep-node:50051" in error.message
    error = failing(lambda: Tools(tool_plugin, {}).run("holysheep_llm", query="x", model=""))
    assert error.type == "InvokeConnectionError"


def test_the_failing_hop_is_named(model_plugin, start_node, sim):
    node = start_node(sim.url)
    model = Model(model_plugin, {"node_address": node.address})
    sim.control(keys=["0" * 64])
    assert "refuses the HolySheep API key" in failing(lambda: model.validate(SECRETS)).message
    assert "refuses the HolySheep API key" in failing(model.validate).message
    nowhere = start_node("http://127.0.0.1:1/v1")
    error = failing(Model(model_plugin, {"node_address": nowhere.address}).validate)
    assert "cannot reach its upstream" in error.message


def test_a_wrong_key_is_an_authorization_error(model, sim):
    sim.control(keys=["0" * 64])
    error = failing(lambda: model.ask("Hallo key", credentials=SECRETS))
    assert error.type == "InvokeAuthorizationError" and "UPSTREAM_AUTH" in error.description


@pytest.mark.parametrize("stream", [True, False])
def test_a_wrong_key_of_the_node_is_told_in_words_that_dify_shows(model, sim, stream):
    sim.control(keys=["0" * 64])
    error = failing(lambda: model.ask(f"Hallo {stream}", stream=stream))
    assert error.type == "InvokeServerUnavailableError"
    assert "UPSTREAM_AUTH" in error.description and "API key" in error.description


@pytest.mark.parametrize("credentials", [{"node_address": "nowhere"}, {"node_address": "127.0.0.1:1"},
                                         SECRETS], ids=["typing error", "unreachable", "wrong key"])
def test_what_dify_shows_of_wrong_credentials_is_a_sentence(model, tools, sim, credentials):
    sim.control(keys=["0" * 64])
    for plugin in (model, tools):
        error = failing(lambda: plugin.validate(credentials))
        shown = shown_error(error.raw)
        assert shown == error.message and shown.endswith(".")
        assert len(shown) < 400 and "\n" not in shown and "Error" not in shown
        # Of the causes nothing comes along.
        assert error.raw["args"]["traceback"].count("Traceback (most recent call last)") == 1
