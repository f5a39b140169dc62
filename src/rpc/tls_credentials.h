#pragma once

#include <memory>

#include "rpc/tls_files.h"

namespace grpc {
class ServerCredentials;
}  // namespace grpc

namespace holysheep {

// TLS 1.2 or newer. Looks for renewed files every second; connections that
// are there already stay.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const TlsFiles& files);

}  // namespace holysheep
