#include "chat/empty_answer.h"

#include <algorithm>

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// The text is the mark: it survives the cache and the wire.
constexpr char kWarning[] =
    "the upstream ended the answer properly but said nothing in it";

}  // namespace

void MarkEmpty(pb::InvokeResponse& response) {
  response.add_warnings(kWarning);
}

bool SaysNothing(const pb::InvokeResponse& response) {
  return std::any_of(
      response.warnings().begin(), response.warnings().end(),
      [](const std::string& warning) { return warning == kWarning; });
}

}  // namespace holysheep
