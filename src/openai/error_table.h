#pragma once

#include "absl/strings/string_view.h"
#include "base/errors.h"

// What upstreams' errors mean: one table, with a row for each kind.
namespace holysheep {

struct ErrorSigns {
  // 0: there was none, as of an error inside a stream.
  int http_status = 0;
  // As ErrorWords::search has it.
  absl::string_view words;
  // The upstream says when to come again.
  bool has_wait = false;
};

struct ErrorMeaning {
  Reason reason;
  // What to tell a person.
  absl::string_view explanation;
  // No other try can succeed, though most of this reason can.
  bool lasting = false;
};

// The first row of the table that fits. Words come before the status, since
// upstreams agree on them better than on the number. Pure.
ErrorMeaning MeaningOf(const ErrorSigns& signs);

}  // namespace holysheep
