#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "http/transport.h"

namespace holysheep {

// A transport whose responses the test gives by hand.
class FakeHttpTransport final : public HttpTransport {
 public:
  struct Transfer {
    HttpRequest request;
    HttpObserver* observer;
    // The handle is gone, before or after the end.
    bool dropped = false;

    // The value of the request's header; empty if it has none.
    std::string Header(absl::string_view name) const {
      for (const auto& [key, value] : request.headers) {
        if (key == name) return value;
      }
      return "";
    }

    void Headers(
        int status,
        std::vector<std::pair<std::string, std::string>> headers = {}) {
      observer->OnHeaders(status, headers);
    }
    // As the real one: an error of the observer's ends the transfer with it.
    void Body(absl::string_view data) {
      absl::Status status = observer->OnBody(data);
      if (!status.ok()) End(std::move(status));
    }
    void End(absl::Status status = absl::OkStatus()) {
      observer->OnDone(std::move(status));
    }
    void Reply(int status, absl::string_view body) {
      Headers(status);
      if (!body.empty()) Body(body);
      End();
    }
  };

  std::unique_ptr<HttpTransfer> Send(HttpRequest request,
                                     HttpObserver& observer) override {
    transfers.push_back({std::move(request), &observer});
    return std::make_unique<Handle>(*this, transfers.size() - 1);
  }

  // Transfers that have been sent and not dropped.
  size_t open() const {
    size_t count = 0;
    for (const Transfer& transfer : transfers)
      count += transfer.dropped ? 0 : 1;
    return count;
  }

  // A deque, because tests keep references while further requests come.
  std::deque<Transfer> transfers;

 private:
  struct Handle final : HttpTransfer {
    Handle(FakeHttpTransport& owner, size_t number)
        : transport(owner), index(number) {}
    ~Handle() override { transport.transfers[index].dropped = true; }
    FakeHttpTransport& transport;
    const size_t index;
  };
};

}  // namespace holysheep
