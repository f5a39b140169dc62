#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "http/native/channel.h"

namespace holysheep {
class EventLoop;
}  // namespace holysheep

namespace holysheep::native {

class Call;
class Connection;

// Keeps the connections. Its functions never call an observer.
class ConnectionOwner {
 public:
  // The connection may have room for a call again.
  virtual void OnRoom(Connection& connection) = 0;
  // The connection has no room, although no call was added.
  virtual void OnNoRoom(Connection& connection) = 0;
  // The connection has ended and carries no call. It is closed and, unless its
  // channel still holds it, destroyed.
  virtual void OnGone(Connection& connection) = 0;

 protected:
  ~ConnectionOwner() = default;
};

// An open connection of HTTP/1.1 or HTTP/2. On the loop only. Ends the calls
// that it carries.
class Connection : public Channel::User,
                   public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(std::string origin) : origin_(std::move(origin)) {}

  const std::string& origin() const { return origin_; }

  // Whether Start may be called.
  virtual bool has_room() const = 0;
  // Whether it carries no call.
  virtual bool idle() const = 0;
  // See Channel.
  virtual bool PeerHasLeft() const = 0;
  // When bytes last arrived.
  virtual absl::Time heard() const = 0;

  // Sends the call's request. Never ends a call before it returns.
  virtual void Start(Call& call) = 0;
  // The call, which it carries, is about to be destroyed: cancels it at once.
  virtual void Drop(Call& call) = 0;
  // From now on there is no room. Closes the connection once it is idle.
  virtual void Retire() = 0;
  // Closes it at once. REQUIRES: it is idle.
  virtual void Close() = 0;

 private:
  const std::string origin_;
};

// `owner` and `loop` must outlive what is returned; `channel` is ready.
std::shared_ptr<Connection> NewHttp1Connection(
    EventLoop& loop, ConnectionOwner& owner, std::string origin,
    std::shared_ptr<Channel> channel);
// A connection with open streams that has been silent for `patience` is asked
// by PING, and takes no more calls if it does not answer within 5 s.
std::shared_ptr<Connection> NewHttp2Connection(EventLoop& loop,
                                               ConnectionOwner& owner,
                                               std::string origin,
                                               std::shared_ptr<Channel> channel,
                                               absl::Duration patience);

}  // namespace holysheep::native
