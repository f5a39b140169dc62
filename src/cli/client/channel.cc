#include "cli/client/channel.h"

#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include "cli/client/target.h"

namespace holysheep::cli {
namespace {

// Twice the largest request; answers are smaller by default, but the operator
// may raise their bound.
constexpr int kMaxMessageBytes = 64 << 20;

// The time for a connection and its TLS handshake over any distance. gRPC also
// uses the smallest backoff for it.
constexpr int kConnectTimeoutMs = 5000;

// Calls the instances in turn, except those that are shutting down, and repeats
// a call that did not begin: one without even initial metadata (docs/adr/0011).
// In total that waits 3 s for an instance.
constexpr char kSeveral[] = R"({
  "loadBalancingConfig": [{"round_robin": {}}],
  "healthCheckConfig": {"serviceName": "holysheep.node.v1.LlmNode"},
  "methodConfig": [{
    "name": [{}],
    "retryPolicy": {
      "maxAttempts": 5,
      "initialBackoff": "0.1s",
      "maxBackoff": "2s",
      "backoffMultiplier": 3,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
})";

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const Settings& settings) {
  if (!settings.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = settings.ca;
  options.pem_cert_chain = settings.cert;
  options.pem_private_key = settings.key;
  return grpc::SslCredentials(options);
}

}  // namespace

std::shared_ptr<grpc::Channel> NewChannel(const Settings& settings) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  // The service is nearby; a proxy for the web cannot reach it.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A service that is just starting is reached soon.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // A dead network is noticed within 40 s, however long a call may take.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetUserAgentPrefix("holysheepctl");
  if (!settings.server_name.empty()) {
    arguments.SetSslTargetNameOverride(settings.server_name);
  }
  // The settings have been checked already.
  const Target target = ParseTarget(settings.address).value();
  if (target.several) {
    arguments.SetServiceConfigJSON(kSeveral);
    // The name is resolved again when an instance disappears.
    arguments.SetInt(GRPC_ARG_DNS_MIN_TIME_BETWEEN_RESOLUTIONS_MS, 1000);
  }
  // Never undone, as in rpc/grpc_server.cc: the end would wait for up to 10 s.
  grpc_init();
  return grpc::CreateCustomChannel(target.uri, CredentialsOf(settings),
                                   arguments);
}

void AddCredentials(const Settings& settings, grpc::ClientContext& context) {
  if (!settings.token.empty()) {
    context.AddMetadata("authorization", "Bearer " + settings.token);
  }
  if (!settings.upstream_key.empty()) {
    context.AddMetadata("x-holysheep-api-key", settings.upstream_key);
  }
}

}  // namespace holysheep::cli
