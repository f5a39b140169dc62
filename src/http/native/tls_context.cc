#include "http/native/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "http/native/tls_connection.h"

namespace holysheep::native {
// Invariants: `sessions_` holds at most kMaxSessions an origin, newest last,
// and at most kMaxNames origins. A session of TLS 1.3 is offered once, as its
// tickets would otherwise link connections (RFC 8446, appendix C.4).

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

namespace {

constexpr size_t kMaxSessions = 4;
constexpr size_t kMaxNames = 64;

// Where systems that have no directory of hashed certificates keep all in one
// file.
constexpr const char* kBundles[] = {"/etc/ssl/certs/ca-certificates.crt",
                                    "/etc/pki/tls/certs/ca-bundle.crt",
                                    "/etc/ssl/cert.pem"};

constexpr unsigned char kBothProtocols[] = "\x02h2\x08http/1.1";
constexpr unsigned char kHttp11[] = "\x08http/1.1";

// Whether OpenSSL finds authorities by their hashes in its own directory, one
// at a time and only when needed.
bool HasHashedDirectory() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(
           X509_get_default_cert_dir(), error)) {
    if (entry.path().extension() == ".0") return true;
  }
  return false;
}

void TrustSystem(SSL_CTX* context) {
  SSL_CTX_set_default_verify_paths(context);
  if (HasHashedDirectory()) return;
  for (const char* bundle : kBundles) {
    if (SSL_CTX_load_verify_locations(context, bundle, nullptr) == 1) break;
  }
  ERR_clear_error();
}

}  // namespace

class TlsContext::Impl final : public TlsSessions {
 public:
  Impl(const std::string& ca_file, bool http2);

  std::unique_ptr<TlsStream> NewStream(const Target& target);

  void Add(const std::string& origin, SessionPtr session) override;

 private:
  SessionPtr TakeSession(const std::string& origin);

  const std::unique_ptr<SSL_CTX, SslContextDeleter> context_{
      SSL_CTX_new(TLS_client_method())};
  std::string error_;
  absl::flat_hash_map<std::string, std::vector<SessionPtr>> sessions_;
};

TlsContext::Impl::Impl(const std::string& ca_file, bool http2) {
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (http2) {
    SSL_CTX_set_alpn_protos(context, kBothProtocols, sizeof kBothProtocols - 1);
  } else {
    SSL_CTX_set_alpn_protos(context, kHttp11, sizeof kHttp11 - 1);
  }
  SSL_CTX_set_session_cache_mode(
      context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &OnNewSession);
  if (ca_file.empty()) {
    TrustSystem(context);
  } else if (SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) !=
             1) {
    ERR_clear_error();
    error_ = absl::StrCat("the authorities in ", ca_file, " cannot be read");
  }
}

std::unique_ptr<TlsStream> TlsContext::Impl::NewStream(const Target& target) {
  return NewTlsConnection(context_.get(), target, *this,
                          TakeSession(target.origin), error_);
}

void TlsContext::Impl::Add(const std::string& origin, SessionPtr session) {
  if (sessions_.size() >= kMaxNames && !sessions_.contains(origin)) {
    sessions_.clear();
  }
  std::vector<SessionPtr>& kept = sessions_[origin];
  if (kept.size() >= kMaxSessions) kept.erase(kept.begin());
  kept.push_back(std::move(session));
}

SessionPtr TlsContext::Impl::TakeSession(const std::string& origin) {
  const auto found = sessions_.find(origin);
  if (found == sessions_.end() || found->second.empty()) return nullptr;
  std::vector<SessionPtr>& kept = found->second;
  if (SSL_SESSION_get_protocol_version(kept.back().get()) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(kept.back().get());
    return SessionPtr(kept.back().get());
  }
  SessionPtr session = std::move(kept.back());
  kept.pop_back();
  return session;
}

TlsContext::TlsContext(std::string ca_file, bool http2)
    : ca_file_(std::move(ca_file)), http2_(http2) {}

TlsContext::~TlsContext() = default;

std::unique_ptr<TlsStream> TlsContext::NewStream(const Target& target) {
  if (impl_ == nullptr) impl_ = std::make_unique<Impl>(ca_file_, http2_);
  return impl_->NewStream(target);
}

}  // namespace holysheep::native
