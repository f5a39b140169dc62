#include "sim/openai_reply.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "sim/json_reader.h"

namespace holysheep::sim {
namespace {

constexpr int kCreated = 1'750'000'000;
constexpr absl::string_view kModels[] = {
    "deepseek-v3.2", "gpt-4.1", "claude-sonnet-4.5", "gemini-2.5-flash"};

// FNV-1a: the same in every run, unlike std::hash.
std::uint64_t Hash(absl::string_view text, std::uint64_t hash) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

std::string IdOf(const ChatQuestion& question, const Answer& answer) {
  std::uint64_t hash = Hash(question.prompt, 0xcbf29ce484222325);
  for (const std::string& chunk : answer.chunks) hash = Hash(chunk, hash);
  return absl::StrCat("chatcmpl-", absl::Hex(hash, absl::kZeroPad16));
}

// The members that all objects of an answer begin with.
std::string Envelope(absl::string_view object, const ChatQuestion& question,
                     const Answer& answer) {
  return absl::StrCat(
      "{\"id\":\"", IdOf(question, answer), "\",\"object\":\"", object,
      "\",\"created\":", kCreated, ",\"model\":",
      JsonQuote(answer.model.empty() ? question.model : answer.model),
      ",\"system_fingerprint\":", JsonQuote(answer.system_fingerprint));
}

std::string RenderUsage(const ChatQuestion& question, const Answer& answer) {
  const Usage usage = UsageOf(question, answer);
  return absl::StrCat(
      "{\"prompt_tokens\":", usage.prompt_tokens,
      ",\"completion_tokens\":", usage.completion_tokens,
      ",\"total_tokens\":", usage.total_tokens,
      ",\"prompt_tokens_details\":{\"cached_tokens\":", usage.cached_tokens,
      "},\"completion_tokens_details\":{\"reasoning_tokens\":",
      usage.reasoning_tokens, "}}");
}

std::string FinishReason(const Answer& answer) {
  return answer.finish_reason.empty() ? "null"
                                      : JsonQuote(answer.finish_reason);
}

std::string Member(absl::string_view name, absl::string_view text) {
  return absl::StrCat("{", JsonQuote(name), ":", JsonQuote(text), "}");
}

// The deltas of one tool call: the first has its id and name.
void AppendToolCall(const ToolCall& call, std::size_t index,
                    std::vector<std::string>& deltas) {
  for (std::size_t i = 0; i < call.fragments.size(); ++i) {
    const std::string arguments = JsonQuote(call.fragments[i]);
    deltas.push_back(absl::StrCat(
        "{\"tool_calls\":[{\"index\":", index, ",",
        i > 0 ? ""
              : absl::StrCat("\"id\":", JsonQuote(call.id),
                             ",\"type\":\"function\","),
        "\"function\":{",
        i > 0 ? "" : absl::StrCat("\"name\":", JsonQuote(call.name), ","),
        "\"arguments\":", arguments, "}}]}"));
  }
}

std::vector<std::string> Deltas(const Answer& answer) {
  std::vector<std::string> deltas;
  deltas.reserve(answer.chunks.size() + answer.reasoning.size());
  for (const std::string& text : answer.reasoning) {
    deltas.push_back(Member(answer.reasoning_field, text));
  }
  for (const std::string& text : answer.chunks) {
    deltas.push_back(Member("content", text));
  }
  if (!answer.refusal.empty()) {
    deltas.push_back(Member("refusal", answer.refusal));
  }
  for (std::size_t i = 0; i < answer.tool_calls.size(); ++i) {
    AppendToolCall(answer.tool_calls[i], i, deltas);
  }
  return deltas;
}

std::string RenderToolCalls(const Answer& answer) {
  const auto render = [](std::string* out, const ToolCall& call) {
    absl::StrAppend(
        out, "{\"id\":", JsonQuote(call.id),
        ",\"type\":\"function\",\"function\":{\"name\":", JsonQuote(call.name),
        ",\"arguments\":", JsonQuote(absl::StrJoin(call.fragments, "")), "}}");
  };
  return absl::StrCat("[", absl::StrJoin(answer.tool_calls, ",", render), "]");
}

std::string RenderMessage(const Answer& answer) {
  std::string message = absl::StrCat(
      "{\"role\":\"assistant\",\"content\":",
      answer.chunks.empty() ? "null"
                            : JsonQuote(absl::StrJoin(answer.chunks, "")));
  if (!answer.reasoning.empty()) {
    absl::StrAppend(&message, ",", JsonQuote(answer.reasoning_field), ":",
                    JsonQuote(absl::StrJoin(answer.reasoning, "")));
  }
  absl::StrAppend(&message, ",\"refusal\":",
                  answer.refusal.empty() ? "null" : JsonQuote(answer.refusal));
  if (!answer.tool_calls.empty()) {
    absl::StrAppend(&message, ",\"tool_calls\":", RenderToolCalls(answer));
  }
  return message + "}";
}

}  // namespace

std::vector<StreamEvent> RenderStream(const ChatQuestion& question,
                                      const Answer& answer) {
  const std::string envelope =
      Envelope("chat.completion.chunk", question, answer);
  const auto chunk = [&envelope](absl::string_view delta,
                                 absl::string_view finish_reason) {
    return absl::StrCat(envelope,
                        ",\"choices\":[{\"index\":0,\"delta\":", delta,
                        ",\"finish_reason\":", finish_reason, "}]}");
  };
  std::vector<StreamEvent> events;
  for (const std::string& data : answer.events) {
    events.push_back({EventKind::kToken, data, {}});
  }
  if (!events.empty()) return events;
  events.push_back({EventKind::kRole,
                    chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
                    {}});
  for (const std::string& delta : Deltas(answer)) {
    events.push_back({EventKind::kToken, chunk(delta, "null"), {}});
  }
  events.push_back({EventKind::kFinish, chunk("{}", FinishReason(answer)), {}});
  if (question.include_usage && !answer.omit_usage) {
    events.push_back({EventKind::kUsage,
                      absl::StrCat(envelope, ",\"choices\":[],\"usage\":",
                                   RenderUsage(question, answer), "}"),
                      {}});
  }
  events.push_back({EventKind::kDone, "[DONE]", {}});
  return events;
}

std::string RenderCompletion(const ChatQuestion& question,
                             const Answer& answer) {
  std::string text = absl::StrCat(
      Envelope("chat.completion", question, answer),
      ",\"choices\":[{\"index\":0,\"message\":", RenderMessage(answer),
      ",\"logprobs\":null,\"finish_reason\":", FinishReason(answer), "}]");
  if (!answer.omit_usage) {
    absl::StrAppend(&text, ",\"usage\":", RenderUsage(question, answer));
  }
  return text + "}";
}

std::string RenderError(const ApiError& error) {
  return absl::StrCat("{\"error\":{\"message\":", JsonQuote(error.message),
                      ",\"type\":", JsonQuote(error.type),
                      ",\"param\":null,\"code\":", JsonQuote(error.code), "}}");
}

std::string RenderModels() {
  const auto render = [](std::string* out, absl::string_view id) {
    absl::StrAppend(out, "{\"id\":", JsonQuote(id),
                    ",\"object\":\"model\",\"created\":", kCreated,
                    ",\"owned_by\":\"holysheep-sim\"}");
  };
  return absl::StrCat("{\"object\":\"list\",\"data\":[",
                      absl::StrJoin(kModels, ",", render), "]}");
}

}  // namespace holysheep::sim
