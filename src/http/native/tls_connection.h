#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "http/native/target.h"
#include "http/native/tls_stream.h"

namespace holysheep::native {

struct SessionDeleter {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using SessionPtr = std::unique_ptr<SSL_SESSION, SessionDeleter>;

// Keeps sessions for later connections.
class TlsSessions {
 public:
  virtual void Add(const std::string& origin, SessionPtr session) = 0;

 protected:
  ~TlsSessions() = default;
};

// OpenSSL's stream to `target`. Offers `session` unless it is null, and gives
// new ones to `sessions` while its functions run. If `error` is not empty, the
// handshake fails with it.
std::unique_ptr<TlsStream> NewTlsConnection(SSL_CTX* context,
                                            const Target& target,
                                            TlsSessions& sessions,
                                            SessionPtr session,
                                            const std::string& error);

// The callback that `context` needs for that.
int OnNewSession(SSL* ssl, SSL_SESSION* session);

}  // namespace holysheep::native
