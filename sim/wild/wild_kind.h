#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

// What upstreams really send, as data: each kind is an oddity that users of
// other clients have met.
namespace holysheep::sim {

// A piece of a streamed answer.
struct WildPiece {
  // The data of an event or, if `raw`, bytes that are sent as they are.
  absl::string_view data;
  bool raw = false;
  // Before it is sent.
  int pause_ms = 0;
};

// A request that the upstream refuses.
struct WildRefusal {
  enum class When {
    kHas,       // The request has the top-level member.
    kHasBoth,   // It has the member and `other`.
    kIsNotOne,  // It has the member with another value than 1.
    kLacks,     // It asks for a JSON object and has `other` in no message.
    kHolds,     // Its text contains `other`.
  };
  When when;
  absl::string_view member;
  absl::string_view other;
  int status;
  absl::string_view body;
};

// A kind of answer. All views are of static data.
struct WildKind {
  // A short word, such as `split-emoji`.
  absl::string_view name;
  // For people: what is sent, and what a good client makes of it.
  absl::string_view sends;
  absl::string_view right;
  // The answer as a stream; if empty, `whole` answers all requests.
  absl::Span<const WildPiece> stream = {};
  // The answer to a request that is not streamed; if empty, `stream` answers
  // all requests.
  absl::string_view whole = {};
  int status = 200;
  // Further lines of the head, each ended by CRLF.
  absl::string_view headers = {};
  // The type of `whole`.
  absl::string_view content_type = "application/json";
  bool gzip = false;
  // How a stream ends after its last piece.
  enum class End { kProper, kBroken, kOpen };
  End end = End::kProper;
  // If not empty, requests that meet none of these get an ordinary answer.
  absl::Span<const WildRefusal> refusals = {};
  // How many requests meet it, before the upstream answers in the ordinary
  // way; -1 for all.
  int times = -1;
  // The text of the answers after that; if empty, the ordinary ones.
  absl::string_view then = {};
};

}  // namespace holysheep::sim
