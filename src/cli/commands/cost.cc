#include "cli/commands/cost.h"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/client/request_options.h"
#include "cli/terminal/table.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

bool HasCounts(const CostOptions& options) {
  return options.prompt_tokens || options.completion_tokens ||
         options.cached_prompt_tokens || options.cache_write_tokens;
}

// Counts are sent as they are; a text is sent as a whole request, so that the
// service estimates it as it would for a call.
absl::StatusOr<pb::EstimateCostRequest> MakeEstimate(const CostOptions& options,
                                                     const Console& console) {
  pb::EstimateCostRequest estimate;
  if (HasCounts(options)) {
    if (!options.words.empty()) {
      return absl::InvalidArgumentError(
          "give a text or token counts, not both");
    }
    estimate.set_model(options.model);
    estimate.set_prompt_tokens(options.prompt_tokens.value_or(0));
    estimate.set_completion_tokens(options.completion_tokens.value_or(0));
    if (const auto& count = options.cached_prompt_tokens) {
      estimate.set_cached_prompt_tokens(*count);
    }
    if (const auto& count = options.cache_write_tokens) {
      estimate.set_cache_write_tokens(*count);
    }
    return estimate;
  }
  absl::StatusOr<std::string> text = ReadQuestion(options.words, console);
  if (!text.ok()) return text.status();
  RequestOptions request;
  request.model = options.model;
  request.max_tokens = options.max_tokens;
  *estimate.mutable_request() = MakeRequest(request);
  estimate.mutable_request()->set_query(*std::move(text));
  return estimate;
}

}  // namespace

std::string CostTable(const pb::EstimateCostResponse& estimate) {
  const pb::Usage& tokens = estimate.tokens();
  const pb::Cost& cost = estimate.cost();
  const std::string percent = SavingPercent(cost.total(), cost.official());
  std::vector<std::pair<std::string, std::string>> fields = {
      {"prompt tokens", Grouped(tokens.prompt_tokens())}};
  if (tokens.cached_prompt_tokens() > 0) {
    fields.emplace_back("  cached", Grouped(tokens.cached_prompt_tokens()));
  }
  if (tokens.cache_write_tokens() > 0) {
    fields.emplace_back("  cache write", Grouped(tokens.cache_write_tokens()));
  }
  fields.insert(
      fields.end(),
      {{"completion tokens",
        absl::StrCat(Grouped(tokens.completion_tokens()),
                     estimate.estimated() ? " (at most)" : "")},
       {"cost", MoneyText(cost.total(), cost.currency())},
       {"official price", MoneyText(cost.official(), cost.currency())},
       {"saving", absl::StrCat(MoneyText(cost.saved(), cost.currency()),
                               percent.empty() ? "" : " (", percent,
                               percent.empty() ? "" : ")")}});
  return RenderFields(fields);
}

ExitCode RunCost(const Session& session, const CostOptions& options) {
  const auto request = MakeEstimate(options, session.console);
  if (!request.ok()) return RefuseInput(session, request.status().message());
  const auto estimate = session.node.EstimateCost(*request);
  if (!estimate.ok()) return Fail(session, estimate.status());
  session.console.out << (options.json ? ToJson(*estimate)
                                       : CostTable(*estimate))
                      << std::flush;
  return kExitOk;
}

}  // namespace holysheep::cli
