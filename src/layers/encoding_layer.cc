#include "layers/encoding_layer.h"

#include <utility>

#include "base/errand.h"
#include "chat/answer.h"
#include "holysheep/node/v1/chat.pb.h"
#include "upstream/upstream_request.h"

namespace holysheep {
namespace {

// Encoding a smaller request takes a fraction of a millisecond.
constexpr size_t kLargeBytes = 65'536;

class EncodingCall final : public ChatCall {
 public:
  EncodingCall(EventLoop& loop, Worker& worker, EncodeOptions options,
               ChatBackend& next, const ChatRequest& request,
               ChatObserver& observer)
      : next_(next),
        request_(request),
        observer_(observer),
        writing_(
            worker, loop,
            [request, options] { return EncodeRequest(request, options); },
            [this](absl::StatusOr<EncodedRequest> encoded) {
              OnEncoded(std::move(encoded));
            }) {}

 private:
  void OnEncoded(absl::StatusOr<EncodedRequest> encoded) {
    if (!encoded.ok()) return observer_.OnDone(encoded.status());
    request_.encoded = std::make_shared<EncodedRequest>(*std::move(encoded));
    child_ = next_.Start(request_, observer_);
  }

  ChatBackend& next_;
  ChatRequest request_;
  ChatObserver& observer_;
  const Errand<absl::StatusOr<EncodedRequest>> writing_;
  std::unique_ptr<ChatCall> child_;
};

class EncodingBackend final : public ChatBackend {
 public:
  EncodingBackend(EventLoop& loop, Worker& worker, const OpenAiOptions& options,
                  std::unique_ptr<ChatBackend> next)
      : loop_(loop),
        worker_(worker),
        options_(options),
        next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    if (request.message->ByteSizeLong() < kLargeBytes) {
      return next_->Start(request, observer);
    }
    return std::make_unique<EncodingCall>(loop_, worker_,
                                          EncodeOptionsFor(request, options_),
                                          *next_, request, observer);
  }

 private:
  EventLoop& loop_;
  Worker& worker_;
  const OpenAiOptions& options_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> EncodingLayer(EventLoop& loop, Worker& worker,
                                           const OpenAiOptions& options,
                                           std::unique_ptr<ChatBackend> next) {
  return std::make_unique<EncodingBackend>(loop, worker, options,
                                           std::move(next));
}

}  // namespace holysheep
