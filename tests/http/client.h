#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "http/asio_loop.h"
#include "http/curl_transport.h"
#include "http/native/native_transport.h"
#include "http/transport.h"

namespace holysheep {

// Writes down what becomes of a transfer, and calls the hooks that are set.
struct Recorder final : HttpObserver {
  void OnTurn() override { ++turns; }
  void OnHeaders(int new_status,
                 const std::vector<std::pair<std::string, std::string>>&
                     new_headers) override {
    ++headers_calls;
    status = new_status;
    headers = new_headers;
    if (on_headers) on_headers();
  }

  absl::Status OnBody(absl::string_view data) override {
    body.append(data.data(), data.size());
    return on_body ? on_body() : absl::OkStatus();
  }

  void OnDone(absl::Status outcome) override {
    ++done_calls;
    result = std::move(outcome);
    if (on_done) on_done();
  }

  std::function<void()> on_headers;
  std::function<absl::Status()> on_body;
  std::function<void()> on_done;

  int turns = 0;
  int headers_calls = 0;
  int done_calls = 0;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::optional<absl::Status> result;
};

enum class TransportKind { kCurl, kNative };

// A loop, a transport and as many transfers as a test likes.
struct Client {
  explicit Client(TransportKind kind, const CurlOptions& options = {})
      : transport(kind == TransportKind::kCurl
                      ? NewCurlTransport(loop, options)
                      : NewNativeTransport(loop, options)) {}

  HttpRequest MakeRequest(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    request.headers = {{"content-type", "application/json"},
                       {"authorization", "Bearer secret-of-the-test"}};
    request.body = "{}";
    return request;
  }

  // Sends and runs the loop until the transfer is done.
  void Fetch(HttpRequest request, Recorder& recorder) {
    recorder.on_done = [this] { loop.Stop(); };
    const auto transfer = transport->Send(std::move(request), recorder);
    loop.Run();
  }

  // Sends `count` requests at once and runs the loop until all are done.
  std::vector<Recorder> FetchAll(const HttpRequest& request, int count) {
    std::vector<Recorder> recorders(count);
    std::vector<std::unique_ptr<HttpTransfer>> transfers;
    int left = count;
    for (Recorder& recorder : recorders) {
      recorder.on_done = [&] {
        if (--left == 0) loop.Stop();
      };
      transfers.push_back(transport->Send(request, recorder));
    }
    loop.Run();
    return recorders;
  }

  AsioLoop loop;
  std::unique_ptr<HttpTransport> transport;
};

// The tests of what all transports have in common.
class OverBothTransports : public testing::TestWithParam<TransportKind> {};

}  // namespace holysheep

#define OVER_BOTH_TRANSPORTS(suite)                                      \
  INSTANTIATE_TEST_SUITE_P(                                              \
      Transports, suite,                                                 \
      testing::Values(TransportKind::kCurl, TransportKind::kNative),     \
      [](const auto& tested) {                                           \
        return tested.param == TransportKind::kCurl ? "Curl" : "Native"; \
      })
