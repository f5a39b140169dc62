#pragma once

#include <memory>

#include "chat/backend.h"
#include "chat/charge_sink.h"

namespace holysheep {

// Prices every attempt of `next` by the tokens it used: sets the `cost` of an
// answer, and passes the charge to `sink`. An attempt that ends without an
// answer, because it failed or its caller left, is charged an estimate for its
// prompt and for what it had said (see UnreportedUse). On the loop only. `sink`
// must outlive the layer. Prices are those of the catalog that the request
// carries.
std::unique_ptr<ChatBackend> BillingLayer(ChargeSink& sink,
                                          std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
