#pragma once

#include <functional>
#include <memory>

#include "base/event_loop.h"
#include "chat/answer_store.h"
#include "chat/backend.h"
#include "chat/transcript.h"

namespace holysheep {

// One answer under way, and those who read it. A reader is a position in its
// transcript; whoever comes late reads the beginning first. Lives as long as
// it has a reader: when the last one leaves, the call to the upstream ends.
class Flight : public std::enable_shared_from_this<Flight> {
 public:
  // Told the outcome before any reader is: `transcript` is the whole answer
  // if `result` is OK. Called at most once; also called, with null, when the
  // flight dies without an outcome.
  using OnComplete =
      std::function<void(const Transcript& transcript,
                         const absl::StatusOr<pb::InvokeResponse>* result)>;
  // The stored answer that a reader gets, as STALE, instead of an error before
  // the first word; null for the error itself.
  using StaleAnswer = std::function<std::shared_ptr<const StoredAnswer>(
      const absl::Status& error)>;

  virtual ~Flight() = default;

  // Reads along, from the beginning. The first reader of a flight is its
  // leader, whose answer is a MISS; the others' are JOINED. The flight lasts at
  // least until the deadline of `request`. It runs on its leader's terms: if
  // it fails without a word where `request` might have fared better, `request`
  // starts anew, at `again`, unless `stale_answer` has an answer for it.
  virtual std::unique_ptr<ChatCall> Join(
      ChatBackend& again, const ChatRequest& request, ChatObserver& observer,
      StaleAnswer stale_answer = nullptr) = 0;
};

// Starts `request` at `next`, to which the flight belongs.
std::shared_ptr<Flight> StartFlight(EventLoop& loop, ChatBackend& next,
                                    const ChatRequest& request,
                                    Flight::OnComplete on_complete);

}  // namespace holysheep
