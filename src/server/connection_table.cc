#include "server/connection_table.h"

#include <sys/stat.h>

namespace holysheep {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(100);

// 0 is none.
ino_t FileOf(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

bool ConnectionTable::HasRoom(absl::Time now) {
  if (connections_.size() < most_) return true;
  if (now - looked_ < kPause) return false;
  looked_ = now;
  std::erase_if(connections_, [](const Connection& connection) {
    return FileOf(connection.fd) != connection.file;
  });
  return connections_.size() < most_;
}

void ConnectionTable::Add(int fd) { connections_.push_back({fd, FileOf(fd)}); }

}  // namespace holysheep
