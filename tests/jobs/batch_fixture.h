#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gtest/gtest.h"
#include "jobs/batch.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/requests.h"

namespace holysheep {

// A batch over a backend that is answered by hand. The test reads the input
// and takes the results by hand, too.
class BatchFixture : public ::testing::Test, protected BatchPeer {
 protected:
  void Open(size_t max_open) {
    options_.max_open = max_open;
    batch_ = NewBatch(loop_, chat_, options_, *this);
    batch_->Begin();
  }

  ChatRequest Ask(std::string query) {
    RequestSpec spec;
    spec.query = std::move(query);
    spec.arrived = loop_.Now();
    spec.deadline = loop_.Now() + absl::Minutes(5);
    return MakeRequest(spec);
  }
  BatchInput ItemOf(const std::string& id) { return {id, Ask(id)}; }

  // Gives items for as long as there is room.
  void Feed(int count) {
    for (int i = 0; i < count && rooms_ > 0; ++i) Add(ItemOf(Next()));
  }
  void Add(BatchInput item) {
    ASSERT_GT(rooms_, 0);
    --rooms_;
    batch_->Add(std::move(item));
  }
  void End() {
    --rooms_;
    batch_->EndInput();
  }
  // Takes results until there is none.
  void TakeAll() {
    while (untaken_ > 0) {
      --untaken_;
      batch_->TakeResult();
    }
  }
  void Answer(size_t call, const std::string& text) {
    chat_.calls[call].Say(text);
    chat_.calls[call].End(Ending());
  }

  std::string Next() { return absl::StrCat("item ", next_++); }

  void OnRoom() override { ++rooms_; }
  void OnResult(BatchOutput result) override {
    ++untaken_;
    results_.push_back(std::move(result));
  }
  void OnEnd() override {
    ++ends_;
    batch_.reset();
  }

  FakeEventLoop loop_;
  FakeBackend chat_;
  BatchOptions options_;
  int rooms_ = 0;
  int untaken_ = 0;
  int ends_ = 0;
  int next_ = 0;
  std::vector<BatchOutput> results_;
  std::unique_ptr<Batch> batch_;
};

}  // namespace holysheep
