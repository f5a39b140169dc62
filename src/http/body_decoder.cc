#include "http/body_decoder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/utf8.h"
#include "http/answer_bound.h"
#include "zlib.h"

namespace holysheep {
namespace {

constexpr absl::string_view kGzipStart = "\x1F\x8B";
// Decoded data is passed on in pieces of this size. On the stack; a full TLS
// record has the same size, so a larger piece would seldom be filled.
constexpr size_t kPieceBytes = 16'384;
// The header's value is the upstream's, and may be of any length.
constexpr size_t kMaxShownName = 40;

// The form is decided once, by the first two bytes and the header; until then
// the bytes wait in `start_`. `decoded_bytes_` counts over all members of a
// gzip body, so that many small ones cannot exceed the bound.

class Decoder final : public BodyDecoder {
 public:
  Decoder(absl::string_view encoding, size_t max_bytes)
      : encoding_(absl::AsciiStrToLower(absl::StripAsciiWhitespace(encoding))),
        max_bytes_(max_bytes) {}
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() override {
    if (inflating_) inflateEnd(&zlib_);
  }

  absl::Status Feed(absl::string_view body, OnData on_data) override;
  absl::Status End() override;

 private:
  enum class Form { kUnknown, kPlain, kCompressed, kOver };

  absl::Status Begin(OnData on_data);
  absl::Status Inflate(absl::string_view body, OnData on_data);
  bool BeginsAgain(absl::string_view rest);
  absl::Status PassOn(absl::string_view data, OnData on_data);

  const std::string encoding_;
  const size_t max_bytes_;
  Form form_ = Form::kUnknown;
  // The bytes before the form is known.
  std::string start_;
  bool inflating_ = false;
  size_t decoded_bytes_ = 0;
  z_stream zlib_ = {};
};

// Whether a body that begins with `start` has the header of zlib's format.
bool IsZlib(absl::string_view start) {
  const auto first = static_cast<unsigned char>(start[0]);
  const auto second = static_cast<unsigned char>(start[1]);
  return (first & 0x0F) == Z_DEFLATED && (first << 8 | second) % 31 == 0;
}

// Whether `encoding` names a compression that is not supported, or several at
// once. Any other name, such as that of a character set, says nothing about the
// bytes.
bool IsOtherCompression(absl::string_view encoding) {
  for (const absl::string_view known :
       {"br", "zstd", "compress", "x-compress", "dcb", "dcz"}) {
    if (encoding == known) return true;
  }
  return absl::StrContains(encoding, ',');
}

// The parameter of inflateInit2: 32 plus the window lets zlib distinguish gzip
// and its own format; a negative window is raw deflate.
int WindowBitsFor(absl::string_view start) {
  return IsZlib(start) || start.substr(0, 2) == kGzipStart ? 32 + MAX_WBITS
                                                           : -MAX_WBITS;
}

absl::Status Decoder::Feed(absl::string_view body, OnData on_data) {
  if (form_ == Form::kPlain) return on_data(body);
  if (form_ == Form::kCompressed) return Inflate(body, on_data);
  if (form_ == Form::kOver) {
    return BeginsAgain(body) ? Inflate(body, on_data) : absl::OkStatus();
  }
  // Nearly every body shows with its first byte that it is not compressed.
  if (start_.empty() && encoding_.empty() && !body.empty() &&
      body[0] != kGzipStart[0]) {
    form_ = Form::kPlain;
    return on_data(body);
  }
  start_.append(body.data(), body.size());
  return start_.size() < kGzipStart.size() ? absl::OkStatus() : Begin(on_data);
}

absl::Status Decoder::Begin(OnData on_data) {
  const std::string start = std::exchange(start_, {});
  const bool is_gzip = absl::string_view(start).substr(0, 2) == kGzipStart;
  const bool is_named_gzip = encoding_ == "gzip" || encoding_ == "x-gzip";
  const bool is_compressed =
      is_gzip || encoding_ == "deflate" || (is_named_gzip && IsZlib(start));
  if (!is_compressed && !IsOtherCompression(encoding_)) {
    form_ = Form::kPlain;
    return on_data(start);
  }
  if (!is_compressed) {
    return MakeError(
        Reason::kUpstreamMalformed,
        absl::StrCat("the upstream's answer is compressed, though nobody asked "
                     "for it, in a way that is not understood: ",
                     BoundedUtf8(encoding_, kMaxShownName)));
  }
  if (inflateInit2(&zlib_, WindowBitsFor(start)) != Z_OK) {
    return MakeError(Reason::kInternal, "zlib cannot begin");
  }
  inflating_ = true;
  form_ = Form::kCompressed;
  return Inflate(start, on_data);
}

absl::Status Decoder::Inflate(absl::string_view body, OnData on_data) {
  char piece[kPieceBytes];
  // zlib only reads it, whatever its type says.
  zlib_.next_in =
      reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // NOLINT
  zlib_.avail_in = static_cast<uInt>(body.size());
  do {
    zlib_.next_out = reinterpret_cast<Bytef*>(piece);
    zlib_.avail_out = kPieceBytes;
    const int outcome = inflate(&zlib_, Z_NO_FLUSH);
    if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) {
      return MakeError(Reason::kUpstreamMalformed,
                       "the upstream's answer is compressed, and damaged");
    }
    auto status = PassOn({piece, kPieceBytes - zlib_.avail_out}, on_data);
    if (!status.ok()) return status;
    if (outcome == Z_STREAM_END) {
      form_ = Form::kOver;
      const auto* rest = reinterpret_cast<const char*>(zlib_.next_in);
      if (!BeginsAgain({rest, zlib_.avail_in})) break;
    }
  } while (zlib_.avail_in > 0 || zlib_.avail_out == 0);
  return absl::OkStatus();
}

// A body may consist of several compressed members, one after the other.
bool Decoder::BeginsAgain(absl::string_view rest) {
  if (rest.empty() || rest[0] != kGzipStart[0]) return false;
  form_ = Form::kCompressed;
  return inflateReset(&zlib_) == Z_OK;
}

absl::Status Decoder::PassOn(absl::string_view data, OnData on_data) {
  if (data.empty()) return absl::OkStatus();
  decoded_bytes_ += data.size();
  if (decoded_bytes_ > max_bytes_) return AnswerTooLong(max_bytes_);
  return on_data(data);
}

absl::Status Decoder::End() {
  if (form_ != Form::kCompressed) return absl::OkStatus();
  return MakeError(Reason::kStreamTruncated,
                   "the upstream's answer is compressed, and cut");
}

}  // namespace

std::unique_ptr<BodyDecoder> NewBodyDecoder(absl::string_view encoding,
                                            size_t max_bytes) {
  return std::make_unique<Decoder>(encoding, max_bytes);
}

}  // namespace holysheep
