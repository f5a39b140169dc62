#pragma once

#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

// The catalog as a table; `*` marks the default model. Prices are per million
// tokens, `prompt/completion` where they differ; `-` is an unknown size.
std::string ModelTable(const pb::ListModelsResponse& catalog);

// `models`: prints the catalog, as JSON if `json`.
ExitCode RunModels(const Session& session, bool json);

}  // namespace holysheep::cli
