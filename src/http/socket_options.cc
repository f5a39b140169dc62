#include "http/socket_options.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace holysheep {
namespace {

// How long sent bytes may stay unacknowledged by the peer's kernel, which takes
// milliseconds on a working path, however busy the peer's process is.
constexpr absl::Duration kUnacknowledged = absl::Seconds(10);
// When and how often an idle peer is probed (TCP keepalive). A dead peer is
// noticed after 15 + 3 * 5 = 30 s; most firewalls keep the state of an idle
// connection for minutes.
constexpr int kProbeAfterSeconds = 15;
constexpr int kProbeEverySeconds = 5;
constexpr int kProbes = 3;

void SetInt(int socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

}  // namespace

void BoundSilence(int socket, absl::Duration connect_timeout) {
  // The kernel's limit also covers the connecting.
  const absl::Duration silence =
      std::max(kUnacknowledged, connect_timeout + absl::Seconds(1));
  SetInt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
         static_cast<int>(absl::ToInt64Milliseconds(silence)));
  SetInt(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetInt(socket, IPPROTO_TCP, TCP_KEEPIDLE, kProbeAfterSeconds);
  SetInt(socket, IPPROTO_TCP, TCP_KEEPINTVL, kProbeEverySeconds);
  SetInt(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
}

}  // namespace holysheep
