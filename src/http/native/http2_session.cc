#include "http/native/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "http/native/request_head.h"
#include "http/response_head.h"

namespace holysheep::native {
namespace {

constexpr uint32_t kStreamWindow = 1 << 20;
constexpr int32_t kConnectionWindow = 16 << 20;
// Frames in a row that bring no answer further.
constexpr int kMaxChatter = 10'000;

absl::string_view View(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

nghttp2_nv Pair(absl::string_view name, absl::string_view value) {
  // Copied by nghttp2, which also turns names into lower case.
  return {reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())),
          name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

class Session final : public Http2Session {
 public:
  explicit Session(Events& events);
  ~Session() override { nghttp2_session_del(session_); }

  bool Receive(absl::string_view bytes) override;
  bool Collect(size_t enough, std::string& out) override;
  int32_t Submit(const Target& target, const HttpRequest& request) override;
  void Reset(int32_t stream) override {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream,
                              NGHTTP2_CANCEL);
  }
  void Ping() override {
    nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  }
  bool MayOpen(size_t open) const override;
  bool going_away() const override { return going_away_; }
  bool over() const override {
    return nghttp2_session_want_read(session_) == 0 &&
           nghttp2_session_want_write(session_) == 0;
  }

 private:
  static Session& Self(void* self) { return *static_cast<Session*>(self); }
  static void SetCallbacks(nghttp2_session_callbacks* callbacks);
  static void SetOptions(nghttp2_option* options);
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self);
  static int OnNotSent(nghttp2_session*, const nghttp2_frame* frame, int,
                       void* self);
  static ssize_t OnBodyWanted(nghttp2_session*, int32_t stream, uint8_t* to,
                              size_t size, uint32_t* flags,
                              nghttp2_data_source*, void* self);
  void TakeFrame(const nghttp2_frame& frame);

  Events& events_;
  nghttp2_session* session_ = nullptr;
  bool going_away_ = false;
  int chatter_ = 0;
};

Session::Session(Events& events) : events_(events) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* options = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0 ||
      nghttp2_option_new(&options) != 0) {
    std::abort();  // Out of memory.
  }
  SetCallbacks(callbacks);
  SetOptions(options);
  if (nghttp2_session_client_new2(&session_, callbacks, this, options) != 0) {
    std::abort();
  }
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  const std::array<nghttp2_settings_entry, 3> settings = {{
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, ResponseHead::kMaxBytes},
  }};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(),
                          settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        kConnectionWindow);
}

void Session::SetOptions(nghttp2_option* options) {
  // Until the peer says how many it takes.
  nghttp2_option_set_peer_max_concurrent_streams(options, 100);
  nghttp2_option_set_max_outbound_ack(options, 100);
  nghttp2_option_set_max_settings(options, 32);
  // A closed stream is of no use to anybody.
  nghttp2_option_set_no_closed_streams(options, 1);
}

void Session::SetCallbacks(nghttp2_session_callbacks* callbacks) {
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks,
      [](nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
         size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
         void* self) -> int {
        const bool taken = Self(self).events_.OnHeader(frame->hd.stream_id,
                                                       View(name, name_size),
                                                       View(value, value_size));
        return taken ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks,
      [](nghttp2_session*, uint8_t, int32_t stream, const uint8_t* data,
         size_t size, void* self) -> int {
        Self(self).chatter_ = 0;
        Self(self).events_.OnData(stream, View(data, size));
        return 0;
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      callbacks,
      [](nghttp2_session*, int32_t stream, uint32_t code, void* self) -> int {
        Self(self).events_.OnClosed(stream, code);
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &OnFrame);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks,
                                                           &OnNotSent);
}

int Session::OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  if (++Self(self).chatter_ > kMaxChatter) return NGHTTP2_ERR_CALLBACK_FAILURE;
  Self(self).TakeFrame(*frame);
  return 0;
}

void Session::TakeFrame(const nghttp2_frame& frame) {
  const int32_t stream = frame.hd.stream_id;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
      events_.OnHeadEnd(stream);
      break;
    case NGHTTP2_DATA:
      break;
    case NGHTTP2_GOAWAY:
      going_away_ = true;
      return events_.OnLimits();
    case NGHTTP2_SETTINGS:
      return events_.OnLimits();
    default:
      return;
  }
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
    events_.OnAllReceived(stream);
  }
}

int Session::OnNotSent(nghttp2_session*, const nghttp2_frame* frame, int,
                       void* self) {
  if (frame->hd.type == NGHTTP2_HEADERS) {
    Self(self).events_.OnNotSent(frame->hd.stream_id);
  }
  return 0;
}

ssize_t Session::OnBodyWanted(nghttp2_session*, int32_t stream, uint8_t* to,
                              size_t size, uint32_t* flags,
                              nghttp2_data_source* source, void*) {
  bool last = false;
  const size_t copied =
      static_cast<Events*>(source->ptr)
          ->OnBodyWanted(
              stream, absl::MakeSpan(reinterpret_cast<char*>(to), size), last);
  if (last) *flags |= NGHTTP2_DATA_FLAG_EOF;
  // A stream without a body any more is about to be reset.
  if (copied == 0 && !last) return NGHTTP2_ERR_DEFERRED;
  return static_cast<ssize_t>(copied);
}

bool Session::Receive(absl::string_view bytes) {
  const ssize_t taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  return taken == static_cast<ssize_t>(bytes.size());
}

bool Session::Collect(size_t enough, std::string& out) {
  while (out.size() < enough) {
    const uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &data);
    if (size < 0) return false;
    if (size == 0) break;
    out.append(reinterpret_cast<const char*>(data), static_cast<size_t>(size));
  }
  return true;
}

int32_t Session::Submit(const Target& target, const HttpRequest& request) {
  absl::string_view authority = target.authority;
  std::vector<nghttp2_nv> fields(3);
  for (const auto& [name, value] : request.headers) {
    if (absl::EqualsIgnoreCase(name, "host")) {
      authority = value;
    } else {
      fields.push_back(Pair(name, value));
    }
  }
  fields[0] = Pair(":method", request.method);
  fields[1] = Pair(":scheme", target.tls ? "https" : "http");
  fields[2] = Pair(":path", target.path);
  fields.insert(fields.begin() + 3, Pair(":authority", authority));
  if (!HasHeader(request, "user-agent")) {
    fields.push_back(Pair("user-agent", kUserAgent));
  }
  if (!HasHeader(request, "accept")) fields.push_back(Pair("accept", "*/*"));
  const std::string length = absl::StrCat(request.body.size());
  const bool bodiless = IsBodiless(request);
  if (!bodiless) fields.push_back(Pair("content-length", length));
  nghttp2_data_provider body = {{.ptr = &events_}, &OnBodyWanted};
  return nghttp2_submit_request(session_, nullptr, fields.data(), fields.size(),
                                bodiless ? nullptr : &body, nullptr);
}

bool Session::MayOpen(size_t open) const {
  return !going_away_ && nghttp2_session_check_request_allowed(session_) != 0 &&
         open < nghttp2_session_get_remote_settings(
                    session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

}  // namespace

bool SaysUnread(uint32_t code) { return code == NGHTTP2_REFUSED_STREAM; }

bool SaysMalformed(uint32_t code) {
  return code == NGHTTP2_PROTOCOL_ERROR || code == NGHTTP2_FRAME_SIZE_ERROR ||
         code == NGHTTP2_COMPRESSION_ERROR ||
         code == NGHTTP2_FLOW_CONTROL_ERROR;
}

absl::string_view CodeName(uint32_t code) {
  return nghttp2_http2_strerror(code);
}

std::unique_ptr<Http2Session> NewHttp2Session(Http2Session::Events& events) {
  return std::make_unique<Session>(events);
}

}  // namespace holysheep::native
