#pragma once

#include <fstream>
#include <string>

#include "boost/asio/buffer.hpp"
#include "boost/asio/ssl/context.hpp"
#include "gtest/gtest.h"
#include "support/self_signed.h"

namespace holysheep {

// A server's side of TLS, with a certificate for `name` such as `IP:127.0.0.1`.
class TlsIdentity {
 public:
  explicit TlsIdentity(const std::string& name) : identity_(name) {
    context_.use_certificate(boost::asio::buffer(identity_.certificate),
                             boost::asio::ssl::context::pem);
    context_.use_private_key(boost::asio::buffer(identity_.key),
                             boost::asio::ssl::context::pem);
  }

  boost::asio::ssl::context& context() { return context_; }

  // Writes the certificate to a file and returns its path.
  std::string File() const {
    const std::string path = testing::TempDir() + "tls_identity.pem";
    std::ofstream(path) << identity_.certificate;
    return path;
  }

 private:
  const SelfSigned identity_;
  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
};

}  // namespace holysheep
