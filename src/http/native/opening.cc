#include "http/native/opening.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace holysheep::native {
// Invariants: exactly one of `lookup_`, `dial_` and `channel_` is set from
// Start to the outcome, and none afterwards; so no callback comes after Cancel.

void Opening::Start() {
  AddressesPtr known = tools_.resolver.Known(target_->host);
  if (known != nullptr) return Connect(std::move(known));
  lookup_ = tools_.resolver.Resolve(
      target_->host, [this](AddressesPtr addresses, const std::string& error) {
        const std::shared_ptr<Opening> self = shared_from_this();
        lookup_.reset();
        if (addresses != nullptr) return Connect(std::move(addresses));
        Fail(absl::StrCat("the name cannot be resolved: ", error), "");
      });
}

void Opening::Cancel() {
  lookup_.reset();
  dial_.reset();
  if (channel_ != nullptr) std::exchange(channel_, nullptr)->Close();
}

void Opening::Connect(AddressesPtr addresses) {
  dial_ = StartDial(
      tools_.loop, std::move(addresses), target_->port, connect_timeout_,
      [this](std::shared_ptr<Socket> socket, const std::string& error) {
        const std::shared_ptr<Opening> self = shared_from_this();
        dial_.reset();
        if (socket != nullptr) return OnConnected(std::move(socket));
        Fail(absl::StrCat("the connection failed: ", error), "");
      });
}

void Opening::OnConnected(std::shared_ptr<Socket> socket) {
  if (target_->tls) {
    channel_ = NewChannel(tools_.loop, std::move(socket),
                          tools_.tls.NewStream(*target_));
    channel_->Use(shared_from_this());
  } else {
    tools_.owner.OnOpened(*this,
                          NewChannel(tools_.loop, std::move(socket), nullptr));
  }
}

void Opening::OnReady() {
  tools_.owner.OnOpened(*this, std::exchange(channel_, nullptr));
}

void Opening::OnEnd(const Channel::End& end) {
  channel_ = nullptr;
  Fail(absl::StrCat("no connection with TLS: ", end.message), end.advice);
}

void Opening::Fail(const std::string& message, absl::string_view advice) {
  tools_.owner.OnNotOpened(*this, message, advice);
}

}  // namespace holysheep::native
