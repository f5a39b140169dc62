#pragma once

#include <grpcpp/support/status.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "holysheep/node/v1/chat.pb.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// A status as the service makes them, with ErrorInfo and, if not negative,
// RetryInfo.
grpc::Status ServiceError(grpc::StatusCode code, const std::string& reason,
                          int retry_after_ms = -1);

// A real gRPC server on a free port of loopback that answers as it is told.
// Set what it answers before the first call.
class FakeNode {
 public:
  // False once the call is over.
  using Send = std::function<bool(const pb::InvokeEvent&)>;

  FakeNode();
  ~FakeNode();

  std::string address() const;
  void SetServing(bool serving);

  // What came last.
  pb::InvokeRequest request() const;
  std::string metadata(const std::string& key) const;

  // On a gRPC thread.
  std::function<grpc::Status(pb::InvokeResponse&)> invoke;
  std::function<grpc::Status(const Send&)> invoke_stream;
  std::function<grpc::Status(const pb::EstimateCostRequest&,
                             pb::EstimateCostResponse&)>
      estimate;
  std::function<grpc::Status(const pb::PurgeCacheRequest&,
                             pb::PurgeCacheResponse&)>
      purge;
  std::function<grpc::Status(const pb::GetUsageRequest&, pb::GetUsageResponse&)>
      usage;
  pb::ListModelsResponse models;
  pb::ValidateCredentialsResponse validation;
  pb::GetStatsResponse stats;

 private:
  class Services;

  void Record(const pb::InvokeRequest& request,
              std::map<std::string, std::string> metadata);

  mutable std::mutex mutex_;
  pb::InvokeRequest request_;
  std::map<std::string, std::string> metadata_;
  std::unique_ptr<Services> services_;
};

}  // namespace holysheep::cli
