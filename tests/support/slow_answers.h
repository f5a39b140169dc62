#pragma once

#include <deque>
#include <memory>
#include <utility>

#include "chat/answer_store.h"

namespace holysheep {

// An answer store that knows nothing at once but what was put since it was
// made, and answers its look-ups when the test says so.
class SlowAnswers final : public AnswerStore {
 public:
  Found FindNow(const CacheKey& key) override {
    return kept_ != nullptr && key.digest == digest_ ? kept_ : nullptr;
  }
  std::unique_ptr<Lookup> Find(const CacheKey&, OnFound on_found) override {
    ++lookups;
    waiting_ = std::move(on_found);
    return std::make_unique<Waiting>(*this);
  }
  void Put(const CacheKey& key, StoredAnswer answer, int64_t) override {
    digest_ = key.digest;
    kept_ = std::make_shared<const StoredAnswer>(std::move(answer));
  }
  int64_t purges() const override { return purges_; }
  bool WasPurged(int64_t since, absl::string_view,
                 absl::string_view) const override {
    return since < purges_;
  }
  int64_t PurgeAll() override {
    ++purges_;
    kept_ = nullptr;
    return 0;
  }
  int64_t PurgeModel(absl::string_view) override { return 0; }
  int64_t PurgeNamespace(absl::string_view) override { return 0; }
  void SetBounds(const CacheOptions&) override {}
  void Count(Use) override {}
  Stats GetStats() const override { return {}; }

  bool waiting() const { return waiting_ != nullptr; }
  // Ends the look-up under way, with what FindNow had at its start.
  void Answer(Found found) { std::exchange(waiting_, nullptr)(found); }
  Found kept() const { return kept_; }

  int lookups = 0;

 private:
  struct Waiting final : Lookup {
    explicit Waiting(SlowAnswers& owner) : store(owner) {}
    ~Waiting() override { store.waiting_ = nullptr; }
    SlowAnswers& store;
  };

  int64_t purges_ = 0;
  OnFound waiting_;
  std::string digest_;
  Found kept_;
};

}  // namespace holysheep
