#include "openai/request_echo.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// As much as ReadErrorWords reads.
constexpr size_t kMaxEchoBytes = 16'384;
// Shorter texts occur in any refusal.
constexpr size_t kLeastEcho = 8;
// Upstreams quote the last turns if anything.
constexpr int kMessages = 8;
// Upstreams repeat a request once or twice, not more.
constexpr int kRepeats = 4;

using Plainly = std::string (*)(absl::string_view);

void Remove(absl::string_view text, Plainly plain, std::string& search) {
  const std::string echo = plain(text.substr(0, kMaxEchoBytes));
  if (echo.size() < kLeastEcho) return;
  for (int i = 0; i < kRepeats; ++i) {
    const size_t at = search.find(echo.substr(0, kLeastEcho));
    if (at == std::string::npos) return;
    const absl::string_view found = absl::string_view(search).substr(at);
    const auto end =
        std::mismatch(found.begin(), found.end(), echo.begin(), echo.end());
    const auto length = static_cast<size_t>(end.first - found.begin());
    search = absl::StrCat(search.substr(0, at), " ", found.substr(length));
  }
}

}  // namespace

std::string WithoutEcho(absl::string_view search,
                        const pb::InvokeRequest& request, Plainly plain) {
  std::string rest(search);
  Remove(request.query(), plain, rest);
  Remove(request.system_prompt(), plain, rest);
  const int count = request.messages_size();
  for (int i = std::max(0, count - kMessages); i < count; ++i) {
    const pb::Message& message = request.messages(i);
    const int parts = std::min(message.parts_size(), kMessages);
    for (int part = 0; part < parts; ++part) {
      Remove(message.parts(part).text(), plain, rest);
    }
  }
  return rest;
}

}  // namespace holysheep
