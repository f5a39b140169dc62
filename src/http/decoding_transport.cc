#include "http/decoding_transport.h"

#include <utility>

#include "http/body_decoder.h"

namespace holysheep {
// A transfer's decoder is made with its headers, before any body; `transfer_`
// is the last member, so that no callback can meet a destroyed decoder.

namespace {

class DecodingTransfer final : public HttpTransfer, private HttpObserver {
 public:
  DecodingTransfer(HttpTransport& transport, HttpRequest request,
                   size_t max_bytes, HttpObserver& observer)
      : max_bytes_(max_bytes),
        observer_(observer),
        transfer_(transport.Send(std::move(request), *this)) {}

  bool is_waiting() const override { return transfer_->is_waiting(); }

 private:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  void OnTurn() override { observer_.OnTurn(); }
  void OnHeaders(int status, const Headers& headers) override {
    absl::string_view encoding;
    for (const auto& [name, value] : headers) {
      if (name == "content-encoding") encoding = value;
    }
    decoder_ = NewBodyDecoder(encoding, max_bytes_);
    observer_.OnHeaders(status, headers);
  }
  absl::Status OnBody(absl::string_view data) override {
    return decoder_->Feed(data, [this](absl::string_view decoded) {
      return observer_.OnBody(decoded);
    });
  }
  void OnDone(absl::Status status) override {
    if (status.ok() && decoder_ != nullptr) status = decoder_->End();
    observer_.OnDone(std::move(status));
  }

  const size_t max_bytes_;
  HttpObserver& observer_;
  std::unique_ptr<BodyDecoder> decoder_;
  const std::unique_ptr<HttpTransfer> transfer_;
};

class DecodingTransport final : public HttpTransport {
 public:
  DecodingTransport(HttpTransport& transport, const size_t& max_bytes)
      : transport_(transport), max_bytes_(max_bytes) {}

  std::unique_ptr<HttpTransfer> Send(HttpRequest request,
                                     HttpObserver& observer) override {
    return std::make_unique<DecodingTransfer>(transport_, std::move(request),
                                              max_bytes_, observer);
  }

 private:
  HttpTransport& transport_;
  const size_t& max_bytes_;
};

}  // namespace

std::unique_ptr<HttpTransport> Decoding(HttpTransport& transport,
                                        const size_t& max_bytes) {
  return std::make_unique<DecodingTransport>(transport, max_bytes);
}

}  // namespace holysheep
