#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace holysheep::native {

class Connection;

// The connections that have room, by their origin. On the loop only. Keeps no
// connection alive. Up to 256 origins are remembered, and all that have a
// connection here.
class FreeConnections {
 public:
  // Does nothing if it is there already.
  void Add(Connection& connection);
  // Does nothing if it is not there. Fast for the one that was added last.
  void Remove(Connection& connection);

  // The one added last; null if there is none.
  Connection* Newest(const std::string& origin);

  // Whether there may be more than `most` idle connections to one origin;
  // `connection` was added last. Fast.
  bool MayExceed(int64_t most, const Connection& connection) const;
  // The idle connections beyond the newest `most` of each origin.
  std::vector<Connection*> IdleBeyond(int64_t most) const;

  // Whether the origin was offered HTTP/2 last time, but did not want it.
  bool only_http1(const std::string& origin) const;
  void SetOnlyHttp1(const std::string& origin, bool only_http1);

 private:
  struct Origin {
    // The one used last at the end.
    std::vector<Connection*> free;
    bool only_http1 = false;
  };
  Origin& At(const std::string& origin);

  absl::flat_hash_map<std::string, Origin> origins_;
};

}  // namespace holysheep::native
