#pragma once

#include <utility>

namespace holysheep {
class AsioLoop;
}  // namespace holysheep

namespace holysheep::native {

// Wraps a completion handler, so that it runs as an event of `loop`. Every
// handler that this folder gives to Asio passes through here: the one place for
// a lock that has to be held while a handler runs.
template <typename Handler>
auto OnLoop(AsioLoop& /*loop*/, Handler handler) {
  return [handler = std::move(handler)](auto&&... results) mutable {
    handler(std::forward<decltype(results)>(results)...);
  };
}

}  // namespace holysheep::native
