#include "http/body_decoder.h"

#include <string>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/decoding_transport.h"
#include "support/fake_transport.h"
#include "zlib.h"

namespace holysheep {
namespace {

using testing::HasSubstr;

constexpr size_t kBound = 100'000;
constexpr char kText[] = "data: {\"choices\":[]}\n\ndata: [DONE]\n\n";

// Window bits as zlib has them: 31 is gzip, 15 deflate with a head, -15
// without.
std::string Compressed(const std::string& text, int window_bits = 31) {
  z_stream zlib = {};
  deflateInit2(&zlib, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8,
               Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&zlib, text.size()), '\0');
  std::string in = text;
  zlib.next_in = reinterpret_cast<Bytef*>(in.data());
  zlib.avail_in = static_cast<uInt>(in.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  deflate(&zlib, Z_FINISH);
  out.resize(out.size() - zlib.avail_out);
  deflateEnd(&zlib);
  return out;
}

struct Outcome {
  std::string text;
  absl::Status status;
};

// Feeds `body` in pieces of `step` bytes.
Outcome Decode(absl::string_view encoding, absl::string_view body,
               size_t step = 1 << 20) {
  Outcome outcome;
  const auto decoder = NewBodyDecoder(encoding, kBound);
  for (size_t i = 0; i < body.size() && outcome.status.ok(); i += step) {
    outcome.status =
        decoder->Feed(body.substr(i, step), [&](absl::string_view data) {
          outcome.text.append(data.data(), data.size());
          return absl::OkStatus();
        });
  }
  if (outcome.status.ok()) outcome.status = decoder->End();
  return outcome;
}

TEST(BodyDecoderTest, UndoesWhatTheHeaderSays) {
  for (const size_t step : {1u, 7u, 1u << 20}) {
    EXPECT_EQ(Decode("gzip", Compressed(kText), step).text, kText);
    EXPECT_EQ(Decode(" X-GZIP", Compressed(kText), step).text, kText);
    EXPECT_EQ(Decode("deflate", Compressed(kText, 15), step).text, kText);
    EXPECT_EQ(Decode("deflate", Compressed(kText, -15), step).text, kText);
    EXPECT_EQ(Decode("", kText, step).text, kText);
    EXPECT_EQ(Decode("identity", kText, step).text, kText);
  }
}

TEST(BodyDecoderTest, BelievesTheBytesRatherThanTheHeader) {
  EXPECT_EQ(Decode("", Compressed(kText), 1).text, kText);
  EXPECT_EQ(Decode("gzip", kText, 1).text, kText);
  EXPECT_EQ(Decode("gzip", Compressed(kText, 15), 1).text, kText);
}

TEST(BodyDecoderTest, ANameThatIsNoCompressionSaysNothing) {
  for (const char* encoding : {"utf-8", "UTF8", "none", "chunked"}) {
    const Outcome outcome = Decode(encoding, kText);
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_EQ(outcome.text, kText) << encoding;
  }
}

TEST(BodyDecoderTest, ReadsOneCompressedTextAfterTheOther) {
  for (const size_t step : {1u, 1u << 20}) {
    EXPECT_EQ(Decode("gzip", Compressed("a") + Compressed("b"), step).text,
              "ab");
    EXPECT_TRUE(Decode("gzip", Compressed("a") + "rest", step).status.ok());
  }
}

TEST(BodyDecoderTest, ACutBodyIsNoEnd) {
  const std::string body = Compressed(kText);
  for (size_t cut = 2; cut < body.size(); ++cut) {
    ASSERT_EQ(ReasonOf(Decode("gzip", body.substr(0, cut)).status),
              Reason::kStreamTruncated);
  }
}

TEST(BodyDecoderTest, ADamagedBodyIsMalformed) {
  std::string body = Compressed(kText);
  body[12] = static_cast<char>(~body[12]);
  EXPECT_FALSE(Decode("gzip", body).status.ok());
}

TEST(BodyDecoderTest, WhatIsDecodedIsBounded) {
  const std::string bomb = Compressed(std::string(50'000'000, ' '));
  const Outcome outcome = Decode("gzip", bomb);
  EXPECT_EQ(ReasonOf(outcome.status), Reason::kUpstreamMalformed);
  EXPECT_LE(outcome.text.size(), kBound);
  EXPECT_TRUE(Decode("gzip", Compressed(std::string(kBound, ' '))).status.ok());
}

TEST(BodyDecoderTest, AnEncodingThatIsNotUnderstoodIsNamed) {
  for (const char* encoding : {"br", "zstd", "gzip, gzip"}) {
    const absl::Status status = Decode(encoding, "\x0b\x02\x80").status;
    EXPECT_EQ(ReasonOf(status), Reason::kUpstreamMalformed);
    EXPECT_THAT(std::string(status.message()), HasSubstr(encoding));
  }
}

struct Watcher final : HttpObserver {
  void OnHeaders(
      int, const std::vector<std::pair<std::string, std::string>>&) override {}
  absl::Status OnBody(absl::string_view data) override {
    body.append(data.data(), data.size());
    return absl::OkStatus();
  }
  void OnDone(absl::Status outcome) override { status = std::move(outcome); }

  std::string body;
  absl::Status status = absl::UnknownError("not done");
};

TEST(DecodingTransportTest, DecodesWhatComesAndTellsOfACut) {
  FakeHttpTransport fake;
  const size_t bound = kBound;
  const auto transport = Decoding(fake, bound);
  const std::string body = Compressed(kText);
  for (const bool cut : {false, true}) {
    Watcher watcher;
    const auto transfer = transport->Send({}, watcher);
    auto& sent = fake.transfers.back();
    sent.Headers(200, {{"content-encoding", "gzip"}});
    sent.Body(body.substr(0, body.size() - (cut ? 9 : 0)));
    sent.End();
    EXPECT_EQ(watcher.status.ok(), !cut) << watcher.status;
    if (!cut) {
      EXPECT_EQ(watcher.body, kText);
    }
  }
}

}  // namespace
}  // namespace holysheep
