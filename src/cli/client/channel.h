#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>

#include "cli/client/settings.h"

namespace holysheep::cli {

// Returns a channel to the address of the settings. It connects with the first
// call. With several instances, calls go to each in turn, and a call that has
// not begun is repeated at another. REQUIRES: `settings` has been checked.
std::shared_ptr<grpc::Channel> NewChannel(const Settings& settings);

// Adds the caller's token and own upstream key to the metadata of a call. Call
// it before the call is started. Nothing is added for settings that are empty.
void AddCredentials(const Settings& settings, grpc::ClientContext& context);

}  // namespace holysheep::cli
