#pragma once

#include <functional>
#include <memory>

#include "base/event_loop.h"
#include "chat/answer.h"
#include "chat/answer_store.h"
#include "chat/backend.h"
#include "chat/transcript.h"

namespace holysheep {

// A running answer and its readers. A reader is a position in the transcript; a
// late one reads the beginning first. The flight lives as long as it has
// readers: when the last one leaves, the call to the upstream is cancelled. It
// is as patient as the most patient of them; one whose own Patience is less
// leaves when it has run out, with an error, or, before the first piece, to its
// fallback models. On the loop only.
class Flight : public std::enable_shared_from_this<Flight> {
 public:
  // Receives the outcome before any reader does. `transcript` is the whole
  // answer if `result` is OK. Called at most once, also with null if the flight
  // is destroyed without an outcome.
  using OnComplete = std::function<void(const Transcript& transcript,
                                        const absl::StatusOr<Answer>* result)>;
  // Returns the stored answer that a reader receives, as STALE, instead of an
  // error before the first piece; null for the error itself.
  using StaleAnswer = std::function<std::shared_ptr<const StoredAnswer>(
      const absl::Status& error)>;

  virtual ~Flight() = default;

  // Adds a reader, which starts at the beginning. The first reader is the
  // leader, whose answer is a MISS; the others' are JOINED. A reader of a
  // higher priority becomes the leader of a flight that still waits for the
  // limits. The flight lasts at least until the deadline of `request` and has
  // its patience, but otherwise has the leader's terms: if it fails before the
  // first piece and `request` could have succeeded alone, `request` is started
  // again, at `again`, unless `stale_answer` has an answer.
  virtual std::unique_ptr<ChatCall> Join(
      ChatBackend& again, const ChatRequest& request, ChatObserver& observer,
      StaleAnswer stale_answer = nullptr) = 0;
};

// Starts `request` at `next`. The flight belongs to its readers.
std::shared_ptr<Flight> StartFlight(EventLoop& loop, ChatBackend& next,
                                    const ChatRequest& request,
                                    Flight::OnComplete on_complete);

}  // namespace holysheep
