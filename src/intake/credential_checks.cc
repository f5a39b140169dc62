#include "intake/credential_checks.h"

#include <algorithm>
#include <list>
#include <string>
#include <utility>

#include "absl/container/node_hash_map.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/sha256.h"
#include "holysheep/node/v1/node.pb.h"
#include "policy/limit_subject.h"
#include "policy/lru_map.h"
#include "policy/rate_limits.h"
#include "policy/rate_window.h"

namespace holysheep {
namespace {

// Invariants: a flight has a reader, or is just being ended; it waits, in
// `waiting_`, or has a `probe`. At most `at_once` have a probe, and as many as
// may have one have it. A reader belongs to a flight, or has a `soon_` that
// will call it, or has been called.
using Found = pb::ValidateCredentialsResponse;
using Result = absl::StatusOr<Found>;

class Reader;

struct Flight {
  // The SHA-256 of the key, under which it is found.
  std::string name;
  std::string key;
  // Who began it.
  std::string caller;
  std::list<Reader*> readers;
  std::unique_ptr<ChatCall> probe;
  // A reload has come since it began.
  bool outdated = false;
};

struct Kept {
  absl::Time until;
  Found found;
};

// What a name and its value take, about.
constexpr size_t kEntryBytes = 1024;

class SharedChecks final : public CredentialChecks {
 public:
  SharedChecks(EventLoop& loop, CredentialCheck& check,
               const CredentialBounds& bounds)
      : loop_(loop),
        check_(check),
        bounds_(bounds),
        kept_(bounds.kept_keys, bounds.kept_keys * kEntryBytes),
        turns_(bounds.kept_keys, bounds.kept_keys * kEntryBytes) {}

  std::unique_ptr<ChatCall> Start(const Caller& caller, Done done) override;

  void Clear() override {
    kept_.EraseIf([](const Kept&) { return true; });
    for (auto& [name, flight] : flights_) flight.outdated = true;
  }

  void Leave(Flight& flight, Reader& reader);
  EventLoop& loop() { return loop_; }

 private:
  bool HasRoomFor(const Caller& caller) const;
  absl::Status TakeTurn(const Caller& caller);
  absl::StatusOr<Flight*> FlightFor(const Caller& caller,
                                    const std::string& name);
  void StartNext();
  void OnFound(const std::string& name, const Found& found);

  EventLoop& loop_;
  CredentialCheck& check_;
  const CredentialBounds bounds_;
  absl::node_hash_map<std::string, Flight> flights_;
  std::list<Flight*> waiting_;
  size_t running_ = 0;
  LruMap<Kept> kept_;
  // By the caller's name; whoever is forgotten begins again.
  LruMap<RateWindow> turns_;
};

class Reader final : public ChatCall {
 public:
  using Done = CredentialChecks::Done;

  Reader(SharedChecks& owner, Done done)
      : owner_(owner), done_(std::move(done)) {}
  ~Reader() override {
    if (flight_ != nullptr) owner_.Leave(*flight_, *this);
  }

  void Join(Flight& flight) {
    flight_ = &flight;
    flight.readers.push_back(this);
  }
  void TellSoon(Result result) {
    soon_ = owner_.loop().RunAfter(
        absl::ZeroDuration(),
        [this, result = std::move(result)] { Tell(result); });
  }
  // May destroy the reader.
  void Tell(const Result& result) {
    flight_ = nullptr;
    Done done = std::move(done_);
    done(result);
  }

 private:
  SharedChecks& owner_;
  Done done_;
  Flight* flight_ = nullptr;
  std::unique_ptr<Timer> soon_;
};

std::unique_ptr<ChatCall> SharedChecks::Start(const Caller& caller, Done done) {
  auto reader = std::make_unique<Reader>(*this, std::move(done));
  const std::string name = Sha256(caller.upstream_key);
  const Kept* kept = kept_.Find(name);
  if (kept != nullptr && loop_.Now() < kept->until) {
    reader->TellSoon(kept->found);
    return reader;
  }
  const absl::StatusOr<Flight*> flight = FlightFor(caller, name);
  if (flight.ok()) {
    reader->Join(**flight);
    StartNext();
  } else {
    reader->TellSoon(flight.status());
  }
  return reader;
}

bool SharedChecks::HasRoomFor(const Caller& caller) const {
  constexpr size_t kShares = 4;
  const auto theirs = std::count_if(waiting_.begin(), waiting_.end(),
                                    [&caller](const Flight* flight) {
                                      return flight->caller == caller.name;
                                    });
  return waiting_.size() < bounds_.waiting &&
         static_cast<size_t>(theirs) < bounds_.waiting / kShares;
}

// Returns the flight that the caller may join, or a new one that waits.
absl::StatusOr<Flight*> SharedChecks::FlightFor(const Caller& caller,
                                                const std::string& name) {
  const auto found = flights_.find(name);
  if (found != flights_.end()) return &found->second;
  if (!HasRoomFor(caller)) {
    ErrorDetails details;
    details.retry_after = absl::Seconds(1);
    details.subject = SubjectText({SubjectKind::kCaller, caller.name});
    return MakeError(Reason::kQueueFull,
                     "too many keys are waiting already to be checked",
                     details);
  }
  if (absl::Status turn = TakeTurn(caller); !turn.ok()) return turn;
  Flight& flight = flights_[name];
  flight.name = name;
  flight.key = caller.upstream_key;
  flight.caller = caller.name;
  waiting_.push_back(&flight);
  return &flight;
}

// Returns why the caller may not ask the upstream now.
absl::Status SharedChecks::TakeTurn(const Caller& caller) {
  const absl::Time now = loop_.Now();
  const int64_t own = caller.limits.requests_per_minute;
  if (turns_.Find(caller.name) == nullptr) {
    turns_.Put(caller.name, RateWindow(), kEntryBytes);
  }
  RateWindow& window = *turns_.Find(caller.name);
  window.SetLimit(own > 0 ? own : bounds_.per_minute);
  if (window.Fits(now, 1)) {
    window.Take(now, 1);
    return absl::OkStatus();
  }
  ErrorDetails details;
  details.retry_after = window.EarliestFit(now, 1, 0) - now;
  details.limit = std::string(LimitName(Limit::kRequestsPerMinute));
  details.subject = SubjectText({SubjectKind::kCaller, caller.name});
  return MakeError(Reason::kRateLimitedLocal,
                   absl::StrCat("this caller's keys can be checked ",
                                window.limit(), " times a minute"),
                   details);
}

void SharedChecks::StartNext() {
  while (running_ < bounds_.at_once && !waiting_.empty()) {
    Flight& flight = *waiting_.front();
    waiting_.pop_front();
    ++running_;
    flight.probe = check_.Start(
        flight.key,
        [this, name = flight.name](const Found& found, absl::string_view) {
          OnFound(name, found);
        });
  }
}

void SharedChecks::OnFound(const std::string& name, const Found& found) {
  auto node = flights_.extract(name);
  Flight& flight = node.mapped();
  --running_;
  if (found.failed_hop() != Found::UPSTREAM && !flight.outdated) {
    kept_.Put(flight.name, {loop_.Now() + bounds_.kept, found}, kEntryBytes);
  }
  StartNext();
  while (!flight.readers.empty()) {
    Reader& reader = *flight.readers.front();
    flight.readers.pop_front();
    reader.Tell(found);
  }
}

void SharedChecks::Leave(Flight& flight, Reader& reader) {
  flight.readers.remove(&reader);
  const auto found = flights_.find(flight.name);
  const bool is_over = found == flights_.end() || &found->second != &flight;
  if (is_over || !flight.readers.empty()) return;
  if (flight.probe == nullptr) {
    waiting_.remove(&flight);
  } else {
    --running_;
  }
  flights_.erase(found);
  StartNext();
}

}  // namespace

std::unique_ptr<CredentialChecks> NewCredentialChecks(
    EventLoop& loop, CredentialCheck& check, const CredentialBounds& bounds) {
  return std::make_unique<SharedChecks>(loop, check, bounds);
}

}  // namespace holysheep
