#pragma once

#include <memory>

#include "base/errors.h"
#include "gtest/gtest.h"
#include "layers/cache_layer.h"
#include "store/memory_answers.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {

// The cache alone, over an upstream that is answered by hand.
class CachingFixture : public ::testing::Test {
 protected:
  CachingFixture() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    cache_ = CacheLayer(loop_, store_, options_, std::move(fake));
  }

  void Start(Listener& listener, const ChatRequest& request = MakeRequest()) {
    listener.call = cache_->Start(request, listener);
  }
  void Answer(size_t call, absl::string_view text = "hello") {
    upstream_->calls[call].Say(text);
    upstream_->calls[call].End(Ending());
  }
  void Fail(size_t call, Reason reason = Reason::kUpstream5xx) {
    upstream_->calls[call].End(MakeError(reason, "failed"));
  }
  static ChatRequest WithMode(pb::CacheControl::Mode mode) {
    RequestSpec spec;
    spec.message.mutable_cache()->set_mode(mode);
    return MakeRequest(spec);
  }
  // Puts an answer into the cache.
  void Fill(const ChatRequest& request = MakeRequest()) {
    Listener listener;
    Start(listener, request);
    Answer(upstream_->calls.size() - 1);
  }
  static pb::CacheInfo::Outcome OutcomeOf(const Listener& listener) {
    return (*listener.result)->cache_info().outcome();
  }

  FakeEventLoop loop_;
  CacheOptions options_;
  MemoryAnswers store_{options_};
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> cache_;
};

}  // namespace holysheep
