#pragma once

#include <memory>
#include <string>

namespace grpc {
class ServerCredentials;
}  // namespace grpc

namespace holysheep {

// Paths of PEM files.
struct TlsFiles {
  // Empty is no TLS.
  std::string cert_file;
  std::string key_file;
  // Clients must have a certificate that one of these has signed; empty asks
  // for none.
  std::string client_ca_file;
};

// TLS 1.2 or newer. Looks for renewed files every second; connections that
// are there already stay.
std::shared_ptr<grpc::ServerCredentials> MakeServerCredentials(
    const TlsFiles& files);

}  // namespace holysheep
