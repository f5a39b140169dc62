// The least that a service between gRPC and HTTP can cost: gRPC's asynchronous
// API on one thread, and a client for HTTP/1.1 that knows no errors.
//
//   floor HOST:PORT answer            answers every Invoke by itself
//   floor HOST:PORT forward PORT      sends its query to 127.0.0.1:PORT as a
//   chat
//                                     completion, and gives the body as
//                                     `result`
//
// Two threads forward: gRPC's queue sends the requests, and another reads the
// answers and ends the calls. No logic, no JSON, no bounds: a floor.

#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "holysheep/node/v1/node.grpc.pb.h"

namespace holysheep::bench {
namespace {

namespace pb = node::v1;

// Calls that gRPC may begin before the queue's thread comes back.
constexpr int kAskedAhead = 64;
constexpr char kLength[] = "Content-Length: ";

std::string RequestFor(const std::string& query) {
  const std::string body = absl::StrCat(
      R"({"model":"deepseek-v3.2","messages":[{"role":"user","content":")",
      query, R"("}],"temperature":0.7,"max_tokens":2048,"stream":true})");
  return absl::StrCat(
      "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      "Authorization: Bearer 0123456789abcdef0123\r\n"
      "Content-Type: application/json\r\nContent-Length: ",
      body.size(), "\r\n\r\n", body);
}

// Keeps every connection, which epoll watches from its first day on.
class Client {
 public:
  using Then = absl::AnyInvocable<void(std::string)>;

  explicit Client(int port) : port_(port) {}

  // Any thread; `then` is called by Run.
  void Send(const std::string& query, Then then) {
    Connection* connection = Take();
    connection->received.clear();
    connection->then = std::move(then);
    const std::string request = RequestFor(query);
    if (send(connection->fd, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
      std::abort();
    }
  }

  void Run() {
    epoll_event ready[64];
    while (true) {
      const int count = epoll_wait(epoll_, ready, std::size(ready), -1);
      for (int i = 0; i < count; ++i) {
        Read(*static_cast<Connection*>(ready[i].data.ptr));
      }
    }
  }

 private:
  struct Connection {
    int fd = -1;
    std::string received;
    Then then;
  };

  Connection* Take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return Open();
    Connection* const connection = idle_.back();
    idle_.pop_back();
    return connection;
  }

  Connection* Open() {
    auto connection = std::make_unique<Connection>();
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(connection->fd, reinterpret_cast<sockaddr*>(&address),
                sizeof address) != 0) {
      std::abort();
    }
    const int on = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event = {};
    event.events = EPOLLIN | EPOLLET;
    event.data.ptr = connection.get();
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection->fd, &event);
    all_.push_back(std::move(connection));
    return all_.back().get();
  }

  void Read(Connection& connection) {
    char bytes[16384];
    ssize_t size = 0;
    while ((size = recv(connection.fd, bytes, sizeof bytes, MSG_DONTWAIT)) >
           0) {
      connection.received.append(bytes, static_cast<size_t>(size));
      if (size < static_cast<ssize_t>(sizeof bytes)) break;
    }
    const std::string& text = connection.received;
    const size_t head = text.find("\r\n\r\n");
    const size_t length = text.find(kLength);
    if (head == text.npos || length == text.npos) return;
    size_t body = 0;
    const size_t from = length + sizeof kLength - 1;
    if (!absl::SimpleAtoi(text.substr(from, text.find('\r', from) - from),
                          &body) ||
        text.size() < head + 4 + body) {
      return;
    }
    std::string answer = text.substr(head + 4, body);
    Then then = std::move(connection.then);
    {
      const std::lock_guard lock(mutex_);
      idle_.push_back(&connection);
    }
    then(std::move(answer));
  }

  const int port_;
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::mutex mutex_;
  std::vector<Connection*> idle_;
  std::vector<std::unique_ptr<Connection>> all_;
};

// One call, from when gRPC is asked for it until its answer is written.
struct Call {
  grpc::ServerContext context;
  pb::InvokeRequest request;
  pb::InvokeResponse response;
  grpc::ServerAsyncResponseWriter<pb::InvokeResponse> writer{&context};
  bool begun = false;

  void End(std::string result) {
    response.set_result(std::move(result));
    response.set_model_used("deepseek-v3.2");
    writer.Finish(response, grpc::Status::OK, this);
  }
};

class Floor {
 public:
  // `client` may be null.
  Floor(const std::string& address, Client* client) : client_(client) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&service_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    if (server_ == nullptr) std::abort();
    for (int i = 0; i < kAskedAhead; ++i) Ask();
  }

  int port() const { return port_; }

  void Run() {
    void* tag = nullptr;
    bool ok = false;
    while (queue_->Next(&tag, &ok)) {
      auto* const call = static_cast<Call*>(tag);
      if (!ok || std::exchange(call->begun, true)) {
        delete call;
        continue;
      }
      Ask();
      if (client_ == nullptr) {
        call->End(std::string(50, 'x'));
      } else {
        client_->Send(call->request.query(),
                      [call](std::string body) { call->End(std::move(body)); });
      }
    }
  }

 private:
  void Ask() {
    auto* const call = new Call;
    service_.RequestInvoke(&call->context, &call->request, &call->writer,
                           queue_.get(), queue_.get(), call);
  }

  Client* const client_;
  pb::LlmNode::AsyncService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

int Main(const std::string& address, int upstream_port) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  std::unique_ptr<Client> client;
  std::thread reading;
  if (upstream_port != 0) {
    client = std::make_unique<Client>(upstream_port);
    reading = std::thread([&client] { client->Run(); });
  }
  Floor floor(address, client.get());
  std::printf("listening on 127.0.0.1:%d\n", floor.port());
  std::fflush(stdout);
  floor.Run();
  return 0;
}

}  // namespace
}  // namespace holysheep::bench

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[2] : "";
  const bool forwards = mode == "forward" && argc == 4;
  if (!forwards && !(mode == "answer" && argc == 3)) {
    std::fputs("usage: floor HOST:PORT answer | forward PORT\n", stderr);
    return 2;
  }
  return holysheep::bench::Main(argv[1], forwards ? std::atoi(argv[3]) : 0);
}
