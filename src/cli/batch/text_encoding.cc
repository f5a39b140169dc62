#include "cli/batch/text_encoding.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace holysheep::cli {
namespace {

constexpr char kUtf8[] = "UTF-8";

iconv_t NoConverter() { return reinterpret_cast<iconv_t>(-1); }

bool HasConverter(const std::string& encoding) {
  const iconv_t converter = iconv_open(kUtf8, encoding.c_str());
  if (converter == NoConverter()) return false;
  iconv_close(converter);
  return true;
}

// Invariants: `raw_` holds the bytes that were read and not converted, which
// are at most one character when more are read. After an error nothing more is
// delivered.
class DecodedFile final : public InputFile {
 public:
  DecodedFile(std::unique_ptr<InputFile> file, const std::string& encoding,
              std::string name)
      : file_(std::move(file)),
        encoding_(encoding),
        name_(std::move(name)),
        converter_(iconv_open(kUtf8, encoding.c_str())) {}
  ~DecodedFile() override {
    if (converter_ != NoConverter()) iconv_close(converter_);
  }

  absl::Status status() const override {
    return status_.ok() ? file_->status() : status_;
  }
  std::string Sha256Hex() override { return file_->Sha256Hex(); }

 private:
  int_type underflow() override {
    while (status_.ok()) {
      const size_t size = Convert();
      if (size > 0) {
        setg(text_.data(), text_.data(), text_.data() + size);
        lines_ += std::count(text_.data(), text_.data() + size, '\n');
        return traits_type::to_int_type(text_[0]);
      }
      if (!status_.ok() || !ReadMore()) break;
    }
    return traits_type::eof();
  }

  // Returns the bytes of text that were made from `raw_`.
  size_t Convert() {
    if (converter_ == NoConverter()) {
      Refuse("cannot be converted");
      return 0;
    }
    char* in = raw_.data();
    size_t in_left = raw_.size();
    char* out = text_.data();
    size_t out_left = text_.size();
    const size_t result = iconv(converter_, &in, &in_left, &out, &out_left);
    const bool wrong = result == static_cast<size_t>(-1) && errno == EILSEQ;
    raw_.erase(0, raw_.size() - in_left);
    const size_t size = text_.size() - out_left;
    if (wrong && size == 0) {
      Refuse(absl::StrCat("bytes that are not ", encoding_,
                          "; name the encoding with --encoding"));
    }
    return size;
  }

  bool ReadMore() {
    std::array<char, 16 << 10> more;
    const auto size = file_->sgetn(more.data(), more.size());
    if (size <= 0) {
      if (!raw_.empty() && file_->status().ok()) {
        Refuse(absl::StrCat("ends in the middle of a character of ", encoding_,
                            "; the file is cut off"));
      }
      return false;
    }
    raw_.append(more.data(), static_cast<size_t>(size));
    return true;
  }

  void Refuse(absl::string_view problem) {
    status_ = absl::InvalidArgumentError(
        absl::StrCat(name_, ":", lines_ + 1, ": ", problem));
  }

  const std::unique_ptr<InputFile> file_;
  const std::string encoding_;
  const std::string name_;
  const iconv_t converter_;
  std::string raw_;
  std::array<char, 64 << 10> text_{};
  int64_t lines_ = 0;  // whole ones that were delivered
  absl::Status status_;
};

}  // namespace

// A zero byte does not occur in UTF-8 text, and UTF-16 has one next to every
// ASCII character: behind it in the little-endian form, before it in the other.
EncodingGuess GuessEncoding(absl::string_view begin) {
  const absl::string_view kLittle32("\xFF\xFE\0\0", 4);
  if (absl::StartsWith(begin, "\xEF\xBB\xBF")) return {"", true};
  if (absl::StartsWith(begin, kLittle32)) return {"UTF-32LE", true};
  if (absl::StartsWith(begin, "\xFF\xFE")) return {"UTF-16LE", true};
  if (absl::StartsWith(begin, "\xFE\xFF")) return {"UTF-16BE", true};
  std::array<size_t, 2> zeros{};
  for (size_t i = 0; i < begin.size(); ++i) {
    if (begin[i] == '\0') ++zeros[i % 2];
  }
  if (zeros[1] > 4 * zeros[0]) return {"UTF-16LE", false};
  if (zeros[0] > 4 * zeros[1]) return {"UTF-16BE", false};
  return {};
}

absl::StatusOr<std::string> EncodingNamed(absl::string_view name) {
  const std::string upper =
      absl::AsciiStrToUpper(absl::StripAsciiWhitespace(name));
  if (upper == kUtf8 || upper == "UTF8" || upper == "UTF-8-SIG") return "";
  // The widest member of a family reads the files of all others.
  for (const char* narrow : {"GBK", "GB2312", "CP936", "GB_2312-80"}) {
    if (upper == narrow) return "GB18030";
  }
  for (const char* narrow : {"SHIFT-JIS", "SHIFT_JIS", "SHIFTJIS", "SJIS"}) {
    if (upper == narrow) return "CP932";
  }
  // A slash introduces an option of iconv, such as to leave out what is wrong.
  if (!upper.empty() && !absl::StrContains(upper, '/') && HasConverter(upper)) {
    return upper;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no encoding `", name,
                   "`: a name of `iconv -l`, such as GBK, Big5, Shift-JIS, "
                   "windows-1252 or UTF-16"));
}

std::unique_ptr<InputFile> Decoded(std::unique_ptr<InputFile> file,
                                   const std::string& encoding,
                                   const std::string& name) {
  if (encoding.empty()) return file;
  return std::make_unique<DecodedFile>(std::move(file), encoding, name);
}

}  // namespace holysheep::cli
