#include "base/hex.h"

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(HexTest, SaysTheBytesOfDigitsOfEitherCase) {
  EXPECT_EQ(BytesOfHex("00097FfFaAa0"),
            std::string("\x00\x09\x7f\xff\xaa\xa0", 6));
  EXPECT_EQ(BytesOfHex(""), "");
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(BytesOfHex(absl::BytesToHexString(all)), all);
}

TEST(HexTest, SaysNothingOfWhatIsNotPairsOfDigits) {
  for (const char* text : {"0", "000", "0g", "0x", " 1", "-1", "1\xc3"}) {
    EXPECT_EQ(BytesOfHex(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace holysheep
