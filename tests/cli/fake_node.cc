#include "cli/fake_node.h"

#include <grpcpp/ext/health_check_service_server_builder_option.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "holysheep/node/v1/node.grpc.pb.h"

namespace holysheep::cli {
namespace {

std::map<std::string, std::string> MetadataOf(
    const grpc::ServerContext& context) {
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : context.client_metadata()) {
    metadata[std::string(key.data(), key.size())] =
        std::string(value.data(), value.size());
  }
  return metadata;
}

}  // namespace

grpc::Status ServiceError(grpc::StatusCode code, const std::string& reason,
                          int retry_after_ms) {
  google::rpc::Status wire;
  wire.set_code(code);
  wire.set_message("told so");
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("holysheep.ai");
  wire.add_details()->PackFrom(info);
  if (retry_after_ms >= 0) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(retry_after_ms / 1000);
    retry.mutable_retry_delay()->set_nanos(retry_after_ms % 1000 * 1'000'000);
    wire.add_details()->PackFrom(retry);
  }
  return {code, wire.message(), wire.SerializeAsString()};
}

class FakeNode::Services final : public pb::LlmNode::Service {
 public:
  explicit Services(FakeNode& node) : node_(node), admin_(node) {
    grpc::EnableDefaultHealthCheckService(true);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(this);
    builder.RegisterService(&admin_);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }

  ~Services() override { server_->Shutdown(std::chrono::system_clock::now()); }

  const std::string& address() const { return address_; }
  grpc::Server& server() { return *server_; }

 private:
  class Admin final : public pb::NodeAdmin::Service {
   public:
    explicit Admin(FakeNode& node) : node_(node) {}

    grpc::Status GetStats(grpc::ServerContext*, const pb::GetStatsRequest*,
                          pb::GetStatsResponse* response) override {
      *response = node_.stats;
      return grpc::Status::OK;
    }
    grpc::Status GetUsage(grpc::ServerContext*,
                          const pb::GetUsageRequest* request,
                          pb::GetUsageResponse* response) override {
      return node_.usage(*request, *response);
    }
    grpc::Status PurgeCache(grpc::ServerContext*,
                            const pb::PurgeCacheRequest* request,
                            pb::PurgeCacheResponse* response) override {
      return node_.purge(*request, *response);
    }

   private:
    FakeNode& node_;
  };

  grpc::Status Invoke(grpc::ServerContext* context,
                      const pb::InvokeRequest* request,
                      pb::InvokeResponse* response) override {
    node_.Record(*request, MetadataOf(*context));
    return node_.invoke(*response);
  }
  grpc::Status InvokeStream(
      grpc::ServerContext* context, const pb::InvokeRequest* request,
      grpc::ServerWriter<pb::InvokeEvent>* writer) override {
    node_.Record(*request, MetadataOf(*context));
    return node_.invoke_stream([writer](const pb::InvokeEvent& event) {
      return writer->Write(event);
    });
  }
  // Each item is a call.
  grpc::Status InvokeBatch(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<pb::BatchResult, pb::BatchItem>* stream)
      override {
    pb::BatchItem item;
    for (int64_t index = 0; stream->Read(&item); ++index) {
      node_.Record(item.request(), MetadataOf(*context));
      pb::BatchResult result;
      result.set_index(index);
      pb::InvokeResponse response;
      const grpc::Status status = node_.invoke(response);
      if (status.ok()) {
        *result.mutable_response() = std::move(response);
      } else {
        result.mutable_error()->set_reason(status.error_message());
      }
      stream->Write(result);
    }
    return grpc::Status::OK;
  }
  grpc::Status ListModels(grpc::ServerContext*, const pb::ListModelsRequest*,
                          pb::ListModelsResponse* response) override {
    *response = node_.models;
    return grpc::Status::OK;
  }
  grpc::Status EstimateCost(grpc::ServerContext*,
                            const pb::EstimateCostRequest* request,
                            pb::EstimateCostResponse* response) override {
    return node_.estimate(*request, *response);
  }
  grpc::Status ValidateCredentials(
      grpc::ServerContext*, const pb::ValidateCredentialsRequest*,
      pb::ValidateCredentialsResponse* response) override {
    *response = node_.validation;
    return grpc::Status::OK;
  }

  FakeNode& node_;
  Admin admin_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

FakeNode::FakeNode() : services_(std::make_unique<Services>(*this)) {}

FakeNode::~FakeNode() = default;

std::string FakeNode::address() const { return services_->address(); }

void FakeNode::SetServing(bool serving) {
  services_->server().GetHealthCheckService()->SetServingStatus(serving);
}

pb::InvokeRequest FakeNode::request() const {
  const std::lock_guard lock(mutex_);
  return request_;
}

std::string FakeNode::metadata(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = metadata_.find(key);
  return found == metadata_.end() ? "" : found->second;
}

void FakeNode::Record(const pb::InvokeRequest& request,
                      std::map<std::string, std::string> metadata) {
  const std::lock_guard lock(mutex_);
  request_ = request;
  metadata_ = std::move(metadata);
}

}  // namespace holysheep::cli
