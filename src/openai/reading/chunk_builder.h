#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "json/json_dom.h"
#include "rapidjson/document.h"

namespace holysheep {

// Builds the chunk of a chat completion. Not thread-safe. Values that are added
// must outlive the chunk. Internal to ResponsesDecoder.
class ChunkBuilder {
 public:
  // The texts of the delta.
  std::string text;
  std::string reasoning;
  std::string refusal;
  // The finish reason; empty for none.
  std::string finish_word;

  // Begins another chunk. Invalidates the one before.
  void Clear();

  // Adds a member of the chunk, of its choice, or an element to an array of the
  // delta; null adds nothing.
  void AddToAnswer(absl::string_view name, const JsonValue* value);
  void AddToChoice(absl::string_view name, const JsonValue* value);
  void AddElement(absl::string_view array, const JsonValue& element);
  // Adds a fragment of the tool call `index`, whose `arguments` are a text or
  // an object, or null.
  void AddCall(size_t index, absl::string_view id, absl::string_view name,
               const JsonValue* arguments);
  void AddArguments(size_t index, absl::string_view fragment);
  // Adds `{"content": list}` as the choice's probabilities.
  void AddLogprobs(const JsonValue& list);

  // Returns the chunk; null if nothing has been added. With `ends`, it has a
  // choice even if that says nothing.
  const JsonValue* Build(bool ends);

 private:
  JsonValue Text(absl::string_view value);
  void AddTo(JsonValue& object, absl::string_view name, JsonValue value);

  // Holds the values of one chunk.
  rapidjson::MemoryPoolAllocator<> memory_;
  JsonValue answer_{rapidjson::kObjectType};
  JsonValue choice_{rapidjson::kObjectType};
  JsonValue delta_{rapidjson::kObjectType};
};

}  // namespace holysheep
