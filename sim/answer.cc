#include "sim/answer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace holysheep::sim {
namespace {

int CountWordsOf(const std::vector<std::string>& pieces) {
  return CountWords(absl::StrJoin(pieces, ""));
}

ToolCall ReadToolCall(ObjectReader reader, ObjectReader& parent) {
  ToolCall call;
  std::string arguments;
  reader.Read("id", call.id);
  reader.Read("name", call.name);
  reader.Read("arguments", arguments);
  reader.Read("fragments", call.fragments);
  if (call.fragments.empty()) call.fragments = {arguments};
  parent.Update(reader.Finish());
  return call;
}

void ReadUsage(ObjectReader& parent, Answer& answer) {
  const rapidjson::Value* value = parent.Take("usage");
  if (value == nullptr) return;
  if (value->IsNull()) {
    answer.omit_usage = true;
    return;
  }
  ObjectReader reader(*value, parent.PathOf("usage"));
  Usage usage;
  reader.Read("prompt_tokens", usage.prompt_tokens);
  reader.Read("completion_tokens", usage.completion_tokens);
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  reader.Read("total_tokens", usage.total_tokens);
  reader.Read("cached_tokens", usage.cached_tokens);
  reader.Read("reasoning_tokens", usage.reasoning_tokens);
  parent.Update(reader.Finish());
  answer.usage = usage;
}

std::vector<std::string> NumberedWords(int count) {
  std::vector<std::string> words;
  words.reserve(static_cast<std::size_t>(count));
  for (int i = 1; i <= count; ++i) {
    words.push_back(absl::StrCat(i == 1 ? "t" : " t", i));
  }
  return words;
}

}  // namespace

std::vector<std::string> SplitWords(absl::string_view text) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = begin;
    while (end < text.size() && absl::ascii_isspace(text[end])) ++end;
    while (end < text.size() && !absl::ascii_isspace(text[end])) ++end;
    words.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

Answer ReadAnswer(ObjectReader& reader) {
  Answer answer;
  std::string text;
  reader.Read("text", text);
  reader.Read("chunks", answer.chunks);
  if (answer.chunks.empty()) answer.chunks = SplitWords(text);
  reader.Read("reasoning", answer.reasoning);
  reader.Read("reasoning_field", answer.reasoning_field);
  reader.Read("refusal", answer.refusal);
  if (const rapidjson::Value* calls = reader.Take("tool_calls")) {
    if (!calls->IsArray()) reader.Fail("tool_calls", "must be a list");
    for (rapidjson::SizeType i = 0; calls->IsArray() && i < calls->Size();
         ++i) {
      answer.tool_calls.push_back(ReadToolCall(
          ObjectReader((*calls)[i],
                       reader.PathOf(absl::StrCat("tool_calls[", i, "]"))),
          reader));
    }
  }
  if (!answer.tool_calls.empty()) answer.finish_reason = "tool_calls";
  reader.Read("finish_reason", answer.finish_reason);
  reader.Read("model", answer.model);
  reader.Read("system_fingerprint", answer.system_fingerprint);
  reader.Read("cached_tokens", answer.cached_tokens);
  reader.Read("events", answer.events);
  ReadUsage(reader, answer);
  return answer;
}

Answer DefaultAnswer(const ChatQuestion& question, int tokens) {
  Answer answer;
  if (question.json_mode) {
    answer.chunks = {"{\"answer\":", "\"ok\"}"};
    return answer;
  }
  answer.chunks = tokens > 0
                      ? NumberedWords(tokens)
                      : SplitWords(absl::StrCat("You said: ", question.prompt));
  const auto most = static_cast<std::size_t>(question.max_tokens);
  if (question.max_tokens > 0 && answer.chunks.size() > most) {
    answer.chunks.resize(most);
    answer.finish_reason = "length";
  }
  return answer;
}

Usage UsageOf(const ChatQuestion& question, const Answer& answer) {
  if (answer.usage.has_value()) return *answer.usage;
  Usage usage;
  usage.prompt_tokens = question.prompt_tokens;
  usage.reasoning_tokens = CountWordsOf(answer.reasoning);
  usage.completion_tokens = CountWordsOf(answer.chunks) +
                            usage.reasoning_tokens + CountWords(answer.refusal);
  for (const ToolCall& call : answer.tool_calls) {
    usage.completion_tokens += 1 + CountWordsOf(call.fragments);
  }
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  usage.cached_tokens = answer.cached_tokens;
  return usage;
}

}  // namespace holysheep::sim
