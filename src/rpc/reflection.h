#pragma once

#include <string>
#include <vector>

namespace google::protobuf {
class DescriptorPool;
}  // namespace google::protobuf

namespace grpc::reflection::v1 {
class ServerReflectionRequest;
class ServerReflectionResponse;
}  // namespace grpc::reflection::v1

namespace holysheep {

// Answers one request of the reflection protocol from `pool`. `services` are
// the full names of the existing services. Thread-safe. What is not found
// becomes an `error_response`, not an error of the call. A file comes with all
// files it depends on. `pool` is the generated one, except in tests.
grpc::reflection::v1::ServerReflectionResponse Reflect(
    const google::protobuf::DescriptorPool& pool,
    const std::vector<std::string>& services,
    const grpc::reflection::v1::ServerReflectionRequest& request);

}  // namespace holysheep
