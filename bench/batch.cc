// Sends items through one InvokeBatch of the LlmNode service, each with a
// prompt of its own, and prints one line of JSON: items, errors, seconds and
// items per second.
//
//   batch HOST:PORT ITEMS

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "holysheep/node/v1/node.grpc.pb.h"

namespace holysheep::bench {
namespace {

namespace pb = node::v1;
using Clock = std::chrono::steady_clock;
using Stream = grpc::ClientReaderWriter<pb::BatchItem, pb::BatchResult>;

void Send(int64_t items, Stream& stream) {
  const auto run = Clock::now().time_since_epoch().count();
  pb::BatchItem item;
  for (int64_t i = 0; i < items; ++i) {
    item.set_id(absl::StrCat(i));
    item.mutable_request()->set_query(
        absl::StrCat("What is the capital of France? ", i, " ", run));
    if (!stream.Write(item)) return;
  }
  stream.WritesDone();
}

int Run(const std::string& address, int64_t items) {
  const auto stub = pb::LlmNode::NewStub(
      grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  const auto start = Clock::now();
  const auto stream = stub->InvokeBatch(&context);
  std::thread sender([items, &stream] { Send(items, *stream); });
  pb::BatchResult result;
  int64_t results = 0;
  int64_t errors = 0;
  while (stream->Read(&result)) {
    ++results;
    if (result.has_error()) ++errors;
  }
  sender.join();
  const grpc::Status status = stream->Finish();
  const std::chrono::duration<double> seconds = Clock::now() - start;
  std::printf(
      "{\"items\":%lld,\"errors\":%lld,\"seconds\":%.3f,\"items_per_s\":%.0f}"
      "\n",
      static_cast<long long>(results), static_cast<long long>(errors),
      seconds.count(), static_cast<double>(results) / seconds.count());
  if (!status.ok())
    std::fprintf(stderr, "%s\n", status.error_message().c_str());
  return status.ok() && results == items ? 0 : 1;
}

}  // namespace
}  // namespace holysheep::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: batch HOST:PORT ITEMS\n");
    return 2;
  }
  return holysheep::bench::Run(argv[1], std::atoll(argv[2]));
}
