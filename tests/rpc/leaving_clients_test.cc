#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "scripted_server.h"

namespace holysheep {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

// The events of all reactors, in order.
class Heard {
 public:
  void Add(const std::string& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  // Waits until `count` calls are over, and returns all events.
  std::vector<std::string> WhenDone(int count = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, count] {
      return std::count(events_.begin(), events_.end(), "done") >= count;
    });
    return events_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
};

// Notes what it hears, and ends the call when the client has left.
class Listener final : public RpcReactor {
 public:
  Listener(RpcCall& call, Heard& heard) : call_(call), heard_(heard) {
    call.SetReactor(*this);
  }

 private:
  void OnReadDone(bool ok) override { heard_.Add(ok ? "read" : "no read"); }
  void OnWriteDone(bool ok) override {
    heard_.Add(ok ? "written" : "not written");
  }
  void OnCancel() override {
    heard_.Add("cancel");
    call_.Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override {
    heard_.Add("done");
    delete this;
  }

  RpcCall& call_;
  Heard& heard_;
};

class LeavingClientsTest : public ScriptedServerTest {
 protected:
  // Before `heard_` is gone.
  ~LeavingClientsTest() override { server_->Shutdown(absl::ZeroDuration()); }

  // A reactor that waits for the end; tells `began_` that it is there.
  void Wait(RpcCall& call) {
    new Listener(call, heard_);
    began_.set_value();
  }

  Heard heard_;
};

TEST_F(LeavingClientsTest, AClientThatLeavesIsNoticedInAUnaryCall) {
  service_.unary = [this](RpcCall& call) { Wait(call); };
  grpc::ClientContext context;
  std::thread caller([&] { Invoke("Hallo", context); });
  began_.get_future().wait();
  context.TryCancel();
  caller.join();
  EXPECT_THAT(heard_.WhenDone(), ElementsAre("cancel", "done"));
}

TEST_F(LeavingClientsTest, AClientThatLeavesWhileItsRequestIsHandledIsNoticed) {
  std::promise<void> go_on;
  service_.unary = [&](RpcCall& call) {
    Wait(call);
    go_on.get_future().wait();
  };
  grpc::ClientContext context;
  std::thread caller([&] { Invoke(Large(), context); });
  began_.get_future().wait();
  context.TryCancel();
  caller.join();
  // On the same connection, so the server knows of both.
  service_.stream = [](RpcCall& call) { call.Finish(grpc::Status::OK); };
  grpc::ClientContext later;
  EXPECT_TRUE(stub_->InvokeStream(&later, {})->Finish().ok());
  go_on.set_value();
  EXPECT_THAT(heard_.WhenDone(), ElementsAre("cancel", "done"));
}

TEST_F(LeavingClientsTest,
       AClientThatLeavesBeforeItsRequestHasComeCostsNothing) {
  {
    grpc::ClientContext context;
    service_.batch = [this](RpcCall& call) { Wait(call); };
    const auto batch = stub_->InvokeBatch(&context);
    context.TryCancel();
  }
  EXPECT_TRUE(Invoke("Hallo").ok());
}

TEST_F(LeavingClientsTest, AClientThatLeavesEndsThePendingReadOfItsStream) {
  grpc::ByteBuffer item;
  service_.batch = [&](RpcCall& call) {
    new Listener(call, heard_);
    call.StartSendInitialMetadata();
    call.StartRead(&item);
    began_.set_value();
  };
  grpc::ClientContext context;
  const auto batch = stub_->InvokeBatch(&context);
  batch->WaitForInitialMetadata();
  context.TryCancel();
  EXPECT_THAT(heard_.WhenDone(), AllOf(Contains("no read"), Contains("cancel"),
                                       Not(Contains("read"))));
}

TEST_F(LeavingClientsTest, AClientThatLeavesEndsThePendingWriteOfItsStream) {
  service_.stream = [this](RpcCall& call) {
    new Listener(call, heard_);
    // More than the client takes without reading.
    pb::InvokeEvent event;
    event.set_text(std::string(8 << 20, 'x'));
    call.StartWrite(Serialize(event));
    began_.set_value();
  };
  grpc::ClientContext context;
  const auto events = stub_->InvokeStream(&context, {});
  began_.get_future().wait();
  context.TryCancel();
  EXPECT_THAT(heard_.WhenDone(), Contains("cancel"));
}

TEST_F(LeavingClientsTest, TheServerEndsWithOpenCallsOfEveryKind) {
  grpc::ByteBuffer item;
  std::promise<void> stream_began;
  service_.unary = [this](RpcCall& call) { Wait(call); };
  service_.stream = [&](RpcCall& call) {
    new Listener(call, heard_);
    call.StartWrite(Serialize(pb::InvokeEvent()));
    stream_began.set_value();
  };
  service_.batch = [&](RpcCall& call) {
    new Listener(call, heard_);
    call.StartSendInitialMetadata();
    call.StartRead(&item);
  };
  grpc::ClientContext contexts[3];
  std::thread caller([&] { EXPECT_FALSE(Invoke("Hallo", contexts[0]).ok()); });
  const auto events = stub_->InvokeStream(&contexts[1], {});
  const auto batch = stub_->InvokeBatch(&contexts[2]);
  batch->WaitForInitialMetadata();
  began_.get_future().wait();
  stream_began.get_future().wait();
  server_->Shutdown(absl::ZeroDuration());
  caller.join();
  const std::vector<std::string> heard = heard_.WhenDone(3);
  EXPECT_EQ(std::count(heard.begin(), heard.end(), "cancel"), 3);
  EXPECT_EQ(std::count(heard.begin(), heard.end(), "done"), 3);
}

}  // namespace
}  // namespace holysheep
