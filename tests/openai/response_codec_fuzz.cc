// Any bytes as an answer of the upstream's, cut anywhere: nothing crashes, and
// the cuts change nothing. The first byte says how far apart the cuts are.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/response_codec.h"

namespace holysheep {
namespace {

// Without its payloads, whose order changes from one status to the next.
std::string Show(const absl::Status& status) {
  return absl::StrCat(static_cast<int>(status.code()), status.message());
}

// All that can be heard of the answer, in one string.
std::string Read(absl::string_view body, size_t piece_size) {
  std::string heard;
  const auto note = [&heard](const pb::InvokeEvent& event) {
    absl::StrAppend(&heard, event.SerializeAsString(), "\n");
  };
  AnswerReaderOptions options;
  options.max_response_bytes = 4096;
  std::mt19937_64 random{1};
  const auto reader = NewAnswerReader(options, random);
  while (!body.empty()) {
    const absl::Status status = reader->Feed(body.substr(0, piece_size), note);
    if (!status.ok()) return absl::StrCat(heard, Show(status));
    body.remove_prefix(std::min(piece_size, body.size()));
  }
  const auto response = reader->Finish(note);
  return absl::StrCat(heard, response.ok() ? response->SerializeAsString()
                                           : Show(response.status()));
}

}  // namespace
}  // namespace holysheep

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view body(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  const size_t piece_size = data[0] % 32 + 1;
  if (holysheep::Read(body, piece_size) != holysheep::Read(body, body.size())) {
    std::abort();
  }
  return 0;
}
