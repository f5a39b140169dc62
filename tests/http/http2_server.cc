#include "http/http2_server.h"

#include <nghttp2/nghttp2.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/ssl/stream.hpp"
#include "boost/asio/write.hpp"

namespace holysheep {
namespace {

namespace asio = boost::asio;
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string Text(const uint8_t* data, size_t size) {
  return std::string(reinterpret_cast<const char*>(data), size);
}

std::vector<nghttp2_nv> ToNghttp2(const Fields& fields) {
  std::vector<nghttp2_nv> all;
  for (const auto& [name, value] : fields) {
    all.push_back({reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                   reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())),
                   name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return all;
}

}  // namespace

std::string Http2Server::Request::Header(absl::string_view name) const {
  for (const auto& header : headers) {
    if (header.first == name) return header.second;
  }
  return "";
}

// The two directions of a connection, with or without TLS.
struct Http2Server::Bytes {
  using Error = boost::system::error_code;

  template <typename Stream>
  explicit Bytes(Stream& stream)
      : read([&stream](asio::mutable_buffer to, Error& error) {
          return stream.read_some(to, error);
        }),
        write([&stream](asio::const_buffer from, Error& error) {
          asio::write(stream, from, error);
        }) {}

  std::function<size_t(asio::mutable_buffer, Error&)> read;
  std::function<void(asio::const_buffer, Error&)> write;
};

// One connection and its streams.
class Http2Server::Connection {
 public:
  Connection(Http2Server& server, Bytes bytes, int number)
      : server_(server), bytes_(std::move(bytes)), number_(number) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    SetCallbacks(callbacks);
    nghttp2_option* options = nullptr;
    nghttp2_option_new(&options);
    nghttp2_option_set_max_send_header_block_length(options, 1 << 20);
    nghttp2_session_server_new2(&session_, callbacks, this, options);
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry limit = {
        NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
        static_cast<uint32_t>(server.max_streams_)};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, &limit, 1);
  }
  ~Connection() { nghttp2_session_del(session_); }

  void Run() {
    std::array<uint8_t, 16'384> buffer;
    boost::system::error_code error;
    while (!error && !closing_ && Send()) {
      const size_t size = bytes_.read(asio::buffer(buffer), error);
      if (nghttp2_session_mem_recv(session_, buffer.data(), size) < 0) return;
    }
  }

 private:
  struct Stream {
    Request request;
    Reply reply;
    size_t sent = 0;
  };

  static Connection& Self(void* self) {
    return *static_cast<Connection*>(self);
  }

  static void SetCallbacks(nghttp2_session_callbacks* callbacks) {
    nghttp2_session_callbacks_set_on_header_callback(
        callbacks,
        [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
           size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
           void* self) {
          Self(self).streams_[frame->hd.stream_id].request.headers.emplace_back(
              Text(name, name_size), Text(value, value_size));
          return 0;
        });
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
        callbacks, [](nghttp2_session*, uint8_t, int32_t stream,
                      const uint8_t* data, size_t size, void* self) {
          Self(self).streams_[stream].request.body += Text(data, size);
          return 0;
        });
    nghttp2_session_callbacks_set_on_frame_recv_callback(
        callbacks,
        [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
          Self(self).OnFrame(*frame);
          return 0;
        });
  }

  void OnFrame(const nghttp2_frame& frame) {
    if (frame.hd.type == NGHTTP2_RST_STREAM) {
      const std::lock_guard<std::mutex> lock(server_.mutex_);
      ++server_.resets_;
      server_.changed_.notify_all();
    }
    const bool request =
        frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA;
    if (!request || (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
    const int32_t id = frame.hd.stream_id;
    Stream& stream = streams_[id];
    stream.request.connection = number_;
    stream.request.stream = id;
    std::unique_lock<std::mutex> lock(server_.mutex_);
    stream.reply = server_.script_(stream.request);
    lock.unlock();
    Do(id, stream);
  }

  void Do(int32_t id, Stream& stream) {
    switch (stream.reply.what) {
      case Reply::kNothing:
        return;
      case Reply::kRefuse:
        return Reset(id, NGHTTP2_REFUSED_STREAM);
      case Reply::kReset:
        return Reset(id, NGHTTP2_INTERNAL_ERROR);
      case Reply::kLeave:
        nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, std::max(0, id - 2),
                              NGHTTP2_NO_ERROR, nullptr, 0);
        return;
      case Reply::kClose:
        closing_ = true;
        return;
      case Reply::kRaw:
        raw_ += stream.reply.body;
        return;
      case Reply::kAnswerAndLeave:
        nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR,
                              nullptr, 0);
        return Answer(id, stream);
      default:
        return Answer(id, stream);
    }
  }

  void Reset(int32_t id, uint32_t code) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, code);
  }

  void Answer(int32_t id, Stream& stream) {
    Fields fields = stream.reply.headers;
    fields.insert(fields.begin(), {":status", "200"});
    const std::vector<nghttp2_nv> head = ToNghttp2(fields);
    nghttp2_data_provider body = {
        {.ptr = &stream},
        [](nghttp2_session*, int32_t, uint8_t* to, size_t size, uint32_t* flags,
           nghttp2_data_source* source, void*) -> ssize_t {
          Stream& from = *static_cast<Stream*>(source->ptr);
          const std::string& text = from.reply.body;
          size = std::min(size, text.size() - from.sent);
          std::memcpy(to, text.data() + from.sent, size);
          from.sent += size;
          if (from.sent < text.size()) return static_cast<ssize_t>(size);
          if (from.reply.what == Reply::kHeadReset) {
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
          }
          if (from.reply.what == Reply::kHeadOnly) {
            if (size == 0) return NGHTTP2_ERR_DEFERRED;
            return static_cast<ssize_t>(size);
          }
          *flags |= NGHTTP2_DATA_FLAG_EOF;
          return static_cast<ssize_t>(size);
        }};
    nghttp2_submit_response(session_, id, head.data(), head.size(), &body);
  }

  bool Send() {
    boost::system::error_code error;
    const uint8_t* data = nullptr;
    while (!error) {
      const ssize_t size = nghttp2_session_mem_send(session_, &data);
      if (size <= 0) break;
      bytes_.write(asio::buffer(data, static_cast<size_t>(size)), error);
    }
    if (!error) bytes_.write(asio::buffer(raw_), error);
    raw_.clear();
    return !error;
  }

  Http2Server& server_;
  const Bytes bytes_;
  const int number_;
  nghttp2_session* session_ = nullptr;
  std::map<int32_t, Stream> streams_;
  std::string raw_;
  bool closing_ = false;
};

Http2Server::Http2Server(Script script, int max_streams,
                         asio::ssl::context* tls)
    : acceptor_(context_, {asio::ip::address_v4::loopback(), 0}),
      port_(acceptor_.local_endpoint().port()),
      script_(std::move(script)),
      max_streams_(max_streams),
      tls_(tls),
      acceptor_thread_([this] { Accept(); }) {}

Http2Server::~Http2Server() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    for (Socket& socket : sockets_) {
      if (socket.is_open()) ::shutdown(socket.native_handle(), SHUT_RDWR);
    }
  }
  acceptor_thread_.join();
  for (std::thread& thread : threads_) thread.join();
}

std::string Http2Server::Url(absl::string_view path) const {
  return absl::StrCat(tls_ == nullptr ? "http" : "https",
                      "://127.0.0.1:", port_, path);
}

int Http2Server::connections() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return static_cast<int>(sockets_.size());
}

void Http2Server::WaitForResets(int count) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this, count] { return resets_ >= count; });
}

void Http2Server::WaitForClientToLeave() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return left_ > 0; });
}

void Http2Server::Accept() {
  while (true) {
    boost::system::error_code error;
    Socket accepted = acceptor_.accept(error);
    const std::lock_guard<std::mutex> lock(mutex_);
    if (error || stopping_) return;
    Socket& socket = sockets_.emplace_back(std::move(accepted));
    threads_.emplace_back([this, &socket, number = sockets_.size()] {
      Serve(socket, static_cast<int>(number));
    });
  }
}

void Http2Server::Serve(Socket& socket, int number) {
  boost::system::error_code error;
  socket.set_option(asio::ip::tcp::no_delay(true));
  if (tls_ == nullptr) {
    Connection(*this, Bytes(socket), number).Run();
  } else {
    asio::ssl::stream<Socket&> stream(socket, *tls_);
    stream.handshake(asio::ssl::stream_base::server, error);
    if (!error) Connection(*this, Bytes(stream), number).Run();
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  socket.close(error);
  ++left_;
  changed_.notify_all();
}

}  // namespace holysheep
