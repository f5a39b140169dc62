#include "rpc/async_call.h"

#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "scripted_server.h"

namespace holysheep {
namespace {

using AsyncCallTest = ScriptedServerTest;

TEST_F(AsyncCallTest, AUnaryCallGetsItsResponse) {
  ASSERT_TRUE(Invoke("Hallo").ok());
  EXPECT_EQ(response_.result(), "Hallo");
}

TEST_F(AsyncCallTest, SeveralQueuesShareTheCalls) {
  Start(3);
  for (int i = 0; i < 30; ++i) {
    EXPECT_TRUE(Invoke("Hallo").ok());
    EXPECT_TRUE(Invoke(Large()).ok());
  }
}

TEST_F(AsyncCallTest, AMethodThatIsNotThereIsUnimplemented) {
  grpc::ClientContext context;
  pb::ListModelsResponse models;
  const grpc::Status status = stub_->ListModels(&context, {}, &models);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(AsyncCallTest, ManyMoreCallsThanAskedForInAdvanceAreAllHandled) {
  constexpr int kCalls = 300;
  std::mutex mutex;
  std::vector<RpcCall*> waiting;
  std::promise<void> all;
  service_.unary = [&](RpcCall& call) {
    const std::lock_guard lock(mutex);
    waiting.push_back(&call);
    if (waiting.size() == kCalls) all.set_value();
  };
  grpc::CompletionQueue queue;
  std::vector<grpc::ClientContext> contexts(kCalls);
  std::vector<pb::InvokeResponse> responses(kCalls);
  std::vector<grpc::Status> statuses(kCalls);
  std::vector<
      std::unique_ptr<grpc::ClientAsyncResponseReader<pb::InvokeResponse>>>
      calls;
  for (int i = 0; i < kCalls; ++i) {
    calls.push_back(stub_->AsyncInvoke(&contexts[i], {}, &queue));
    calls.back()->Finish(&responses[i], &statuses[i], nullptr);
  }
  all.get_future().wait();
  for (RpcCall* call : waiting) Echo(*call);
  void* tag;
  bool ok;
  for (int i = 0; i < kCalls; ++i) queue.Next(&tag, &ok);
  for (const grpc::Status& status : statuses) EXPECT_TRUE(status.ok());
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) continue;
}

TEST_F(AsyncCallTest, WhileALargeRequestIsHandledOthersAreAnswered) {
  std::promise<void> began;
  std::promise<void> go_on;
  service_.unary = [&](RpcCall& call) {
    if (call.request().Length() > kLargeMessageBytes) {
      began.set_value();
      go_on.get_future().wait();
    }
    Echo(call);
  };
  std::thread large([this] {
    grpc::ClientContext context;
    pb::InvokeRequest request;
    request.set_query(Large());
    pb::InvokeResponse response;
    EXPECT_TRUE(stub_->Invoke(&context, request, &response).ok());
  });
  began.get_future().wait();
  EXPECT_TRUE(Invoke("Hallo").ok());
  go_on.set_value();
  large.join();
}

TEST_F(AsyncCallTest, WhileALargeItemOfAStreamIsReadOthersAreAnswered) {
  class Reader final : public RpcReactor {
   public:
    Reader(RpcCall& call, std::promise<void>& began, std::promise<void>& go_on)
        : call_(call), began_(began), go_on_(go_on) {
      call.SetReactor(*this);
      call.StartRead(&item_);
    }
    void OnReadDone(bool ok) override {
      if (ok) {
        began_.set_value();
        go_on_.get_future().wait();
      }
      call_.Finish(grpc::Status::OK);
    }
    void OnDone() override { delete this; }

   private:
    RpcCall& call_;
    std::promise<void>& began_;
    std::promise<void>& go_on_;
    grpc::ByteBuffer item_;
  };
  std::promise<void> go_on;
  service_.batch = [&](RpcCall& call) { new Reader(call, began_, go_on); };
  grpc::ClientContext context;
  const auto batch = stub_->InvokeBatch(&context);
  pb::BatchItem item;
  item.mutable_request()->set_query(Large());
  batch->Write(item);
  began_.get_future().wait();
  EXPECT_TRUE(Invoke("Hallo").ok());
  go_on.set_value();
  EXPECT_TRUE(batch->Finish().ok());
}

}  // namespace
}  // namespace holysheep
