#include "openai/reading/chunk_builder.h"

#include <utility>

namespace holysheep {

// The values live in `memory_`, which is cleared only after they have been
// replaced. Texts are views into members that do not change before Clear.

void ChunkBuilder::Clear() {
  text.clear();
  reasoning.clear();
  refusal.clear();
  finish_word.clear();
  answer_.SetObject();
  choice_.SetObject();
  delta_.SetObject();
  memory_.Clear();
}

JsonValue ChunkBuilder::Text(absl::string_view value) {
  return JsonValue(
      rapidjson::StringRef(value.data() == nullptr ? "" : value.data(),
                           static_cast<rapidjson::SizeType>(value.size())));
}

void ChunkBuilder::AddTo(JsonValue& object, absl::string_view name,
                         JsonValue value) {
  object.AddMember(Text(name), std::move(value), memory_);
}

void ChunkBuilder::AddToAnswer(absl::string_view name, const JsonValue* value) {
  if (value != nullptr) AddTo(answer_, name, JsonValue(*value, memory_));
}

void ChunkBuilder::AddToChoice(absl::string_view name, const JsonValue* value) {
  if (value != nullptr) AddTo(choice_, name, JsonValue(*value, memory_));
}

void ChunkBuilder::AddElement(absl::string_view array,
                              const JsonValue& element) {
  if (!delta_.HasMember(Text(array))) {
    AddTo(delta_, array, JsonValue(rapidjson::kArrayType));
  }
  delta_.FindMember(Text(array))
      ->value.PushBack(JsonValue(element, memory_), memory_);
}

void ChunkBuilder::AddCall(size_t index, absl::string_view id,
                           absl::string_view name, const JsonValue* arguments) {
  JsonValue function(rapidjson::kObjectType);
  if (!name.empty()) AddTo(function, "name", Text(name));
  if (arguments != nullptr) {
    AddTo(function, "arguments", JsonValue(*arguments, memory_));
  }
  JsonValue call(rapidjson::kObjectType);
  AddTo(call, "index", JsonValue(static_cast<uint64_t>(index)));
  if (!id.empty()) AddTo(call, "id", Text(id));
  AddTo(call, "function", std::move(function));
  AddElement("tool_calls", call);
}

void ChunkBuilder::AddArguments(size_t index, absl::string_view fragment) {
  const JsonValue arguments = Text(fragment);
  AddCall(index, "", "", &arguments);
}

void ChunkBuilder::AddLogprobs(const JsonValue& list) {
  JsonValue logprobs(rapidjson::kObjectType);
  AddTo(logprobs, "content", JsonValue(list, memory_));
  AddTo(choice_, "logprobs", std::move(logprobs));
}

const JsonValue* ChunkBuilder::Build(bool ends) {
  if (!text.empty()) AddTo(delta_, "content", Text(text));
  if (!reasoning.empty()) AddTo(delta_, "reasoning", Text(reasoning));
  if (!refusal.empty()) AddTo(delta_, "refusal", Text(refusal));
  if (!finish_word.empty()) AddTo(choice_, "finish_reason", Text(finish_word));
  const bool has_choice =
      ends || !delta_.ObjectEmpty() || !choice_.ObjectEmpty();
  if (!has_choice && answer_.ObjectEmpty()) return nullptr;
  JsonValue choices(rapidjson::kArrayType);
  if (has_choice) {
    AddTo(choice_, "delta", std::move(delta_));
    choices.PushBack(choice_, memory_);
  }
  AddTo(answer_, "choices", std::move(choices));
  return &answer_;
}

}  // namespace holysheep
