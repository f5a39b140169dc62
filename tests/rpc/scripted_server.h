#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <future>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/node.grpc.pb.h"
#include "rpc/async_call.h"
#include "rpc/grpc_server.h"
#include "rpc/wire.h"

namespace holysheep {

// A server whose handlers are the test's, with a client of it.

namespace pb = node::v1;

using Handler = std::function<void(RpcCall&)>;

// Has one method of each kind, which do what the test says.
class ScriptedService final : public RpcService {
 public:
  std::string name() const override { return "holysheep.node.v1.LlmNode"; }
  std::vector<RpcMethod> methods() override {
    return {{"Invoke", [this](RpcCall& call) { unary(call); }},
            {"InvokeStream", [this](RpcCall& call) { stream(call); }},
            {"InvokeBatch", [this](RpcCall& call) { batch(call); }, true}};
  }

  Handler unary;
  Handler stream;
  Handler batch;
};

// Answers with the beginning of the query.
inline void Echo(RpcCall& call) {
  pb::InvokeRequest request;
  ASSERT_TRUE(Parse(call.request(), request).ok());
  pb::InvokeResponse response;
  response.set_result(request.query().substr(0, 100));
  call.response() = Serialize(response);
  call.Finish(grpc::Status::OK);
}

class ScriptedServerTest : public ::testing::Test {
 protected:
  ScriptedServerTest() {
    service_.unary = Echo;
    Start(1);
  }
  ~ScriptedServerTest() override { server_->Shutdown(absl::ZeroDuration()); }

  // Replaces the server by one with so many threads, and a client of it.
  void Start(int threads) {
    if (server_ != nullptr) server_->Shutdown(absl::ZeroDuration());
    GrpcServerOptions options;
    options.threads = threads;
    options.address = "127.0.0.1:0";
    options.credentials = grpc::InsecureServerCredentials();
    auto server = StartGrpcServer(options, {&service_}, *worker_, dropped_);
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = pb::LlmNode::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", server_->port()),
                            grpc::InsecureChannelCredentials()));
  }

  grpc::Status Invoke(const std::string& query, grpc::ClientContext& context) {
    pb::InvokeRequest request;
    request.set_query(query);
    return stub_->Invoke(&context, request, &response_);
  }
  grpc::Status Invoke(const std::string& query) {
    grpc::ClientContext context;
    return Invoke(query, context);
  }

  static std::string Large() {
    return std::string(2 * kLargeMessageBytes, 'x');
  }

  ScriptedService service_;
  std::promise<void> began_;
  pb::InvokeResponse response_;
  DroppedConnections dropped_;
  const std::unique_ptr<Worker> worker_ = NewWorker(1);
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<pb::LlmNode::Stub> stub_;
};

}  // namespace holysheep
