#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "http/curl_options.h"
#include "http/native/call.h"
#include "http/native/connection.h"
#include "http/native/free_connections.h"
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
  void OnNoRoom(Connection& connection) override { free_.Remove(connection); }
  void OnGone(Connection& connection) override;
  void OnOpened(Opening& opening, std::shared_ptr<Channel> channel) override;
  void OnNotOpened(Opening& opening, const std::string& message,
                   absl::string_view advice) override;

 private:
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
  bool OffersHttp2(const Target& target) const;
  void TrimIdle();
  void Close(Connection& connection);
  void DoubtSilent(const Call& call);

  AsioLoop& loop_;
  const CurlOptions options_;
  Resolver resolver_;
  TlsContext tls_;
  FreeConnections free_;
  absl::flat_hash_map<Connection*, std::shared_ptr<Connection>> connections_;
  absl::flat_hash_map<Opening*, std::shared_ptr<Opening>> openings_;
  std::list<Call*> waiting_;
  std::unique_ptr<Timer> trim_timer_;
};

}  // namespace holysheep::native
