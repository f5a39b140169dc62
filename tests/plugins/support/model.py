"""The model plugin, as Dify's LLM node uses it."""

import json
from decimal import Decimal

SECRETS = {"service_token": "token-0123456789abcdef", "holysheep_api_key": "hs-own-0123456789abcdef"}


class Answer:
    """The chunks of a call, put together as Dify does."""

    def __init__(self, chunks):
        self.chunks = list(chunks)
        deltas = [chunk["delta"] for chunk in self.chunks]
        self.texts = [d["message"]["content"] for d in deltas if d["message"]["content"]]
        self.text = "".join(self.texts)
        self.tool_calls = [call for d in deltas for call in d["message"]["tool_calls"]]
        self.opaque = next((d["message"]["opaque_body"] for d in deltas
                            if d["message"].get("opaque_body")), None)
        # Dify takes the first of each.
        self.usage = next(d["usage"] for d in deltas if d["usage"])
        self.finish_reason = next(d["finish_reason"] for d in deltas if d["finish_reason"])
        self.price = Decimal(str(self.usage["total_price"]))


class Model:
    def __init__(self, plugin, credentials):
        self.plugin = plugin
        self.credentials = credentials

    def stream(self, prompt, model="deepseek-v3.2", **options):
        """The chunks, one by one. `prompt` is text, or a list of messages."""
        messages = [user(prompt)] if isinstance(prompt, str) else prompt
        credentials = self.credentials | options.pop("credentials", {})
        data = {"model_parameters": options.pop("parameters", {}),
                "tools": options.pop("tools", []), "stop": options.pop("stop", []),
                "stream": options.pop("stream", True)}
        return self.plugin.request("model", "invoke_llm", provider="holysheep",
                                   model_type="llm", model=model, prompt_messages=messages,
                                   credentials=credentials, **data, **options)

    def ask(self, prompt, **options):
        return Answer(self.stream(prompt, **options))

    def validate(self, credentials=None, model=None):
        """Saves the credentials; of a customizable model if one is named."""
        action = "validate_model_credentials" if model else "validate_provider_credentials"
        extra = {"model": model, "model_type": "llm"} if model else {}
        return list(self.plugin.request("model", action, provider="holysheep",
                                        credentials=self.credentials | (credentials or {}), **extra))

    def schema(self, model):
        [answer] = self.plugin.request("model", "get_ai_model_schemas", provider="holysheep",
                                       model_type="llm", model=model,
                                       credentials=self.credentials)
        return answer["model_schema"]

    def count(self, messages):
        [answer] = self.plugin.request("model", "get_llm_num_tokens", provider="holysheep",
                                       model_type="llm", model="gpt-4.1",
                                       credentials=self.credentials, prompt_messages=messages,
                                       tools=[])
        return answer["num_tokens"]


def user(content):
    return {"role": "user", "content": content}


def tool(name, **properties):
    return {"name": name, "description": f"Does {name}.",
            "parameters": {"type": "object", "properties": properties}}


def image(**members):
    return {"type": "image", "format": "png", "mime_type": "image/png"} | members


def schema_text(wrapped):
    schema = {"type": "object", "properties": {"answer": {"type": "string"}},
              "required": ["answer"]}
    return json.dumps({"name": "llm_response", "schema": schema} if wrapped else schema)
