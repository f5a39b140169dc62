#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "http/retry_after.h"

// What the upstream's refusals mean. Pure; the only place that knows.
namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

struct HttpFailure {
  // Not 2xx.
  int status = 0;
  const HttpHeaders& headers;
  // May be cut off.
  absl::string_view body;
  absl::Time now;
  // The key that was sent. Nothing that looks like it gets into the error.
  absl::string_view key;
  // What was asked, whose words are not the upstream's; null if that had none.
  const pb::InvokeRequest* request = nullptr;
};

// The error for a refused request, with the upstream's own words (at most 500
// bytes of them), the HTTP status and, where a retry makes sense, the
// upstream's wish when to be asked again. What the words say comes before what
// the status does; error_table.cc has both.
absl::Status StatusFromHttp(const HttpFailure& failure);

// The error for a body or stream event that holds an error where an answer was
// expected, in any of the shapes of ReadErrorWords. A numeric code in it counts
// as an HTTP status; without one, and without a known word, it is UPSTREAM_5XX.
absl::Status StatusFromErrorJson(absl::string_view json, absl::string_view key);

}  // namespace holysheep
