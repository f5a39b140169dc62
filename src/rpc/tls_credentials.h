#pragma once

#include <memory>
#include <string>

namespace grpc {
class ServerCredentials;
}  // namespace grpc

namespace holysheep {

// Paths of PEM files.
struct TlsFiles {
  // If empty, TLS is off.
  std::string cert_file;
  std::string key_file;
  // Clients must have a certificate signed by one of these; if empty, they are
  // not asked for one.
  std::string client_ca_file;
};

// Returns credentials for TLS 1.2 or newer. They check for renewed files every
// second; existing connections stay as they are.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const TlsFiles& files);

}  // namespace holysheep
