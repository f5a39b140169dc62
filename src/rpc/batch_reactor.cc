#include "rpc/batch_reactor.h"

#include <optional>
#include <utility>

#include "base/utf8.h"
#include "chat/answer.h"
#include "holysheep/node/v1/node.pb.h"
#include "intake/request_memory.h"
#include "jobs/batch.h"
#include "rpc/loop_reactor.h"
#include "rpc/status.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

// A caller that sets a time limit wants the item to fail after it; other items
// may wait.
bool IsPatient(const pb::InvokeRequest& request) {
  return !request.timeouts().has_total_ms() &&
         !request.timeouts().has_queue_ms();
}

// Invariants: `item_` belongs to gRPC from StartRead to OnReadDone, `result_`
// from StartWrite to OnWriteDone. At most one read and one write are pending,
// because the batch asks for the next only after Add and TakeResult. `batch_`
// is touched on the loop only; it is null before the start and after the end.
// All other members that both threads use never change.
class RunningBatchReactor final : public LoopReactor,
                                  BatchPeer,
                                  public Revocation::Lasting {
 public:
  RunningBatchReactor(RpcCall& call, const BatchReactorParts& parts,
                      std::shared_ptr<const Caller> caller, absl::Time deadline)
      : LoopReactor(call, parts.loop, parts.calls),
        parts_(parts),
        caller_(std::move(caller)),
        deadline_(deadline) {}

  void Start() {
    BatchOptions options;
    const auto settings = parts_.intake.settings();
    options.max_open = static_cast<size_t>(settings->limits.batch_in_flight);
    options.patience = settings->limits.batch_patience;
    options.deadline = deadline_;
    Begin([this, options] {
      watch_.emplace(parts_.revocation, caller_, *this);
      batch_ = NewBatch(parts_.loop, parts_.chat, options, *this);
      batch_->Begin();
    });
  }

 private:
  // Validates where the item has come, because that takes longer than all that
  // the loop does for an answer from the cache.
  void OnReadDone(bool ok) override {
    if (!ok) {
      parts_.loop.Enter([this] {
        if (batch_ != nullptr) batch_->EndInput();
      });
      return;
    }
    parts_.loop.Enter([this, input = Parse()]() mutable {
      if (batch_ != nullptr) batch_->Add(std::move(input));
    });
  }
  void OnWriteDone(bool) override {
    parts_.loop.Enter([this] {
      result_memory_.reset();
      if (batch_ != nullptr) batch_->TakeResult();
    });
  }
  void Abandon() override {
    batch_.reset();
    FinishOnce(grpc::Status::CANCELLED);
  }

  void EndRevoked(const absl::Status& error) override {
    batch_.reset();
    CancelAfter(loop().Now());
    FinishOnce(ToGrpcStatus(error));
  }

  void OnRoom() override { call().StartRead(&item_); }
  // The buffer belongs to gRPC until OnWriteDone; the batch gives no other
  // result before that.
  void OnResult(BatchOutput output) override {
    pb::BatchResult result;
    result.set_id(std::move(output.id));
    result.set_index(output.index);
    if (output.outcome.ok()) {
      *result.mutable_response() = ToResponse(*std::move(output.outcome));
    } else {
      ToErrorMessage(output.outcome.status(), result.mutable_error());
    }
    result_ = Serialize(result);
    result_memory_ = std::move(output.memory);
    call().StartWrite(result_);
  }
  void OnEnd() override {
    batch_.reset();
    FinishOnce(grpc::Status::OK);
  }

  // A message that cannot be read becomes an item with an error, so that its
  // caller learns which one it was.
  BatchInput Parse() {
    auto memory = TakeForRequest(parts_.memory, *caller_, item_.Length());
    pb::BatchItem item;
    absl::Status unpacked = holysheep::Parse(item_, item);
    if (!unpacked.ok()) {
      // The id comes first, so it has probably been read.
      return {BoundedUtf8(item.id(), item.id().size()), std::move(unpacked)};
    }
    if (!memory.ok()) return {std::move(*item.mutable_id()), memory.status()};
    const bool patient = IsPatient(item.request());
    auto request = parts_.intake.ReceiveFrom(
        caller_, std::move(*item.mutable_request()), deadline_);
    if (request.ok()) request->memory = *std::move(memory);
    return {std::move(*item.mutable_id()), std::move(request), patient};
  }

  const BatchReactorParts parts_;
  const std::shared_ptr<const Caller> caller_;
  const absl::Time deadline_;
  grpc::ByteBuffer item_;
  grpc::ByteBuffer result_;
  std::shared_ptr<HeldMemory> result_memory_;
  std::unique_ptr<Batch> batch_;
  std::optional<Revocation::Watch> watch_;
};

}  // namespace

void StartBatchReactor(RpcCall& call, const BatchReactorParts& parts,
                       std::shared_ptr<const Caller> caller,
                       absl::Time deadline) {
  (new RunningBatchReactor(call, parts, std::move(caller), deadline))->Start();
}

}  // namespace holysheep
