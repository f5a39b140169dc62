#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "http/curl_options.h"
#include "http/native/call.h"
#include "http/native/connection.h"
#include "http/native/opening.h"

namespace holysheep::native {

// Brings calls and connections together. On the loop only. A call takes the
// newest free connection to its origin, else a new one; if there may not be
// more, the longest idle one is closed for it; if all are busy, the call waits,
// first come, first served.
class Pool final : public CallOwner,
                   public ConnectionOwner,
                   public Opening::Owner {
 public:
  // `loop` must outlive the object.
  Pool(AsioLoop& loop, const CurlOptions& options);
  // REQUIRES: the calls are destroyed.
  ~Pool();

  // Adds a new call, which has a target. Never ends a call before it returns.
  void Add(Call& call);
  // Ends the call with `status` on the next turn of the loop.
  void EndSoon(Call& call, absl::Status status);

  void OnEnded(Call& call) override;
  void OnDestroyed(Call& call) override;
  void OnRoom(Connection& connection) override;
  void OnNoRoom(Connection& connection) override { RemoveFree(connection); }
  void OnGone(Connection& connection) override;
  void OnOpened(Opening& opening, std::shared_ptr<Channel> channel) override;
  void OnNotOpened(Opening& opening, const std::string& message,
                   absl::string_view advice) override;

 private:
  struct Origin {
    // Connections that have room, the one used last at the end.
    std::vector<Connection*> free;
    // Where HTTP/2 was offered, but not wanted.
    bool only_http1 = false;
  };

  bool Place(Call& call);
  Connection* FreeConnection(const std::string& origin);
  bool MakeRoom();
  void Pump();
  void Assign(Connection& connection, Call& call);
  Opening* SharedOpening(const Call& call);
  void Open(Call& call);
  void Attach(Opening& opening, Call& call);
  void Detach(Call& call);
  void OnConnectTimeout(Call& call);
  bool SpeaksHttp2(const Target& target, const Channel& channel) const;
  void AddFree(Connection& connection);
  void RemoveFree(Connection& connection);
  void TrimIdle(const std::string& origin);
  void Close(Connection& connection);
  void DoubtSilent(const Call& call);
  Origin& OriginOf(const std::string& name);

  AsioLoop& loop_;
  const CurlOptions options_;
  Resolver resolver_;
  TlsContext tls_;
  absl::flat_hash_map<std::string, Origin> origins_;
  absl::flat_hash_map<Connection*, std::shared_ptr<Connection>> connections_;
  absl::flat_hash_map<Opening*, std::shared_ptr<Opening>> openings_;
  std::list<Call*> waiting_;
};

}  // namespace holysheep::native
