#include "http/native/tls_connection.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "http/tls_advice.h"

namespace holysheep::native {
// Invariants: OpenSSL reads from and writes to memory, so no call of it blocks
// or makes a system call. Its queue of errors is emptied before each, as other
// users of OpenSSL may have left something there.

namespace {

struct SslDeleter {
  void operator()(SSL* ssl) const {
    // Otherwise OpenSSL believes that the peer was cut off, and forbids to
    // resume the session.
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl);
  }
};

class TlsConnection final : public TlsStream {
 public:
  TlsConnection(SSL_CTX* context, const Target& target, TlsSessions& sessions,
                SessionPtr session, const std::string& error);

  void Feed(absl::string_view bytes) override {
    BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
  }
  Result Handshake() override;
  Result ReadSome(absl::Span<char> to, size_t& size) override;
  bool Write(absl::string_view plain) override;
  absl::string_view outgoing() override;
  void Sent(size_t size) override;
  absl::string_view protocol() const override;
  bool resumed() const override { return SSL_session_reused(ssl_.get()) == 1; }
  const Failure& failure() const override { return failure_; }

  void Keep(SessionPtr session) { sessions_.Add(origin_, std::move(session)); }

 private:
  void ExpectPeer(const std::string& host);
  Result Outcome(int returned);
  void Explain();

  TlsSessions& sessions_;
  const std::string origin_;
  const std::unique_ptr<SSL, SslDeleter> ssl_;
  BIO* const in_;  // Owned by ssl_, as is out_.
  BIO* const out_;
  size_t sent_ = 0;  // How much of out_ has left.
  Failure failure_;
};

TlsConnection::TlsConnection(SSL_CTX* context, const Target& target,
                             TlsSessions& sessions, SessionPtr session,
                             const std::string& error)
    : sessions_(sessions),
      origin_(target.origin),
      ssl_(SSL_new(context)),
      in_(BIO_new(BIO_s_mem())),
      out_(BIO_new(BIO_s_mem())),
      failure_{error, ""} {
  BIO_set_mem_eof_return(in_, -1);
  BIO_set_mem_eof_return(out_, -1);
  SSL_set_bio(ssl_.get(), in_, out_);
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_connect_state(ssl_.get());
  ExpectPeer(target.host);
  if (session != nullptr) SSL_set_session(ssl_.get(), session.get());
}

void TlsConnection::ExpectPeer(const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str()) ==
      1) {
    return;  // It is an address, which has no place in the greeting.
  }
  ERR_clear_error();
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(ssl_.get(), host.c_str());
  SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
}

TlsStream::Result TlsConnection::Handshake() {
  if (!failure_.message.empty()) return Result::kFailed;
  ERR_clear_error();
  return Outcome(SSL_do_handshake(ssl_.get()));
}

TlsStream::Result TlsConnection::ReadSome(absl::Span<char> to, size_t& size) {
  ERR_clear_error();
  return Outcome(SSL_read_ex(ssl_.get(), to.data(), to.size(), &size));
}

bool TlsConnection::Write(absl::string_view plain) {
  size_t written = 0;
  ERR_clear_error();
  return Outcome(SSL_write_ex(ssl_.get(), plain.data(), plain.size(),
                              &written)) == Result::kOk &&
         written == plain.size();
}

TlsStream::Result TlsConnection::Outcome(int returned) {
  if (returned == 1) return Result::kOk;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return Result::kWantMore;
    case SSL_ERROR_ZERO_RETURN:
      return Result::kClosed;
    default:
      Explain();
      return Result::kFailed;
  }
}

void TlsConnection::Explain() {
  const unsigned long error = ERR_peek_error();
  ERR_clear_error();
  const long verified = SSL_get_verify_result(ssl_.get());
  if (verified != X509_V_OK) {
    failure_ = {absl::StrCat("the certificate is refused: ",
                             X509_verify_cert_error_string(verified)),
                kCertificateAdvice};
    return;
  }
  const char* const text = ERR_reason_error_string(error);
  const absl::string_view reason = text == nullptr ? "unknown error" : text;
  // OpenSSL's errors for a peer that answers with something other than TLS.
  const bool no_tls = absl::StrContains(reason, "wrong version number") ||
                      absl::StrContains(reason, "packet length too long") ||
                      absl::StrContains(reason, "http request");
  failure_ = {absl::StrCat("TLS failed: ", reason),
              no_tls ? kNoTlsAdvice : absl::string_view()};
}

absl::string_view TlsConnection::outgoing() {
  char* data = nullptr;
  const long size = BIO_get_mem_data(out_, &data);
  return absl::string_view(data, static_cast<size_t>(size)).substr(sent_);
}

void TlsConnection::Sent(size_t size) {
  sent_ += size;
  if (!outgoing().empty()) return;
  BIO_reset(out_);
  sent_ = 0;
}

absl::string_view TlsConnection::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace

std::unique_ptr<TlsStream> NewTlsConnection(SSL_CTX* context,
                                            const Target& target,
                                            TlsSessions& sessions,
                                            SessionPtr session,
                                            const std::string& error) {
  return std::make_unique<TlsConnection>(context, target, sessions,
                                         std::move(session), error);
}

// Called with every ticket. Returning 1 keeps OpenSSL's reference.
int OnNewSession(SSL* ssl, SSL_SESSION* session) {
  static_cast<TlsConnection*>(SSL_get_app_data(ssl))->Keep(SessionPtr(session));
  return 1;
}

}  // namespace holysheep::native
