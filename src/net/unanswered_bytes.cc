#include "net/unanswered_bytes.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace holysheep {
namespace {

// A server answers uploads of 1 MB/s and more within this time, even on a busy
// machine.
constexpr absl::Duration kLong = absl::Milliseconds(300);

}  // namespace

std::optional<Traffic> TrafficOf(int fd) {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  int waiting = 0;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      ioctl(fd, SIOCINQ, &waiting) != 0) {
    return std::nullopt;
  }
  // Bytes that arrive between the two system calls are waiting but not yet
  // counted as received, so the result may be a little too small.
  const auto unread = static_cast<uint64_t>(waiting);
  const uint64_t received = info.tcpi_bytes_received;
  return Traffic{info.tcpi_bytes_sent,
                 received < unread ? 0 : received - unread};
}

void UnansweredBytes::Update(const Traffic& traffic, absl::Time now) {
  // An answer, or the first look: the client may send another full amount.
  if (traffic.sent != sent_ || answered_at_ == absl::InfinitePast()) {
    sent_ = traffic.sent;
    answered_ = traffic.taken;
    answered_at_ = now;
  }
  bytes_ = traffic.taken > answered_ ? traffic.taken - answered_ : 0;
  lasts_ = now - answered_at_ >= kLong;
}

}  // namespace holysheep
