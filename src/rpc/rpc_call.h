#pragma once

#include <memory>

namespace grpc {
class ByteBuffer;
class ServerContext;
class Status;
}  // namespace grpc

namespace holysheep {

class HeldMemory;

// One RPC, seen by its handler and its reactor, and what they hear of it. The
// names are those of gRPC's callback API, on which this does not rest: see
// async_call.h.

// Hears of one call. Everything but OnDone may come while another thread starts
// something for the call; a reactor that has members for several threads guards
// them. Where nothing is said, events come on the call's queue thread, in turn.
class RpcReactor {
 public:
  // The read has ended; if `ok`, with a message, otherwise because there is no
  // further one. A large message comes on a worker's thread.
  virtual void OnReadDone([[maybe_unused]] bool ok) {}
  // The write has ended. If not `ok`, the call is being cancelled.
  virtual void OnWriteDone([[maybe_unused]] bool ok) {}
  // The client has left, does not wait any longer, or the server ends. The call
  // must still be finished. Comes at most once, and after the handler.
  virtual void OnCancel() {}
  // Nothing refers to the call or the reactor any longer. Comes once, last, and
  // after Finish. On the thread that has ended the last piece of work.
  virtual void OnDone() = 0;

 protected:
  virtual ~RpcReactor() = default;
};

// Starts what a call sends and receives. Each of a call's operations is
// thread-safe in relation to the others. At most one read and one write may be
// pending. A call lives until OnDone has returned.
class RpcCall {
 public:
  // For the handler: metadata, deadline and peer.
  virtual const grpc::ServerContext& context() const = 0;
  // The packed request (see wire.h); empty if requests are a stream, and after
  // a Finish of the handler itself.
  virtual const grpc::ByteBuffer& request() const = 0;
  // Where the packed response of a unary call is put before it is finished.
  virtual grpc::ByteBuffer& response() = 0;

  // The caller is known: the connection is kept before those of strangers.
  // For the handler.
  virtual void SetAuthenticated() = 0;

  // What the call's messages hold of the account of memory; it is let go of
  // when the call is over, and its response with it. For the handler.
  virtual void Keep(std::shared_ptr<HeldMemory> memory) = 0;

  // `reactor` hears of this call from now on. Call it within the handler,
  // before anything is started; not at all if the handler finishes the call.
  virtual void SetReactor(RpcReactor& reactor) = 0;

  // Sent with the first write or the end otherwise. Its end is not reported.
  virtual void StartSendInitialMetadata() = 0;
  // `message` belongs to the call until OnReadDone.
  virtual void StartRead(grpc::ByteBuffer* message) = 0;
  // Refers to the bytes of `message`, but not to `message` itself.
  virtual void StartWrite(const grpc::ByteBuffer& message) = 0;
  // Cancels the call, as if its client had left: OnCancel comes, and a pending
  // write ends. It must still be finished.
  virtual void Cancel() = 0;
  // Ends the call. Call it exactly once; nothing may be started afterwards. A
  // pending read or write still ends. A unary call that ends with OK sends
  // `response`.
  virtual void Finish(const grpc::Status& status) = 0;

 protected:
  ~RpcCall() = default;
};

}  // namespace holysheep
