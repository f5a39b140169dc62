#include "sim/connection.h"

#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "boost/asio/basic_waitable_timer.hpp"
#include "boost/asio/buffer.hpp"
#include "boost/asio/write.hpp"
#include "sim/fault_reply.h"
#include "sim/http.h"

namespace holysheep::sim {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Timer =
    asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using Error = boost::system::error_code;

// Reads all the time, so that a client that goes away is noticed at once, but
// not past a second request before the first is answered.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, Simulator& simulator)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        simulator_(simulator) {
    simulator_.recorder().OnConnect();
  }
  ~Connection() { simulator_.recorder().OnDisconnect(); }

  void Read();

 private:
  void OnRead(const Error& error, std::size_t size);
  void Advance();
  void Continue();
  void StartPlan();
  void SendHead();
  void SendNext();
  void SendDue();
  void WaitFor(absl::Duration delay, void (Connection::*then)());
  template <typename Buffers>
  void Send(const Buffers& buffers, int tokens);
  void Finish();
  void Close(bool cancelled);

  Socket socket_;
  Timer timer_;
  Simulator& simulator_;
  HttpReader reader_;
  std::array<char, 16 << 10> in_;
  // What has been read of the requests to come.
  absl::string_view unread_;
  Reply reply_;
  std::size_t next_write_ = 0;
  // When the next write is due: the pace does not drift.
  Clock::time_point due_;
  bool reading_ = false;
  bool answering_ = false;
  bool keep_alive_ = true;
};

void Connection::Read() {
  if (reading_ || !socket_.is_open()) return;
  reading_ = true;
  socket_.async_read_some(
      asio::buffer(in_),
      [self = shared_from_this()](const Error& error, std::size_t size) {
        self->OnRead(error, size);
      });
}

void Connection::OnRead(const Error& error, std::size_t size) {
  reading_ = false;
  if (error) return Close(/*cancelled=*/true);
  unread_ = absl::string_view(in_.data(), size);
  if (!answering_) Advance();
}

// Goes on with the requests that have been read.
void Connection::Advance() {
  switch (reader_.Feed(unread_)) {
    case HttpReader::State::kMore:
      if (reader_.TakeExpectation()) Continue();
      return Read();
    case HttpReader::State::kError:
      reply_ = {ErrorPlan(reader_.error_status(), "Malformed request"), false};
      reply_.plan.ending = Ending::kClose;
      unread_ = {};
      return StartPlan();
    case HttpReader::State::kDone:
      keep_alive_ = reader_.request().keep_alive;
      reply_ = simulator_.Handle(reader_.request(), absl::Now());
      StartPlan();
      if (unread_.empty()) Read();
  }
}

void Connection::Continue() {
  constexpr absl::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // Fits into the empty send buffer of a connection that only receives.
  Error ignored;
  socket_.write_some(asio::buffer(kContinue.data(), kContinue.size()), ignored);
}

void Connection::StartPlan() {
  answering_ = true;
  next_write_ = 0;
  due_ = Clock::now();
  const absl::Duration delay = reply_.plan.delay;
  if (delay == absl::ZeroDuration()) return SendHead();
  WaitFor(delay, &Connection::SendHead);
}

void Connection::WaitFor(absl::Duration delay, void (Connection::*then)()) {
  due_ += absl::ToChronoNanoseconds(delay);
  timer_.expires_at(due_);
  timer_.async_wait([self = shared_from_this(), then](const Error& error) {
    if (!error && self->socket_.is_open()) (self.get()->*then)();
  });
}

void Connection::SendHead() {
  const Plan& plan = reply_.plan;
  if (plan.head.empty()) return SendNext();
  if (plan.body.empty() || plan.body[0].delay > absl::ZeroDuration()) {
    return Send(asio::buffer(plan.head), 0);
  }
  next_write_ = 1;
  Send(std::array{asio::buffer(plan.head), asio::buffer(plan.body[0].bytes)},
       plan.body[0].tokens);
}

template <typename Buffers>
void Connection::Send(const Buffers& buffers, int tokens) {
  asio::async_write(
      socket_, buffers,
      [self = shared_from_this(), tokens](const Error& error, std::size_t) {
        if (error) return self->Close(/*cancelled=*/true);
        self->simulator_.recorder().OnTokens(tokens);
        self->SendNext();
      });
}

void Connection::SendNext() {
  const std::vector<Write>& body = reply_.plan.body;
  if (!socket_.is_open()) return;
  if (next_write_ == body.size()) return Finish();
  const absl::Duration delay = body[next_write_].delay;
  if (delay == absl::ZeroDuration()) return SendDue();
  WaitFor(delay, &Connection::SendDue);
}

void Connection::SendDue() {
  const Write& write = reply_.plan.body[next_write_++];
  Send(asio::buffer(write.bytes), write.tokens);
}

void Connection::Finish() {
  const Ending ending = reply_.plan.ending;
  if (ending == Ending::kHang) {
    // The client ends it; only reading tells.
    unread_ = {};
    return Read();
  }
  Error ignored;
  if (ending == Ending::kReset) {
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  }
  if (ending != Ending::kKeepAlive || !keep_alive_) {
    return Close(/*cancelled=*/false);
  }
  answering_ = false;
  if (reply_.recorded) {
    simulator_.recorder().OnEnd(/*cancelled=*/false, absl::Now());
  }
  reader_.Reset();
  if (!reading_) Advance();
}

void Connection::Close(bool cancelled) {
  if (!socket_.is_open()) return;
  if (answering_ && reply_.recorded) {
    simulator_.recorder().OnEnd(cancelled, absl::Now());
  }
  answering_ = false;
  Error ignored;
  timer_.cancel();
  socket_.close(ignored);
}

}  // namespace

void ServeConnection(Socket socket, Simulator& simulator) {
  std::make_shared<Connection>(std::move(socket), simulator)->Read();
}

}  // namespace holysheep::sim
