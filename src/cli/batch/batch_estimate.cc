#include "cli/batch/batch_estimate.h"

#include <ostream>

#include "absl/strings/str_cat.h"
#include "cli/batch/batch_progress.h"
#include "cli/client/call_error.h"
#include "cli/terminal/table.h"
#include "cli/terminal/text.h"
#include "policy/money.h"

namespace holysheep::cli {
namespace {

struct Estimate {
  int64_t items = 0;
  int64_t refused = 0;
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
  Money cost;
  Money official;
  Money saved;
  std::string currency = "USD";

  void Add(const pb::EstimateCostResponse& response) {
    prompt_tokens += response.tokens().prompt_tokens();
    completion_tokens += response.tokens().completion_tokens();
    cost += AmountOf(response.cost().total());
    official += AmountOf(response.cost().official());
    saved += AmountOf(response.cost().saved());
    if (!response.cost().currency().empty()) {
      currency = response.cost().currency();
    }
  }
};

std::string EstimateTable(const Estimate& estimate) {
  return RenderFields(
      {{"items", Grouped(estimate.items)},
       {"prompt tokens", Grouped(estimate.prompt_tokens)},
       {"completion tokens",
        absl::StrCat(Grouped(estimate.completion_tokens), " (at most)")},
       {"cost", MoneyText(estimate.cost.ToString(), estimate.currency)},
       {"official price",
        MoneyText(estimate.official.ToString(), estimate.currency)},
       {"saving", MoneyText(estimate.saved.ToString(), estimate.currency)}});
}

}  // namespace

// One call after the other: estimates are cheap, and the order of warnings
// stays that of the file.
ExitCode EstimateBatch(const Session& session, RemainingItems& items) {
  Estimate estimate;
  pb::BatchItem item;
  int64_t index = 0;
  while (items.Next(item, index)) {
    pb::EstimateCostRequest request;
    *request.mutable_request() = std::move(*item.mutable_request());
    const auto response = session.node.EstimateCost(request);
    ++estimate.items;
    if (response.ok()) {
      estimate.Add(*response);
      continue;
    }
    // An item that the service refuses says nothing about the others.
    if (!absl::IsInvalidArgument(response.status())) {
      return Fail(session, response.status());
    }
    if (++estimate.refused == 1) {
      Warn(session, absl::StrCat("item `", item.id(), "` will fail: ",
                                 ErrorLine(response.status(),
                                           session.settings.address)));
    }
  }
  session.console.out << EstimateTable(estimate) << std::flush;
  if (estimate.refused == 0) return kExitOk;
  Warn(session, absl::StrCat(Grouped(estimate.refused), " items will fail"));
  return kExitFailed;
}

}  // namespace holysheep::cli
