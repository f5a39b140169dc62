#include "cli/bench/prompt_plan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace holysheep::cli {
namespace {

// Repeats are of recent prompts, which a cache of default size (1,000 entries)
// still holds.
constexpr std::int64_t kRecent = 500;

}  // namespace

PromptPlan::PromptPlan(PromptOptions options)
    : options_(std::move(options)), random_(options_.seed) {}

std::string PromptPlan::Describe() const {
  if (options_.unique) return "all different, past the cache";
  if (options_.repeat < 0) return "all the same";
  return absl::StrFormat("%.1f %% repeat an earlier one",
                         options_.repeat * 100);
}

// The first prompt is always new. A repeat may be of the prompt just issued,
// whose call may still be running: then it joins that.
std::int64_t PromptPlan::NextIndex() {
  std::uniform_real_distribution<double> share(0, 1);
  const bool repeats = !options_.unique && issued_ > 0 && options_.repeat > 0 &&
                       share(random_) < options_.repeat;
  if (!repeats) return issued_++;
  std::uniform_int_distribution<std::int64_t> recent(
      1, std::min(issued_, kRecent));
  return issued_ - recent(random_);
}

void PromptPlan::Next(pb::InvokeRequest& request) {
  if (!options_.unique && options_.repeat < 0) {
    request.set_query(options_.prompt);
    return;
  }
  request.set_query(
      absl::StrCat(options_.prompt, " #", options_.run, "-", NextIndex()));
  if (options_.unique) {
    request.mutable_cache()->set_mode(pb::CacheControl::BYPASS);
  }
}

}  // namespace holysheep::cli
