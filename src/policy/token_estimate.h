#pragma once

#include <cstddef>
#include <cstdint>

namespace holysheep {

// How many tokens a text is, where nobody who knows has said: a quarter of its
// UTF-8 bytes, rounded up. Measured tokenizers give 3.5 to 4.5 bytes a token
// for English prose; other scripts come out too high, which is the safe side
// for a limit.
constexpr int64_t EstimateTokens(size_t bytes) {
  return static_cast<int64_t>((bytes + 3) / 4);
}

// What a chat format adds to the tokens of the texts.
inline constexpr int64_t kTokensPerMessage = 4;
inline constexpr int64_t kTokensPerReply = 3;
// An image, sound, video or document, whatever its size.
inline constexpr int64_t kTokensPerMedium = 1000;

}  // namespace holysheep
