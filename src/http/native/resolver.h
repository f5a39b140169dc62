#pragma once

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "http/native/name_lookups.h"

namespace holysheep::native {

using AddressesPtr = std::shared_ptr<const Addresses>;

// Looks names up, by default in the system's resolver, on threads of their own.
// On the loop only. Simultaneous look-ups of one name are one. Keeps up to 64
// results for a while; failures are not kept.
class Resolver {
 public:
  // A look-up under way. Destroying it cancels it.
  class Lookup {
   public:
    virtual ~Lookup() = default;
  };

  // Receives at least one address, or null and why there is none. May destroy
  // any look-up.
  using OnResolved = absl::AnyInvocable<void(AddressesPtr, std::string error)>;

  // Keeps a result for `ttl`. `loop` must outlive the object.
  Resolver(EventLoop& loop, absl::Duration ttl, LookUp look_up = AskSystem);
  // Destroy the look-ups first. Does not wait for the system's resolver.
  ~Resolver();

  // Returns the addresses of `host` if it is an address itself or its look-up
  // is kept; otherwise null.
  AddressesPtr Known(const std::string& host);

  // Looks `host` up. Never calls `on_resolved` before it returns.
  std::unique_ptr<Lookup> Resolve(const std::string& host,
                                  OnResolved on_resolved);

 private:
  class Impl;
  const std::shared_ptr<Impl> impl_;
};

}  // namespace holysheep::native
