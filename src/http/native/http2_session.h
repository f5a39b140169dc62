#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "http/native/target.h"
#include "http/transport.h"

namespace holysheep::native {

// The frames and streams of one HTTP/2 connection, as a client, without a
// socket. On the loop only. Bounds what a hostile peer can make it keep:
// acknowledgements, settings, continuations. Gives window back as it delivers,
// so a window's worth of bytes is never kept here.
class Http2Session {
 public:
  // Receives what happens, inside Receive and Collect. May call Submit, Reset
  // and Ping, but not Receive or Collect.
  class Events {
   public:
    // A header of the stream's next head or trailer; `:status` is one. Returns
    // false if there have been too many, which resets the stream.
    virtual bool OnHeader(int32_t stream, absl::string_view name,
                          absl::string_view value) = 0;
    // The head or trailer is complete.
    virtual void OnHeadEnd(int32_t stream) = 0;
    virtual void OnData(int32_t stream, absl::string_view data) = 0;
    // The peer has sent all.
    virtual void OnAllReceived(int32_t stream) = 0;
    // Called last for a stream. `code` is that of the RST_STREAM, if any.
    virtual void OnClosed(int32_t stream, uint32_t code) = 0;
    // The request has not left and will not. Called last for a stream.
    virtual void OnNotSent(int32_t stream) = 0;
    // Copies what comes next of the request's body. Returns its size; sets
    // `last` if nothing follows.
    virtual size_t OnBodyWanted(int32_t stream, absl::Span<char> to,
                                bool& last) = 0;
    // The peer has said how many streams it takes, or that it takes no more.
    virtual void OnLimits() = 0;

   protected:
    ~Events() = default;
  };

  virtual ~Http2Session() = default;

  // Takes bytes that have arrived. Returns false if they are not HTTP/2, or the
  // peer sends without end what need not be sent.
  virtual bool Receive(absl::string_view bytes) = 0;

  // Appends to `out` the frames to be sent, until it has `enough` bytes.
  // Returns false if the session cannot go on.
  virtual bool Collect(size_t enough, std::string& out) = 0;

  // Opens a stream and returns its number, or a negative one if none is left.
  virtual int32_t Submit(const Target& target, const HttpRequest& request) = 0;
  // Closes a stream: of no use any more.
  virtual void Reset(int32_t stream) = 0;
  virtual void Ping() = 0;

  // Whether the peer takes another stream if `open` are open.
  virtual bool MayOpen(size_t open) const = 0;
  // Whether the peer has said that it takes no more.
  virtual bool going_away() const = 0;
  // Whether there is nothing more to receive or to send.
  virtual bool over() const = 0;
};

// What the codes of RST_STREAM that a call distinguishes stand for.
bool SaysUnread(uint32_t code);
bool SaysMalformed(uint32_t code);
// Such as `CANCEL`.
absl::string_view CodeName(uint32_t code);

// `events` must outlive the result.
std::unique_ptr<Http2Session> NewHttp2Session(Http2Session::Events& events);

}  // namespace holysheep::native
