#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>

#include "cli/client/settings.h"

namespace holysheep::cli {

// A channel to the address of the settings; connects on the first call.
std::shared_ptr<grpc::Channel> NewChannel(const Settings& settings);

// The caller's token and own upstream key, as metadata of a call.
void AddCredentials(const Settings& settings, grpc::ClientContext& context);

}  // namespace holysheep::cli
