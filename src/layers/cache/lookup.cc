// Invariants:
// - A SharedLookup is in the table from its start until the store has answered,
//   or until its last waiting call is gone, whichever comes first.
// - All who wait go on in one turn of the loop, so the first of them starts the
//   flight that the others join.
#include "layers/cache/lookup.h"

#include <functional>
#include <list>
#include <utility>

namespace holysheep {

class WaitingCall;

class SharedLookup {
 public:
  // `forget` takes it out of the table.
  SharedLookup(AnswerStore& store, const CacheKey& key,
               std::function<void()> forget)
      : store_(store),
        key_(key),
        purges_(store.purges()),
        forget_(std::move(forget)) {}
  ~SharedLookup() {
    if (forget_ != nullptr) forget_();
  }

  void Start() {
    lookup_ = store_.Find(
        key_, [this](AnswerStore::Found found) { OnFound(std::move(found)); });
  }
  bool answered() const { return answered_; }
  int64_t purges() const { return purges_; }
  LookupTable::Result result() const { return {found_, purges_}; }

  void Add(WaitingCall* call) { waiting_.push_back(call); }
  void Remove(WaitingCall* call) { waiting_.remove(call); }

 private:
  void OnFound(AnswerStore::Found found);

  AnswerStore& store_;
  const CacheKey key_;
  const int64_t purges_;
  std::function<void()> forget_;
  std::unique_ptr<AnswerStore::Lookup> lookup_;
  bool answered_ = false;
  AnswerStore::Found found_;
  std::list<WaitingCall*> waiting_;
};

class WaitingCall final : public ChatCall {
 public:
  WaitingCall(std::shared_ptr<SharedLookup> lookup, LookupTable::Resume resume)
      : lookup_(std::move(lookup)), resume_(std::move(resume)) {
    lookup_->Add(this);
  }
  ~WaitingCall() override { lookup_->Remove(this); }

  void Resume(LookupTable::Result result) {
    child_ = resume_(std::move(result));
  }

 private:
  const std::shared_ptr<SharedLookup> lookup_;
  LookupTable::Resume resume_;
  std::unique_ptr<ChatCall> child_;
};

void SharedLookup::OnFound(AnswerStore::Found found) {
  // A flight may have ended, and its answer been put, in the meantime.
  if (found == nullptr) found = store_.FindNow(key_);
  found_ = std::move(found);
  answered_ = true;
  std::exchange(forget_, nullptr)();
  while (!waiting_.empty()) {
    WaitingCall* const call = waiting_.front();
    waiting_.pop_front();
    call->Resume(result());
  }
}

std::unique_ptr<ChatCall> LookupTable::Find(const CacheKey& key,
                                            Resume resume) {
  const auto known = under_way_.find(key.digest);
  std::shared_ptr<SharedLookup> lookup =
      known == under_way_.end() ? nullptr : known->second.lock();
  if (lookup == nullptr || lookup->purges() != store_.purges()) {
    lookup = std::make_shared<SharedLookup>(
        store_, key, [this, digest = key.digest] { under_way_.erase(digest); });
    lookup->Start();
  }
  if (lookup->answered()) return resume(lookup->result());
  under_way_[key.digest] = lookup;
  return std::make_unique<WaitingCall>(std::move(lookup), std::move(resume));
}

}  // namespace holysheep
