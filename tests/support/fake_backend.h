#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "chat/answer.h"
#include "chat/backend.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

// A backend whose calls the test answers by hand.
class FakeBackend final : public ChatBackend {
 public:
  struct Call {
    ChatRequest request;
    ChatObserver* observer;
    // The handle is gone, before or after the end.
    bool dropped = false;

    void Say(absl::string_view text) {
      pb::InvokeEvent event;
      event.set_text(std::string(text));
      observer->OnDelta(event);
    }
    void End(absl::StatusOr<Answer> result) {
      observer->OnDone(std::move(result));
    }
  };

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    calls.push_back({request, &observer});
    return std::make_unique<Handle>(*this, calls.size() - 1);
  }

  // Calls that have been started and not dropped.
  size_t open() const {
    size_t count = 0;
    for (const Call& call : calls) count += call.dropped ? 0 : 1;
    return count;
  }

  // A deque, because tests keep references while further calls come.
  std::deque<Call> calls;

 private:
  struct Handle final : ChatCall {
    Handle(FakeBackend& owner, size_t number) : backend(owner), index(number) {}
    ~Handle() override { backend.calls[index].dropped = true; }
    FakeBackend& backend;
    const size_t index;
  };
};

}  // namespace holysheep
