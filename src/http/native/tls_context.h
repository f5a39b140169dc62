#pragma once

#include <memory>
#include <string>

#include "http/native/target.h"
#include "http/native/tls_stream.h"

namespace holysheep::native {

// What the TLS connections of a transport share: trust, versions, and the
// sessions that a later connection may resume, four an origin. TLS 1.2 or
// newer; certificates are verified, with the name or address they are for. Loop
// thread only.
class TlsContext {
 public:
  // Trusts the authorities in the PEM file `ca_file`, or if empty the system's.
  // Offers HTTP/2 in addition to HTTP/1.1 if `http2`. The authorities are read
  // with the first stream.
  TlsContext(std::string ca_file, bool http2);
  // Destroy the streams first, or do not use them any more.
  ~TlsContext();

  // A stream to `target`. If the context is not usable, such as for a `ca_file`
  // that cannot be read, the stream's handshake fails.
  std::unique_ptr<TlsStream> NewStream(const Target& target);

 private:
  class Impl;
  const std::string ca_file_;
  const bool http2_;
  std::unique_ptr<Impl> impl_;  // Null before the first stream.
};

}  // namespace holysheep::native
