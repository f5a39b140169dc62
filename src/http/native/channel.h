#pragma once

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep {
class AsioLoop;
}  // namespace holysheep

namespace holysheep::native {

struct Socket;
class TlsStream;

// A connection that carries bytes both ways, with or without TLS. On the loop
// only. Reads all the time, also while nobody expects anything, so that a peer
// that leaves is noticed at once.
class Channel {
 public:
  // Why no more bytes will arrive.
  struct End {
    // Whether the peer has closed its side, and over TLS has said so.
    bool clean = false;
    std::string message;
    // See TlsStream::Failure.
    absl::string_view advice;
  };

  // Receives the events. May close the channel and give it another user inside
  // any of them. The channel keeps its user alive until it is closed.
  class User {
   public:
    virtual ~User() = default;

    // The TLS handshake is done. Not called without TLS.
    virtual void OnReady() {}
    // Bytes have arrived, at least one. Valid until the return.
    virtual void OnBytes(absl::string_view bytes) = 0;
    // All that has arrived so far has been given to OnBytes.
    virtual void OnPause() {}
    // Everything given to Write has been handed to the kernel, after Write
    // returned false.
    virtual void OnDrained() {}
    // Called last, unless the channel is closed first.
    virtual void OnEnd(const End& end) = 0;
  };

  virtual ~Channel() = default;

  // From now on `user` receives the events. The first call starts the channel.
  // Never calls `user` before it returns.
  virtual void Use(std::shared_ptr<User> user) = 0;

  // Sends `head` and `body`, with one system call if the kernel takes both at
  // once. Returns false if something is left; then both must stay valid until
  // OnDrained or Close. A failure shows as OnEnd. Not to be called while
  // something is left, or before OnReady.
  virtual bool Write(absl::string_view head, absl::string_view body) = 0;

  // Closes the connection at once. There are no events any more.
  virtual void Close() = 0;

  // Whether the peer has closed its side, which OnEnd may not have said yet. A
  // system call.
  virtual bool PeerHasLeft() const = 0;
  // When bytes last arrived, at first the time of creation.
  virtual absl::Time heard() const = 0;
  // What ALPN has agreed on; empty without TLS.
  virtual absl::string_view protocol() const = 0;
};

// Over a connected `socket`, with TLS unless `tls` is null.
std::shared_ptr<Channel> NewChannel(AsioLoop& loop,
                                    std::shared_ptr<Socket> socket,
                                    std::unique_ptr<TlsStream> tls);

}  // namespace holysheep::native
