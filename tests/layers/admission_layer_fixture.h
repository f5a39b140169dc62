#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "gtest/gtest.h"
#include "layers/admission_layer.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {

// The admission layer alone, over an upstream that is answered by hand. A test
// sets the limits that it is about; there are no others.
class AdmissionFixture : public ::testing::Test {
 protected:
  AdmissionFixture() {
    limits_.service.requests_per_minute = 0;
    limits_.service.max_concurrent = 0;
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    admit_ =
        AdmissionLayer(loop_, limiter_, options_, gauges_, std::move(fake));
  }

  // Starts a call. Its query is what Started() knows it by.
  Listener& Ask(const ChatRequest& request) {
    Listener& listener = listeners_.emplace_back();
    listener.call = admit_->Start(request, listener);
    return listener;
  }
  Listener& Ask(std::string query, std::string caller = "") {
    RequestSpec spec;
    spec.query = std::move(query);
    spec.caller = std::move(caller);
    return Ask(MakeRequest(spec));
  }

  // What has been started at the upstream, in order.
  std::vector<std::string> Started() const {
    std::vector<std::string> queries;
    for (const FakeBackend::Call& call : upstream_->calls) {
      queries.push_back(call.request.message->query());
    }
    return queries;
  }

  // Ends the latest call at the upstream and lets the next one in.
  void EndLatest() {
    upstream_->calls.back().End(Ending());
    loop_.Advance();
  }

  // A catalog whose model `id` has limits of its own.
  static std::shared_ptr<const Catalog> CatalogWith(std::string id,
                                                    int64_t requests,
                                                    int64_t tokens = 0) {
    ModelInfo model;
    model.id = id;
    model.limits.requests_per_minute = requests;
    model.limits.tokens_per_minute = tokens;
    return std::make_shared<const Catalog>(std::vector<ModelInfo>{model}, id);
  }

  static Reason ReasonOfEnd(const Listener& listener) {
    EXPECT_EQ(listener.ends, 1);
    EXPECT_FALSE(listener.ok());
    return listener.ends == 1 ? ReasonOf(listener.status()) : Reason::kInternal;
  }

  FakeEventLoop loop_;
  LimiterOptions limits_;
  Limiter limiter_{limits_};
  AdmissionOptions options_;
  AdmissionGauges gauges_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> admit_;
  // After the layer, so that calls go before it.
  std::deque<Listener> listeners_;
};

}  // namespace holysheep
