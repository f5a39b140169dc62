#pragma once

#include "absl/time/time.h"

namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// How long a caller is ready to wait for parts of a call, in addition to the
// whole call's Deadline; infinite where the caller leaves it to the
// configuration. Those who wait for one answer share one object, which has the
// most patient of each.
struct Patience {
  // For the first piece, from when the upstream was asked.
  absl::Duration first_token = absl::InfiniteDuration();
  // From piece to piece.
  absl::Duration idle = absl::InfiniteDuration();
  // For the limits of the service.
  absl::Duration queue = absl::InfiniteDuration();

  // Raises each to that of `other` where it is more.
  void RaiseTo(const Patience& other);
  bool operator==(const Patience&) const = default;
};

// Returns the patience that `request` asks for. Pure.
Patience PatienceOf(const pb::InvokeRequest& request);

}  // namespace holysheep
