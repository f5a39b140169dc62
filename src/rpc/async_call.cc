#include "rpc/async_call.h"

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <optional>

#include "base/memory_account.h"
#include "net/peer.h"

namespace holysheep {
// Invariants: `pending_` counts what still refers to a call: the handler until
// it has returned, the tag of the end that gRPC announces (`over_`), Finish
// until its tag has come, and each operation until its own has. Whoever counts
// the last of them down deletes the call, so that no other thread is in it. A
// call that has not come counts nothing: gRPC promises no further tag.
//
// `reactor_` is set by the handler, and then read by what the handler has
// started. Only the end may come before it, hence `told_`.

namespace {

using grpc::ByteBuffer;

class AsyncCall final : public RpcCall {
 public:
  explicit AsyncCall(const CallSource& source) : source_(source) {
    source_.loop.Enter();
    context_.AsyncNotifyWhenDone(over_.tag());
  }

  void Ask() {
    grpc::ServerCompletionQueue& queue = source_.loop.queue();
    source_.generic.RequestCall(&context_, &stream_, &queue, &queue,
                                arrived_.tag());
  }

  const grpc::ServerContext& context() const override { return context_; }
  const ByteBuffer& request() const override { return request_; }
  ByteBuffer& response() override { return response_; }
  void SetAuthenticated() override {
    const std::optional<Peer> peer = ParsePeer(context_.peer());
    if (peer.has_value()) source_.peers.Prove(*peer);
  }
  void Keep(std::shared_ptr<HeldMemory> memory) override {
    memory_ = std::move(memory);
  }
  void SetReactor(RpcReactor& reactor) override { reactor_ = &reactor; }

  void StartSendInitialMetadata() override {
    Hold();
    stream_.SendInitialMetadata(metadata_sent_.tag());
  }
  void StartRead(ByteBuffer* message) override {
    reading_ = message;
    Hold();
    stream_.Read(message, read_.tag());
  }
  void StartWrite(const ByteBuffer& message) override {
    Hold();
    stream_.Write(message, written_.tag());
  }
  void Cancel() override { context_.TryCancel(); }
  void Finish(const grpc::Status& status) override {
    // A request that the handler itself ends is dropped first: its sender might
    // send the next one at once.
    if (reactor_ == nullptr) request_.Clear();
    pending_.fetch_add(0, std::memory_order_release);  // Counted already.
    if (status.ok() && response_.Valid()) {
      stream_.WriteAndFinish(response_, {}, status, finished_.tag());
    } else {
      stream_.Finish(status, finished_.tag());
    }
  }

 private:
  // One operation's tag.
  class Tag final : public CompletionTag {
   public:
    using Then = void (AsyncCall::*)(bool ok);
    Tag(AsyncCall& call, Then then) : call_(call), then_(then) {}
    void Complete(bool ok) override {
      // What was done before the operation was started (see Hold) came before.
      call_.pending_.load(std::memory_order_acquire);
      (call_.*then_)(ok);
    }

   private:
    AsyncCall& call_;
    const Then then_;
  };

  // What has come: neither, the end of the handler, or a cancellation.
  enum class End { kNone, kHandled, kCancelled };

  void OnArrived(bool ok) {
    if (!ok) return Delete();  // The server ends.
    AskForCall(source_);
    const auto found = source_.methods.find(context_.method());
    if (found == source_.methods.end()) {
      Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""));
      return Release();
    }
    method_ = &found->second;
    if (method_->streams_requests) return Handle();
    Hold();
    stream_.Read(&request_, request_read_.tag());
  }

  // A request that is missing is handled like an empty one that cannot be read.
  void OnRequestRead(bool) {
    if (method_->takes_long || request_.Length() > kLargeMessageBytes) {
      source_.worker.Run([this] { Handle(); });
    } else {
      Handle();
    }
    Release();
  }
  void OnMetadataSent(bool) { Release(); }
  void OnRead(bool ok) {
    if (ok && reading_->Length() > kLargeMessageBytes) {
      source_.worker.Run([this] { TellRead(true); });
    } else {
      TellRead(ok);
    }
  }
  void OnWritten(bool ok) {
    reactor_->OnWriteDone(ok);
    Release();
  }
  void OnFinished(bool) { Release(); }
  void OnOver(bool) {
    if (context_.IsCancelled()) Tell(End::kCancelled, End::kHandled);
    Release();
  }

  void Handle() {
    method_->handle(*this);
    Tell(End::kHandled, End::kCancelled);
    Release();
  }
  void TellRead(bool ok) {
    reactor_->OnReadDone(ok);
    Release();
  }

  // The second of both to come tells the reactor.
  void Tell(End comes, End other) {
    if (told_.exchange(comes) != other) return;
    if (reactor_ != nullptr) reactor_->OnCancel();
  }

  // Counts an operation that is being started. gRPC orders that before the
  // operation's end, but says so to no tool that looks for races.
  void Hold() { pending_.fetch_add(1, std::memory_order_release); }
  void Release() {
    if (pending_.fetch_sub(1) > 1) return;
    if (reactor_ != nullptr) reactor_->OnDone();
    Delete();
  }

  void Delete() {
    CompletionLoop& loop = source_.loop;
    delete this;
    loop.Leave();
  }

  const CallSource& source_;
  const RpcMethod* method_ = nullptr;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  std::shared_ptr<HeldMemory> memory_;
  ByteBuffer request_;
  ByteBuffer response_;
  // Where the pending read of a reactor puts its message.
  ByteBuffer* reading_ = nullptr;
  RpcReactor* reactor_ = nullptr;
  std::atomic<End> told_ = End::kNone;
  // At first the handler, `over_` and Finish.
  std::atomic<int> pending_ = 3;

  Tag arrived_{*this, &AsyncCall::OnArrived};
  Tag request_read_{*this, &AsyncCall::OnRequestRead};
  Tag metadata_sent_{*this, &AsyncCall::OnMetadataSent};
  Tag read_{*this, &AsyncCall::OnRead};
  Tag written_{*this, &AsyncCall::OnWritten};
  Tag finished_{*this, &AsyncCall::OnFinished};
  Tag over_{*this, &AsyncCall::OnOver};
};

}  // namespace

// It deletes itself when it is over.
void AskForCall(const CallSource& source) { (new AsyncCall(source))->Ask(); }

}  // namespace holysheep
