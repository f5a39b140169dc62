#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "http/response_head.h"

namespace holysheep::native {

// Reads the response to one request of HTTP/1.1 or HTTP/1.0 from its bytes.
// On the loop only. Skips interim responses and trailers. Heads, interim ones
// included, are bound to ResponseHead::kMaxBytes and 1,000 fields.
class Http1Parser {
 public:
  // Receives the parts.
  class Sink {
   public:
    virtual void OnHead(int status, const ResponseHead::Headers& headers) = 0;
    // An error stops the parser.
    virtual absl::Status OnBody(absl::string_view data) = 0;

   protected:
    ~Sink() = default;
  };

  enum class State {
    kMore,       // The response goes on.
    kDone,       // It is complete.
    kMalformed,  // See error().
    kStopped,    // OnBody has returned error().
  };

  // `sink` must outlive the object.
  explicit Http1Parser(Sink& sink);
  ~Http1Parser();

  // Prepares for the response to a request, of HEAD if `of_head`. May be called
  // again after any state.
  void Begin(bool of_head);

  // Takes the next bytes. Sets `rest` to how many of them lie behind the end of
  // the response; 0 unless kDone. Not to be called after another state than
  // kMore until Begin.
  State Put(absl::string_view bytes, size_t& rest);

  // The connection has ended. Returns kDone if that is how the response ends,
  // otherwise kMore.
  State PutEnd();

  // Whether the connection may carry another request. REQUIRES: kDone.
  bool keep_alive() const;
  const absl::Status& error() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace holysheep::native
