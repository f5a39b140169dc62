#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "http/native/resolver.h"

namespace holysheep {
class AsioLoop;
}  // namespace holysheep

namespace holysheep::native {

struct Socket;

// An attempt to connect. Destroying it cancels it.
class Dial {
 public:
  virtual ~Dial() = default;
};

// Receives a connected socket, or null and why there is none. May destroy the
// Dial.
using OnDialed =
    absl::AnyInvocable<void(std::shared_ptr<Socket>, std::string error)>;

// Connects to the first of `addresses` that answers (RFC 8305): each has a head
// start of 250 ms before the next is tried as well. On the loop only; never
// calls `on_dialed` before it returns. Sets the options of the socket for a
// connection that must come about within `connect_timeout`, but does not itself
// give up by the clock. `loop` must outlive the result.
std::unique_ptr<Dial> StartDial(AsioLoop& loop, AddressesPtr addresses,
                                uint16_t port, absl::Duration connect_timeout,
                                OnDialed on_dialed);

}  // namespace holysheep::native
