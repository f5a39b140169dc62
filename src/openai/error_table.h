#pragma once

#include "absl/strings/string_view.h"
#include "base/errors.h"

// The meaning of upstreams' errors: one table with a row for each kind.
namespace holysheep {

// The signs of an error that the table matches. Collected by http_errors.cc.
struct ErrorSigns {
  // 0 if there was none, as for an error inside a stream. Also a numeric code
  // in the body, from 300 on.
  int http_status = 0;
  // The text of ErrorWords::search.
  absl::string_view words;
  // Whether the upstream says when to try again.
  bool has_wait = false;
};

// The meaning of an error.
struct ErrorMeaning {
  // What callers and layers see.
  Reason reason;
  // An explanation for people. It begins the message and precedes the
  // upstream's own words. Static.
  absl::string_view explanation;
  // No other attempt can succeed, although for most errors of this reason one
  // can.
  bool lasting = false;
};

// Returns the first row of the table that matches. Words come before the
// status, since upstreams agree on the words more than on the number. Pure. If
// no row matches, which takes a status that is not an error, returns
// UPSTREAM_MALFORMED.
ErrorMeaning MeaningOf(const ErrorSigns& signs);

}  // namespace holysheep
