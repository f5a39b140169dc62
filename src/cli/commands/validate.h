#pragma once

#include "cli/client/session.h"

namespace holysheep::cli {

// `validate`: checks that service, upstream and key work together; returns
// kExitFailed if not. Names the hop that is broken. Free of cost: the upstream
// is only asked for its list of models.
ExitCode RunValidate(const Session& session, bool json);

}  // namespace holysheep::cli
