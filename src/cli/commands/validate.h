#pragma once

#include "cli/client/session.h"

namespace holysheep::cli {

// `validate`: checks that service, upstream and key work together; returns
// kExitFailed if not.
ExitCode RunValidate(const Session& session, bool json);

}  // namespace holysheep::cli
