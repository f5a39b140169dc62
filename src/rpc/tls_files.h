#pragma once

#include <string>

namespace holysheep {

// Paths of PEM files.
struct TlsFiles {
  // Empty turns TLS off.
  std::string cert_file;
  std::string key_file;
  // Clients must have a certificate that one of these has signed; empty asks
  // for none.
  std::string client_ca_file;

  bool operator==(const TlsFiles&) const = default;
};

}  // namespace holysheep
