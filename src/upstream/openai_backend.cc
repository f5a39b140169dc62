#include "upstream/openai_backend.h"

#include <memory>
#include <string>
#include <utility>

#include "base/errors.h"
#include "chat/failed_call.h"
#include "chat/patience.h"
#include "chat/prompt_estimate.h"
#include "holysheep/node/v1/chat.pb.h"
#include "upstream/openai_call.h"
#include "upstream/upstream_request.h"
#include "upstream/usage_bounds.h"

namespace holysheep {
namespace {

// An answer that is not streamed has no first piece to wait for.
std::shared_ptr<const Patience> PatienceWith(const ChatRequest& request,
                                             bool stream) {
  if (stream && request.patience != nullptr) return request.patience;
  Patience patience = request.patience != nullptr
                          ? *request.patience
                          : PatienceOf(*request.message);
  if (!stream) patience.first_token = absl::InfiniteDuration();
  return std::make_shared<const Patience>(patience);
}

class OpenAiBackend final : public ChatBackend {
 public:
  OpenAiBackend(EventLoop& loop, HttpTransport& transport,
                const OpenAiOptions& options, absl::BitGenRef random)
      : loop_(loop),
        transport_(transport),
        options_(options),
        random_(random) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    auto attempt = Prepare(request);
    if (!attempt.ok()) return FailedCall(loop_, observer, attempt.status());
    return StartOpenAiCall(loop_, transport_, random_, *std::move(attempt),
                           observer);
  }

 private:
  absl::StatusOr<OpenAiAttempt> Prepare(const ChatRequest& request) const;
  HttpRequest Http(const ChatRequest& request, const std::string& key,
                   bool stream) const;

  EventLoop& loop_;
  HttpTransport& transport_;
  const OpenAiOptions& options_;
  absl::BitGenRef random_;
};

absl::StatusOr<OpenAiAttempt> OpenAiBackend::Prepare(
    const ChatRequest& request) const {
  auto encoded =
      request.encoded == nullptr
          ? EncodeRequest(request, EncodeOptionsFor(request, options_))
          : std::move(*request.encoded);
  if (!encoded.ok()) return encoded.status();
  const bool stream = encoded->stream;
  const bool own_key =
      request.caller != nullptr && !request.caller->upstream_key.empty();
  const std::string& key =
      own_key ? request.caller->upstream_key : options_.api_key;

  OpenAiAttempt attempt;
  attempt.http = Http(request, key, stream);
  attempt.http.body = std::move(encoded->body);
  attempt.message = request.message;
  attempt.stats = request.attempt_stats;
  attempt.warnings = std::move(encoded->warnings);
  attempt.reader.max_response_bytes = options_.max_response_bytes;
  attempt.reader.model = request.model();
  attempt.reader.estimated_prompt_tokens =
      EstimatePromptTokens(*request.message);
  attempt.reader.usage_bounds =
      UsageBoundsFor(request, attempt.http.body.size());
  attempt.reader.key = key;
  attempt.reader.think_tags = request.wire().think_tags;
  attempt.first_token_timeout =
      stream ? options_.first_token_timeout : absl::InfiniteDuration();
  attempt.idle_timeout = options_.idle_timeout;
  attempt.patience = PatienceWith(request, stream);
  return attempt;
}

HttpRequest OpenAiBackend::Http(const ChatRequest& request,
                                const std::string& key, bool stream) const {
  HttpRequest http =
      UpstreamRequest(options_, "POST", "/chat/completions", key);
  http.fresh_connection = request.fresh_connection;
  http.headers.emplace_back("content-type", "application/json");
  http.headers.emplace_back("accept",
                            stream ? "text/event-stream" : "application/json");
  const std::string& id = request.message->request_id();
  if (!id.empty()) http.headers.emplace_back("x-request-id", id);
  if (!request.traceparent.empty()) {
    http.headers.emplace_back("traceparent", request.traceparent);
  }
  return http;
}

}  // namespace

std::unique_ptr<ChatBackend> OpenAi(EventLoop& loop, HttpTransport& transport,
                                    const OpenAiOptions& options,
                                    absl::BitGenRef random) {
  return std::make_unique<OpenAiBackend>(loop, transport, options, random);
}

}  // namespace holysheep
