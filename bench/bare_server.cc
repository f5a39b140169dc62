// The floor of every comparison: a gRPC server with the same messages and no
// logic at all.
//
//   bare_server HOST:PORT BYTES    each answer has a result of BYTES bytes; a
//                                  stream has one text event of each 4 of them

#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/synchronization/mutex.h"
#include "holysheep/node/v1/node.grpc.pb.h"

namespace holysheep::bench {
namespace {

namespace pb = node::v1;

pb::InvokeResponse AnswerOf(size_t bytes) {
  pb::InvokeResponse answer;
  answer.set_result(std::string(bytes, 'x'));
  answer.set_latency_ms(0.08);
  answer.set_model_used("deepseek-v3.2");
  answer.set_tokens_used(30);
  answer.set_finish_reason(pb::InvokeResponse::STOP);
  answer.set_finish_reason_raw("stop");
  answer.mutable_usage()->set_prompt_tokens(10);
  answer.mutable_usage()->set_completion_tokens(20);
  answer.mutable_usage()->set_total_tokens(30);
  pb::Cost& cost = *answer.mutable_cost();
  for (auto* text :
       {cost.mutable_total(), cost.mutable_prompt(), cost.mutable_completion(),
        cost.mutable_official(), cost.mutable_saved()}) {
    *text = "0.0000126";
  }
  cost.set_prompt_unit_price("0.42");
  cost.set_completion_unit_price("0.42");
  cost.set_currency("USD");
  answer.set_request_id("5ba3fd37ca815ac5e983f7837386daa6");
  return answer;
}

class Stream final : public grpc::ServerWriteReactor<pb::InvokeEvent> {
 public:
  explicit Stream(const pb::InvokeResponse& answer)
      : left_(answer.result().size() / 4) {
    event_.set_text("xxxx");
    *final_.mutable_final() = answer;
    Next();
  }
  void OnWriteDone(bool) override { Next(); }
  void OnDone() override { delete this; }

 private:
  void Next() {
    if (left_ > 0) {
      --left_;
      StartWrite(&event_);
    } else {
      StartWriteAndFinish(&final_, {}, grpc::Status::OK);
      left_ = SIZE_MAX;
    }
  }

  size_t left_;
  pb::InvokeEvent event_;
  pb::InvokeEvent final_;
};

class Bare final : public pb::LlmNode::CallbackService {
 public:
  explicit Bare(size_t bytes) : answer_(AnswerOf(bytes)) {}

  grpc::ServerUnaryReactor* Invoke(grpc::CallbackServerContext* context,
                                   const pb::InvokeRequest*,
                                   pb::InvokeResponse* response) override {
    *response = answer_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerWriteReactor<pb::InvokeEvent>* InvokeStream(
      grpc::CallbackServerContext*, const pb::InvokeRequest*) override {
    return new Stream(answer_);
  }

 private:
  const pb::InvokeResponse answer_;
};

}  // namespace
}  // namespace holysheep::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: bare_server HOST:PORT BYTES\n", stderr);
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  holysheep::bench::Bare service(std::strtoul(argv[2], nullptr, 10));
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(argv[1], grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  server->Wait();
}
