#include "cli/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

namespace holysheep {
namespace {

constexpr int kMaxMessageBytes = 64 << 20;

// For a connection with its TLS handshake, over whatever distance. gRPC takes
// the least backoff for that, too.
constexpr int kConnectTimeoutMs = 5000;

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
  // The service is near; a proxy for the web cannot reach it.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A service that is just starting is found soon.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetUserAgentPrefix("holysheepctl");
  if (!settings.server_name.empty()) {
    arguments.SetSslTargetNameOverride(settings.server_name);
  }
  return grpc::CreateCustomChannel(settings.address, CredentialsOf(settings),
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

}  // namespace holysheep
