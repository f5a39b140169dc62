#include "http/native/resolver.h"

#include <list>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "boost/asio/ip/address.hpp"
#include "http/native/asio_socket.h"

namespace holysheep::native {
// Invariants: a name is in `queries_` exactly while it is looked up, also if
// nobody waits for it any more, so that a name that hangs takes one thread
// however often it is asked for. A query's `waiting` holds the look-ups that
// are neither answered nor destroyed. Completion handlers hold the
// implementation weakly.

namespace {

constexpr size_t kMaxKept = 64;
}  // namespace

class Resolver::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(EventLoop& loop, absl::Duration ttl, LookUp look_up)
      : loop_(loop), ttl_(ttl), lookups_(loop, std::move(look_up)) {}

  AddressesPtr Known(const std::string& host);
  std::unique_ptr<Lookup> Resolve(const std::string& host,
                                  OnResolved on_resolved);

 private:
  class LookupImpl;
  using Waiting = std::list<LookupImpl*>;

  struct Query {
    Waiting waiting;
  };
  struct Kept {
    AddressesPtr addresses;
    absl::Time until;
  };

  void Start(const std::string& host, const std::shared_ptr<Query>& query);
  void Finish(const std::string& host, Query& query,
              const AddressesPtr& addresses, const std::string& error);
  void Keep(const std::string& host, AddressesPtr addresses);

  EventLoop& loop_;
  const absl::Duration ttl_;
  NameLookups lookups_;
  absl::flat_hash_map<std::string, std::shared_ptr<Query>> queries_;
  absl::flat_hash_map<std::string, Kept> kept_;
};

class Resolver::Impl::LookupImpl final : public Lookup {
 public:
  LookupImpl(std::shared_ptr<Query> query, OnResolved on_resolved)
      : query_(std::move(query)),
        on_resolved_(std::move(on_resolved)),
        place_(query_->waiting.insert(query_->waiting.end(), this)) {}

  ~LookupImpl() override {
    if (query_ != nullptr) query_->waiting.erase(place_);
  }

  // May destroy the object.
  void Answer(const AddressesPtr& addresses, const std::string& error) {
    query_->waiting.erase(place_);
    query_ = nullptr;
    OnResolved on_resolved = std::move(on_resolved_);
    on_resolved(addresses, error);
  }

 private:
  std::shared_ptr<Query> query_;  // Null once answered.
  OnResolved on_resolved_;
  const Waiting::iterator place_;
};

AddressesPtr Resolver::Impl::Known(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (!error) return std::make_shared<Addresses>(Addresses{{address}});
  const auto found = kept_.find(host);
  if (found == kept_.end()) return nullptr;
  if (loop_.Now() < found->second.until) return found->second.addresses;
  kept_.erase(found);
  return nullptr;
}

std::unique_ptr<Resolver::Lookup> Resolver::Impl::Resolve(
    const std::string& host, OnResolved on_resolved) {
  std::shared_ptr<Query>& query = queries_[host];
  const bool is_new = query == nullptr;
  if (is_new) query = std::make_shared<Query>();
  auto lookup = std::make_unique<LookupImpl>(query, std::move(on_resolved));
  if (is_new) Start(host, query);
  return lookup;
}

void Resolver::Impl::Start(const std::string& host,
                           const std::shared_ptr<Query>& query) {
  lookups_.Start(
      host, [weak = weak_from_this(), host, query](const NameResult& result) {
        const std::shared_ptr<Impl> self = weak.lock();
        if (self == nullptr) return;
        self->Finish(host, *query, result.addresses, result.error);
      });
}

void Resolver::Impl::Finish(const std::string& host, Query& query,
                            const AddressesPtr& addresses,
                            const std::string& error) {
  queries_.erase(host);
  if (addresses != nullptr) Keep(host, addresses);
  while (!query.waiting.empty()) {
    query.waiting.front()->Answer(addresses, error);
  }
}

void Resolver::Impl::Keep(const std::string& host, AddressesPtr addresses) {
  if (ttl_ <= absl::ZeroDuration()) return;
  if (kept_.size() >= kMaxKept) kept_.clear();
  kept_[host] = {std::move(addresses), loop_.Now() + ttl_};
}

Resolver::Resolver(EventLoop& loop, absl::Duration ttl, LookUp look_up)
    : impl_(std::make_shared<Impl>(loop, ttl, std::move(look_up))) {}

Resolver::~Resolver() = default;

AddressesPtr Resolver::Known(const std::string& host) {
  return impl_->Known(host);
}

std::unique_ptr<Resolver::Lookup> Resolver::Resolve(const std::string& host,
                                                    OnResolved on_resolved) {
  return impl_->Resolve(host, std::move(on_resolved));
}

}  // namespace holysheep::native
