#include "chat/routing_note.h"

#include "absl/strings/str_cat.h"
#include "chat/cost.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"
#include "policy/price_list.h"

namespace holysheep {
namespace {

// The note would be wrong for an answer of a fallback model, so it is left out.
// With the default model, since that is what a caller without `auto` would have
// had.
std::string Comparison(const ChatRequest& request,
                       const pb::InvokeResponse& response) {
  const Catalog& catalog = *request.catalog;
  const std::string& other = catalog.default_model();
  if (request.model() == other) return ", which is the default model";
  if (response.fallback_used()) return "";
  const TokenCounts tokens = CountsOf(response.usage());
  const Money here = PriceTokens(request.target->model, tokens).total;
  const Money there =
      PriceTokens(catalog.TargetFor(other)->model, tokens).total;
  const bool dearer = there < here;
  const Money difference = dearer ? here - there : there - here;
  return absl::StrCat("; these tokens cost ", here.ToString(), " USD, ",
                      difference.ToString(), " USD ", dearer ? "more" : "less",
                      " than with the default model ", other);
}

}  // namespace

void NoteRouting(const ChatRequest& request, pb::InvokeResponse& response) {
  if (request.routing.empty()) return;
  response.set_routing(absl::StrCat(request.model(), ": ", request.routing,
                                    Comparison(request, response)));
}

}  // namespace holysheep
