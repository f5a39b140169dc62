#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "base/event_loop.h"

namespace holysheep::native {

struct Addresses;

// What became of a look-up.
struct NameResult {
  // Null if there are none.
  std::shared_ptr<const Addresses> addresses;
  // Why there are none.
  std::string error;
};

// Returns the addresses of a name, in the order in which they are to be tried.
// May block for as long as it likes; called by several threads at once.
using LookUp = std::function<NameResult(const std::string& host)>;

// Asks the system, which follows its configuration (nsswitch.conf).
NameResult AskSystem(const std::string& host);

// Runs look-ups on threads of its own, eight at once, so that a name that hangs
// holds up no other; up to 256 more wait. On the loop only. The threads are not
// waited for: what they find after the object is gone is dropped.
class NameLookups {
 public:
  using OnResult = absl::AnyInvocable<void(NameResult)>;

  // `loop` must outlive the object.
  NameLookups(EventLoop& loop, LookUp look_up);
  ~NameLookups();

  // Calls `on_result` once, on a later turn of the loop.
  void Start(std::string host, OnResult on_result);

 private:
  class Shared;
  EventLoop& loop_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace holysheep::native
