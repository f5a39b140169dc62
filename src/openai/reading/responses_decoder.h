#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "json/json_dom.h"
#include "openai/reading/chunk_builder.h"

namespace holysheep {

// Reads the Responses API, which some upstreams answer with on
// /chat/completions, by translating it: each event, or a whole response,
// becomes the chunk of a chat completion that says the same. Not thread-safe.
// One object per answer, made with its first event.
class ResponsesDecoder {
 public:
  // Whether `value`, from an event called `name`, belongs to the Responses API.
  // Errors do not: they have the same form everywhere.
  static bool Understands(absl::string_view name, const JsonValue& value);

  // Returns a chat.completion.chunk with what the event adds to the answer;
  // null if that is nothing, or if the event is not known. REQUIRES:
  // Understands. The chunk is valid until the next call, and as long as
  // `value`.
  const JsonValue* Translate(absl::string_view name, const JsonValue& value);

  // Whether the response is over, for better or worse.
  bool ended() const { return ended_; }

 private:
  // How many bytes of a text have been said: of the present part and item, and
  // in all. Several events repeat what has been said.
  struct Heard {
    size_t part = 0;
    size_t item = 0;
    size_t all = 0;
  };
  // A text of the answer: the member of a delta that says it, and what was
  // heard of it.
  struct Voice {
    std::string ChunkBuilder::*field;
    const char* gap;  // between its parts
    Heard heard = {};
  };
  struct Call {
    std::string item_id;
    std::string call_id;
    std::optional<int64_t> output_index;
    bool is_named = false;
    size_t said = 0;
  };
  using Texts = std::vector<absl::string_view>;

  void TakeText(absl::string_view kind, bool is_done, const JsonValue& event);
  void TakeItem(const JsonValue& item, std::optional<int64_t> index);
  void TakeCall(const JsonValue& item, absl::string_view item_id,
                std::optional<int64_t> index);
  void TakeResponse(absl::string_view type, const JsonValue& response);
  void TakeEnd(absl::string_view status, const JsonValue& response);
  // Says what `texts` have beyond what was heard of them.
  void SayRest(Voice& voice, const Texts& texts, size_t Heard::*level);
  void Say(Voice& voice, absl::string_view text);
  // Adds the texts of an item, and keeps its other parts unless they came
  // before.
  void ReadMessage(const JsonValue& item, Texts& text, Texts& refusal);
  void ReadReasoning(const JsonValue& item, Texts& reasoning);
  size_t FindCall(absl::string_view item_id, absl::string_view call_id,
                  std::optional<int64_t> index);

  ChunkBuilder chunk_;
  Voice text_{&ChunkBuilder::text, ""};
  Voice reasoning_{&ChunkBuilder::reasoning, "\n\n"};
  Voice refusal_{&ChunkBuilder::refusal, ""};
  std::vector<Call> calls_;
  // Whether whole items have come before the response is over.
  bool had_items_ = false;
  bool ended_ = false;
};

}  // namespace holysheep
