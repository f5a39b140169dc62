#pragma once

#include <memory>
#include <string>
#include <vector>

#include "http/native/channel.h"
#include "http/native/dialer.h"
#include "http/native/resolver.h"
#include "http/native/target.h"
#include "http/native/tls_context.h"

namespace holysheep::native {

class Call;

// A connection that is coming about: name look-up, TCP, TLS. On the loop only.
// Knows the calls that wait for it, but not how long they do.
class Opening final : public Channel::User,
                      public std::enable_shared_from_this<Opening> {
 public:
  // Is notified of the outcome, once and never inside Start.
  class Owner {
   public:
    virtual void OnOpened(Opening& opening,
                          std::shared_ptr<Channel> channel) = 0;
    // See Channel::End for the texts.
    virtual void OnNotOpened(Opening& opening, const std::string& message,
                             absl::string_view advice) = 0;

   protected:
    ~Owner() = default;
  };

  // What all openings of a transport share.
  struct Tools {
    AsioLoop& loop;
    Resolver& resolver;
    TlsContext& tls;
    Owner& owner;
  };

  Opening(const Tools& tools, std::shared_ptr<const Target> target,
          absl::Duration connect_timeout)
      : tools_(tools),
        target_(std::move(target)),
        connect_timeout_(connect_timeout) {}

  void Start();
  // Closes what is open; there is no outcome. May be called at any time.
  void Cancel();

  const Target& target() const { return *target_; }

  // Kept by the pool.
  std::vector<Call*> calls;

  // Events of the channel, until it is handed over.
  void OnReady() override;
  void OnBytes(absl::string_view) override {}
  void OnEnd(const Channel::End& end) override;

 private:
  void Connect(AddressesPtr addresses);
  void OnConnected(std::shared_ptr<Socket> socket);
  void Fail(const std::string& message, absl::string_view advice);

  const Tools tools_;
  const std::shared_ptr<const Target> target_;
  const absl::Duration connect_timeout_;
  std::unique_ptr<Resolver::Lookup> lookup_;
  std::unique_ptr<Dial> dial_;
  std::shared_ptr<Channel> channel_;
};

}  // namespace holysheep::native
