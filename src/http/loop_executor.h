#pragma once

#include "base/event_loop.h"
#include "boost/asio/execution/blocking.hpp"
#include "boost/asio/execution/context.hpp"
#include "boost/asio/execution_context.hpp"
#include "http/asio_loop.h"

namespace holysheep {

// An executor in the sense of Asio: sockets and timers made with it have their
// handlers run on the loop, as EventLoop::Enter runs a task. A value; valid as
// long as the loop. Thread-safe. Included only where Asio is used.
class LoopExecutor {
 public:
  boost::asio::execution_context& query(
      boost::asio::execution::context_t context) const noexcept;
  boost::asio::execution::blocking_t query(
      boost::asio::execution::blocking_t) const noexcept {
    if (later_) return boost::asio::execution::blocking.never;
    return boost::asio::execution::blocking.possibly;
  }
  LoopExecutor require(
      boost::asio::execution::blocking_t::never_t) const noexcept {
    return {loop_, true};
  }
  LoopExecutor require(
      boost::asio::execution::blocking_t::possibly_t) const noexcept {
    return {loop_, false};
  }

  template <typename Function>
  void execute(Function function) const {
    Execute(std::move(function));
  }

  bool operator==(const LoopExecutor&) const noexcept = default;

 private:
  friend class AsioLoop;
  // Posts what it executes if `later`.
  LoopExecutor(AsioLoop::Impl* loop, bool later) : loop_(loop), later_(later) {}

  void Execute(EventLoop::Task task) const;

  AsioLoop::Impl* loop_;
  bool later_;
};

}  // namespace holysheep
