#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// Bounds the open streams of clients that are not authenticated: those that
// watch the health, and those that use reflection. Thread-safe. Without bounds,
// a client without any rights could open streams until the memory is gone.
// Owned through a shared_ptr, since a stream may outlive the server's other
// parts by a moment.
class StrangerStreams : public std::enable_shared_from_this<StrangerStreams> {
 public:
  // A client needs one watch for each service that it uses.
  static constexpr int kMaxOfConnection = 16;
  // All together, whatever the number of connections.
  static constexpr int kMaxOfAll = 1024;

  // Held while the stream is open.
  class Place {
   public:
    Place(std::shared_ptr<StrangerStreams> streams, std::string connection)
        : streams_(std::move(streams)), connection_(std::move(connection)) {}
    ~Place() { streams_->Leave(connection_); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    const std::shared_ptr<StrangerStreams> streams_;
    const std::string connection_;
  };

  // Returns a place for a stream of `connection`, the client's address
  // according to gRPC. Clients of a Unix socket have none and are bounded
  // together only. Returns QUEUE_FULL if there is no place left. Destroy the
  // place when the stream has ended.
  absl::StatusOr<std::unique_ptr<const Place>> Take(
      absl::string_view connection);

 private:
  // Called by the destructor of a place.
  void Leave(const std::string& connection);

  std::mutex mutex_;
  int all_ ABSL_GUARDED_BY(mutex_) = 0;
  // Open streams by connection; holds only those that have any.
  absl::flat_hash_map<std::string, int> of_connection_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holysheep
