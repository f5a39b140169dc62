#include "rpc/anonymous_streams.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace holysheep {
namespace {

// A second suffices: places become free as clients leave.
absl::Status Full(absl::string_view whose, int most) {
  ErrorDetails details;
  details.retry_after = absl::Seconds(1);
  return MakeError(Reason::kQueueFull,
                   absl::StrCat(whose, " has ", most,
                                " streams of health or reflection open, and "
                                "no more are taken"),
                   details);
}

// Returns an empty text where clients cannot be distinguished.
std::string KeyOf(absl::string_view connection) {
  return absl::StartsWith(connection, "ipv") ? std::string(connection) : "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<const StrangerStreams::Place>>
StrangerStreams::Take(absl::string_view connection) {
  std::string key = KeyOf(connection);
  const std::lock_guard lock(mutex_);
  if (all_ >= kMaxOfAll) return Full("the service", kMaxOfAll);
  if (!key.empty()) {
    int& count = of_connection_[key];
    if (count >= kMaxOfConnection) {
      return Full("this connection", kMaxOfConnection);
    }
    ++count;
  }
  ++all_;
  return std::make_unique<const Place>(shared_from_this(), std::move(key));
}

void StrangerStreams::Leave(const std::string& connection) {
  const std::lock_guard lock(mutex_);
  --all_;
  if (connection.empty()) return;
  const auto found = of_connection_.find(connection);
  if (--found->second == 0) of_connection_.erase(found);
}

}  // namespace holysheep
