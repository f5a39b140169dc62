#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace holysheep::native {

// TLS for one connection, as a client, without a socket: takes what has arrived
// and says what is to be sent. On the loop only.
class TlsStream {
 public:
  enum class Result {
    kOk,
    kWantMore,  // Bytes of the peer are needed first.
    kClosed,    // The peer has said goodbye: all has arrived.
    kFailed,    // See failure(). The stream is not usable any more.
  };

  struct Failure {
    std::string message;
    // Begins with a semicolon; empty unless only a change of configuration can
    // help.
    absl::string_view advice;
  };

  virtual ~TlsStream() = default;

  // Adds bytes that have arrived.
  virtual void Feed(absl::string_view bytes) = 0;

  // Continues the handshake. After kOk the peer is the one that the stream is
  // for, and ReadSome and WriteSome may be called.
  virtual Result Handshake() = 0;

  // Decrypts into `to`. kOk sets `size`, to at least 1.
  virtual Result ReadSome(absl::Span<char> to, size_t& size) = 0;

  // Encrypts `plain`, at most 64 KiB, and returns false if it cannot.
  virtual bool Write(absl::string_view plain) = 0;

  // The bytes to be sent. Valid until the next call of any other function.
  virtual absl::string_view outgoing() = 0;
  // Forgets the first `size` of them.
  virtual void Sent(size_t size) = 0;

  // What was agreed on by ALPN, such as `h2`; empty if nothing was.
  virtual absl::string_view protocol() const = 0;
  // Whether the handshake resumed a session.
  virtual bool resumed() const = 0;
  virtual const Failure& failure() const = 0;
};

}  // namespace holysheep::native
