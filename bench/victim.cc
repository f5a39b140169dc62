// An honest caller at a steady pace, in three loops of one call at a time: new
// prompts, one that the cache has, and streams of new prompts. Prints one line
// of JSON: for `miss`, `hit` and `stream` (its first piece) the number of calls
// and p50, p99 and max in microseconds, and `failed`, the calls that failed by
// code and message.
//
//   victim HOST:PORT TOKEN_FILE MODEL SECONDS
//
// A call that takes longer than the pace also counts for those that it kept
// from being made, each with the rest of the time that it would have waited.

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bench/latencies.h"
#include "bench/load_run.h"
#include "holysheep/node/v1/node.grpc.pb.h"

namespace holysheep::bench {
namespace {

namespace pb = node::v1;

constexpr auto kPace = std::chrono::milliseconds(10);
constexpr auto kDeadline = std::chrono::seconds(5);
// Calls before these are not counted.
constexpr int kWarmUp = 10;

struct Figures {
  std::map<std::string, int> calls;
  std::map<std::string, Latencies> latencies;
  std::map<std::string, int> failed;

  void Add(const Figures& other) {
    for (const auto& [kind, count] : other.calls) calls[kind] += count;
    for (const auto& [kind, times] : other.latencies)
      latencies[kind].Add(times);
    for (const auto& [why, count] : other.failed) failed[why] += count;
  }
};

// Who calls whom; shared by the loops.
struct Victim {
  std::shared_ptr<pb::LlmNode::Stub> stub;
  std::string authorization;
  std::string model;
  double seconds = 0;

  void Prepare(grpc::ClientContext& context) const {
    context.AddMetadata("authorization", authorization);
    context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  }
};

pb::InvokeRequest NewPrompt(const Victim& victim) {
  static std::atomic<int64_t> number = 0;
  pb::InvokeRequest request;
  request.set_model(victim.model);
  request.set_query(absl::StrCat("What is the capital of country ", ++number,
                                 "? ",
                                 Clock::now().time_since_epoch().count()));
  return request;
}

grpc::Status Ask(const Victim& victim, const pb::InvokeRequest& request) {
  grpc::ClientContext context;
  victim.Prepare(context);
  pb::InvokeResponse response;
  return victim.stub->Invoke(&context, request, &response);
}

// `first` is when the first piece of text came.
grpc::Status AskForStream(const Victim& victim, Clock::time_point& first) {
  grpc::ClientContext context;
  victim.Prepare(context);
  const auto reader = victim.stub->InvokeStream(&context, NewPrompt(victim));
  pb::InvokeEvent event;
  bool has_text = false;
  while (reader->Read(&event)) {
    if (!has_text && event.has_text()) first = Clock::now();
    has_text |= event.has_text();
  }
  return reader->Finish();
}

// Adds the latency, and those of the calls that were due in the meantime.
void AddWithOmitted(absl::Duration latency, Latencies& latencies) {
  for (; latency > absl::ZeroDuration(); latency -= absl::FromChrono(kPace)) {
    latencies.Add(latency);
  }
}

// Makes a call, and returns how it ended; may set when it was answered, if that
// was before its end.
using OneCall = std::function<grpc::Status(Clock::time_point& answered)>;

Figures Loop(const char* kind, double seconds, const OneCall& ask) {
  Figures figures;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (int number = 0; Clock::now() < end; ++number) {
    const auto begin = Clock::now();
    Clock::time_point answered;
    const grpc::Status status = ask(answered);
    if (answered == Clock::time_point()) answered = Clock::now();
    if (number >= kWarmUp) {
      ++figures.calls[kind];
      AddWithOmitted(absl::FromChrono(answered - begin),
                     figures.latencies[kind]);
      if (!status.ok()) {
        ++figures.failed[absl::StrCat(status.error_code(), " ",
                                      status.error_message())];
      }
    }
    std::this_thread::sleep_until(begin + kPace);
  }
  return figures;
}

Figures Live(const Victim& victim) {
  const pb::InvokeRequest known = NewPrompt(victim);
  Ask(victim, known);
  Figures hits;
  Figures streams;
  std::thread hit([&] {
    hits = Loop("hit", victim.seconds,
                [&](Clock::time_point&) { return Ask(victim, known); });
  });
  std::thread stream([&] {
    streams = Loop("stream", victim.seconds, [&](Clock::time_point& answered) {
      return AskForStream(victim, answered);
    });
  });
  Figures all = Loop("miss", victim.seconds, [&](Clock::time_point&) {
    return Ask(victim, NewPrompt(victim));
  });
  hit.join();
  stream.join();
  all.Add(hits);
  all.Add(streams);
  return all;
}

void Print(const Figures& figures) {
  std::printf("{");
  for (const auto& [kind, times] : figures.latencies) {
    std::printf(
        "\"%s\": {\"calls\": %d, \"p50\": %.1f, \"p99\": %.1f, \"max\": "
        "%.1f}, ",
        kind.c_str(), figures.calls.at(kind), Micros(times, 50),
        Micros(times, 99), Micros(times, 100));
  }
  std::printf("\"failed\": {");
  const char* separator = "";
  for (const auto& [why, count] : figures.failed) {
    std::printf(
        "%s\"%s\": %d", separator,
        absl::StrReplaceAll(why, {{"\"", "'"}, {"\\", "/"}, {"\n", " "}})
            .c_str(),
        count);
    separator = ", ";
  }
  std::printf("}}\n");
}

}  // namespace
}  // namespace holysheep::bench

int main(int argc, char** argv) {
  namespace bench = holysheep::bench;
  if (argc != 5) {
    std::fprintf(stderr, "usage: victim HOST:PORT TOKEN_FILE MODEL SECONDS\n");
    return 2;
  }
  const bench::Victim victim = {
      holysheep::node::v1::LlmNode::NewStub(
          grpc::CreateChannel(argv[1], grpc::InsecureChannelCredentials())),
      bench::BearerFrom(argv[2]), argv[3], std::atof(argv[4])};
  bench::Print(bench::Live(victim));
}
