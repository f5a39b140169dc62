#pragma once

#include "cli/client/session.h"

namespace holysheep::cli {

// `validate`: whether service, upstream and key work together; 1 if not.
ExitCode RunValidate(const Session& session, bool json);

}  // namespace holysheep::cli
