"""Dify's workflow engine, graphon, with its own nodes over our plugins' processes.

What stands between graphon and a plugin in Dify, its api and its plugin daemon, is
restated here and in dify_rules.py: an error comes by the name of its class, a tool is
told the app, and structured output is the answer's text.
"""

import importlib
import pathlib
import threading

from dify_rules import schema_parameter, shown_error, structured_output
from graphon.dsl import importer
from graphon.dsl.node_factory import (
    SlimDslNodeFactory,
    _PassthroughPromptMessageSerializer,
    _TextOnlyFileSaver,
    _UnsupportedToolFileManager,
)
from graphon.dsl.slim.config import SlimConfig, SlimLocalSettings, SlimProviderBinding
from graphon.dsl.slim.llm import _parse_llm_chunk, _serialize_prompt_messages
from graphon.dsl.slim.package_loader import SlimPackageLoader
from graphon.dsl.tool_runtime import SlimToolAction, SlimToolNodeRuntime
from graphon.engine.command import AbortCommand, InMemoryChannel
from graphon.engine.filter import (
    EngineEventFilterContext,
    ResponseStreamFilter,
    filter_engine_events,
)
from graphon.engine_events.graph import GraphRunFailedEvent
from graphon.enums import BuiltinNodeTypes
from graphon.file.runtime import use_workflow_file_runtime
from graphon.model_runtime.entities.llm_entities import (
    LLMResultChunkWithStructuredOutput,
)
from graphon.model_runtime.model_providers.base.large_language_model import (
    LargeLanguageModel,
)
from graphon.nodes.llm import LLMNode, LLMNodeData
from graphon.nodes.tool.entities import ToolNodeData
from graphon.nodes.tool.exc import ToolRuntimeInvocationError
from graphon.nodes.tool.tool_node import ToolNode
from support.plugin import PluginError
from support.tool import CHATFLOW_TOOL_NODE

import yaml

MODEL_PLUGIN = "holysheep-node/holysheep_model"
TOOL_PLUGIN = "holysheep-node/holysheep_tool"
_invoke_errors = importlib.import_module("graphon.model_runtime.errors.invoke")


class Runtime:
    """graphon's LLMModelRuntime: a plugin of models, by way of Dify's daemon and api."""

    def __init__(self, model):
        self._model = model

    def invoke_llm(self, *, model, model_parameters, prompt_messages, tools, stop, stream,
                   credentials, **_):
        chunks = self._model.stream(
            _serialize_prompt_messages(prompt_messages), model=model, stream=stream,
            credentials=credentials, parameters=model_parameters, stop=list(stop or ()),
            tools=[tool.model_dump() for tool in tools or ()])
        return self._parsed(model, prompt_messages, chunks)

    def _parsed(self, model, prompt_messages, chunks):
        try:
            for chunk in chunks:
                yield _parse_llm_chunk(model=model, prompt_messages=prompt_messages, chunk=chunk,
                                       expect_structured_output=False)
        except PluginError as error:
            raise by_name(error) from error


def by_name(error):
    """Of one of the classes that Dify knows, with what it shows of it."""
    kind = getattr(_invoke_errors, error.type, ValueError)
    return kind(shown_error(error.raw))


class PluginModel:
    """graphon's LLMProtocol: one model with the parameters of a node."""

    stop = None
    provider = f"{MODEL_PLUGIN}/holysheep"

    def __init__(self, dify, name, parameters):
        self.model_name, self.parameters = name, parameters
        self._dify = dify
        self._model = LargeLanguageModel(dify.provider, Runtime(dify.model))

    def get_model_schema(self):
        return self._dify.schema(self.model_name)

    def get_llm_num_tokens(self, prompt_messages):
        return self._dify.model.count(_serialize_prompt_messages(prompt_messages))

    def invoke_llm(self, *, prompt_messages, model_parameters, tools, stop, stream):
        return self._model.invoke(self.model_name, {}, list(prompt_messages),
                                  {**self.parameters, **model_parameters}, list(tools or ()),
                                  list(stop or ()), stream)

    def invoke_llm_with_structured_output(self, *, prompt_messages, json_schema,
                                          model_parameters, stop, stream):
        parameters = {**model_parameters,
                      "json_schema": schema_parameter(self.model_name, dict(json_schema))}
        text = ""
        for chunk in self.invoke_llm(prompt_messages=prompt_messages, tools=None, stop=stop,
                                     model_parameters=parameters, stream=stream):
            text += chunk.delta.message.content
            yield LLMResultChunkWithStructuredOutput(**dict(chunk), structured_output=None)
        yield LLMResultChunkWithStructuredOutput(
            **(dict(chunk) | {"delta": chunk.delta.model_copy(update={
                "message": chunk.delta.message.model_copy(update={"content": ""})})}),
            structured_output=structured_output(text))

    def is_structured_output_parse_error(self, error):
        return False


class Memory:
    """graphon's PromptMessageMemory: a conversation so far."""

    def __init__(self, messages):
        self._messages = messages

    def get_history_prompt_messages(self, max_token_limit=2000, message_limit=None):
        return self._messages[-message_limit:] if message_limit else self._messages


class Factory(SlimDslNodeFactory):
    """graphon's own, but for what the nodes of models and tools run on."""

    dify = None

    def _resolve_slim_llm_settings(self, *, node_id, data, node_type_label):
        """Without Dify graphon looks for a plugin that is called as its provider."""
        return dict(data), "holysheep", MODEL_PLUGIN, {}

    def _llm(self, request):
        data = LLMNodeData.model_validate(request.data_payload)
        return LLMNode(request.node_id, data, init_params=self.init_params,
                       runtime_state=self.runtime_state,
                       model_instance=PluginModel(self.dify, data.model.name,
                                                  data.model.completion_params),
                       memory=self.dify.memory if data.memory else None,
                       llm_file_saver=_TextOnlyFileSaver(),
                       prompt_message_serializer=_PassthroughPromptMessageSerializer(),
                       default_query_selector=("sys", "query"))

    def _tool(self, request):
        data = ToolNodeData.model_validate(request.data_payload)
        plugin_id, provider, _ = self._resolve_tool_runtime_settings(data)
        runtime = SlimToolNodeRuntime(
            config=self.slim_client_config, plugin_id=plugin_id, provider=provider,
            provider_id=data.provider_id, tool_name=data.tool_name,
            credentials={}, action_invoker=self.dify.invoke_tool)
        return ToolNode(request.node_id, data, init_params=self.init_params,
                        runtime_state=self.runtime_state,
                        tool_file_manager=_UnsupportedToolFileManager(), runtime=runtime)

    NODE_BUILDERS = {**SlimDslNodeFactory.NODE_BUILDERS, BuiltinNodeTypes.LLM: _llm,
                     BuiltinNodeTypes.TOOL: _tool}


class Files:
    """Dify's store of uploaded files, which sends them to models as base64."""

    multimodal_send_format = "base64"

    def __init__(self, content):
        self._content = content

    def load_file_bytes(self, *, file):
        return self._content

    def resolve_file_url(self, *, file, for_external=True):
        return "http://dify.invalid/files/1"


class Run:
    """A workflow under way: iterate it for its events."""

    def __init__(self, engine, channel):
        self._engine, self._channel = engine, channel
        self.events = []

    def __iter__(self):
        """As Dify reads them: of the text, what the Answer nodes show."""
        shown = filter_engine_events(
            self._events(), filters=[ResponseStreamFilter()],
            context=EngineEventFilterContext.from_engine(self._engine))
        for event in shown:
            self.events.append(event)
            yield event

    def _events(self):
        failed = False
        try:
            for event in self._engine.run():
                failed = isinstance(event, GraphRunFailedEvent)
                yield event
        except Exception:
            # The engine raises what it has said.
            if not failed:
                raise

    def stop(self):
        """What the button does."""
        self._channel.send_command(AbortCommand(reason="User requested stop"))

    def to_end(self):
        for _ in self:
            pass
        return self

    def of(self, kind):
        return [event for event in self.events if type(event).__name__ == kind]

    @property
    def outcome(self):
        """GraphRunSucceededEvent, GraphRunFailedEvent, GraphRunAbortedEvent."""
        return type(self.events[-1]).__name__

    @property
    def error(self):
        return self.events[-1].error

    @property
    def streamed(self):
        """What the user watched appear."""
        return [event.chunk for event in self.of("NodeRunStreamChunkEvent") if event.chunk]

    def outputs(self, node):
        """Of the last run of a node."""
        ended = [event for event in self.of("NodeRunSucceededEvent") if event.node_id == node]
        return ended[-1].node_run_result.outputs


class Dify:
    """What runs the workflows; `model` and `tools` say by which credentials."""

    def __init__(self, model, tools, model_folder, tool_folder):
        self.model, self.tools, self.memory = model, tools, None
        self._tool_folder = tool_folder
        self._loader = SlimPackageLoader(SlimConfig(
            bindings=[SlimProviderBinding(MODEL_PLUGIN, "holysheep", model_folder)],
            local=SlimLocalSettings(folder=model_folder.parent)))
        [binding] = self._loader._config.bindings
        self.provider = self._loader.load(binding).provider_entity
        self.models = {}
        for file in (model_folder / "models/llm").glob("*.yaml"):
            if file.name != "_position.yaml":
                raw = yaml.safe_load(file.read_text(encoding="utf-8"))
                self.models[raw["model"]] = self._loader.convert_model_entity(
                    raw | {"fetch_from": "predefined-model"})
        self._lock = threading.Lock()

    def schema(self, name):
        """As it stands in the package, else as the plugin says."""
        known = self.models.get(name)
        return known or self._loader.convert_model_entity(self.model.schema(name))

    def invoke_tool(self, plugin_id, action, data):
        if action == SlimToolAction.GET_TOOL_RUNTIME_PARAMETERS:
            file = pathlib.Path(self._tool_folder, "tools", f"{data['tool']}.yaml")
            yield {"parameters": yaml.safe_load(file.read_text(encoding="utf-8"))["parameters"]}
            return
        try:
            yield from self.tools.stream(data["tool"], ids=CHATFLOW_TOOL_NODE,
                                         **data["tool_parameters"])
        except PluginError as error:
            raise ToolRuntimeInvocationError(shown_error(error.raw)) from error

    def start(self, *nodes, inputs=None, file=None):
        """Runs the nodes one after the other, as a chatflow; `inputs` has its query."""
        channel = InMemoryChannel()
        dsl = yaml.safe_dump(app(nodes), allow_unicode=True)
        with self._lock, use_workflow_file_runtime(Files(file or b"")):
            mine = type("Factory", (Factory,), {"dify": self})
            importer.SlimDslNodeFactory = mine
            try:
                engine = importer.loads(dsl, start_inputs=inputs or {}, command_channel=channel)
            finally:
                importer.SlimDslNodeFactory = SlimDslNodeFactory
        return Run(engine, channel)

    def run(self, *nodes, **options):
        return self.start(*nodes, **options).to_end()


def app(nodes):
    """An app as Dify exports it."""
    chain = [node("start", "start", variables=[]), *(n for n in nodes if "parentId" not in n)]
    edges = [edge(a["id"], b["id"]) for a, b in zip(chain, chain[1:], strict=False)]
    for inner in (n for n in nodes if "after" in n):
        edges.append(edge(inner.pop("after"), inner["id"]))
    return {"kind": "app", "version": "0.6.0", "app": {"name": "Sheep", "mode": "advanced-chat"},
            "dependencies": [{"type": "package", "value": {
                "plugin_unique_identifier": f"{plugin}:1.0.0@{'0' * 64}"}}
                for plugin in (MODEL_PLUGIN, TOOL_PLUGIN)],
            "workflow": {"graph": {"nodes": chain + [n for n in nodes if "parentId" in n],
                                   "edges": edges}}}


def edge(source, target):
    return {"id": f"{source}-{target}", "source": source, "target": target,
            "sourceHandle": "source", "targetHandle": "target", "type": "custom"}


def node(name, kind, **data):
    return {"id": name, "type": "custom", "data": {"type": kind, "title": name, **data}}


def llm(name="llm", prompt="{{#sys.query#}}", model="gpt-4.1", parameters=None, **data):
    return node(name, "llm", **{
        "model": {"provider": PluginModel.provider, "name": model, "mode": "chat",
                  "completion_params": parameters or {}},
        "prompt_template": [{"role": "user", "text": prompt, "id": "1"}],
        "context": {"enabled": False, "variable_selector": []},
        "vision": {"enabled": False}, **data})


def tool(name, tool_name, configurations=None, **parameters):
    return node(name, "tool", provider_id=f"{TOOL_PLUGIN}/holysheep", provider_type="builtin",
                provider_name=f"{TOOL_PLUGIN}/holysheep", tool_name=tool_name, tool_label=tool_name,
                tool_node_version="2", tool_configurations=configurations or {},
                tool_parameters={key: {"type": "mixed", "value": value}
                                 for key, value in parameters.items()})


def answer(text, name="answer"):
    return node(name, "answer", answer=text, variables=[])


def iteration(name, over, inner, output, parallel=1):
    """`inner` runs once for each entry of the list `over`."""
    inside = {"isInIteration": True, "iteration_id": name}
    first = f"{name}start"
    inner = inner | {"parentId": name, "after": first, "data": inner["data"] | inside}
    return [node(name, "iteration", start_node_id=first, iterator_selector=over,
                 output_selector=[inner["id"], output], is_parallel=parallel > 1,
                 parallel_nums=parallel),
            node(first, "iteration-start", **inside) | {"parentId": name}, inner]
