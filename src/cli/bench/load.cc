#include "cli/bench/load.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <string>

#include "absl/time/clock.h"
#include "cli/client/call_error.h"
#include "cli/client/channel.h"

namespace holysheep::cli {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(10);

std::string FailureOf(const grpc::Status& status) {
  if (status.ok()) return {};
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  const CallError error = CallErrorOf(
      MakeCallStatus(code, status.error_message(), status.error_details()));
  return error.reason.empty() ? absl::StatusCodeToString(code) : error.reason;
}

CallSample SampleOf(const load::CallEnd& end) {
  CallSample sample;
  sample.ended = end.ended;
  sample.latency = end.latency;
  sample.first_token = end.first_token;
  sample.failure = FailureOf(end.status);
  sample.tokens = end.response.tokens_used();
  sample.cached = end.response.cached();
  sample.joined = end.response.cache_info().outcome() == pb::CacheInfo::JOINED;
  return sample;
}

}  // namespace

absl::Status RunLoad(const Settings& settings, const load::LoadPlan& plan,
                     Interrupt& interrupt, load::NextRequest next_request,
                     OnSample on_sample) {
  const load::LoadTarget target = {
      NewChannel(settings), [&settings](grpc::ClientContext& context) {
        AddCredentials(settings, context);
        if (settings.timeout.has_value()) {
          context.set_deadline(
              absl::ToChronoTime(absl::Now() + *settings.timeout));
        }
      }};
  // The time to connect does not count as latency.
  if (!target.channel->WaitForConnected(
          std::chrono::system_clock::now() +
          absl::ToChronoMicroseconds(
              settings.timeout.value_or(kConnectTimeout)))) {
    return absl::UnavailableError("no connection");
  }
  const auto run = load::NewLoadRun(target, plan, next_request);
  const Interrupt::Guard guard(interrupt, [&run] { run->Stop(); });
  return run->Run(
      [on_sample](const load::CallEnd& end) { on_sample(SampleOf(end)); });
}

}  // namespace holysheep::cli
