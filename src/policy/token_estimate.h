#pragma once

#include <cstddef>
#include <cstdint>

namespace holysheep {

// Estimates the tokens of a text where no one has counted them: a quarter of
// its UTF-8 bytes, rounded up. Measured tokenizers give 3.5 to 4.5 bytes per
// token for English prose. Other scripts come out too high, which is the safe
// side for a limit.
constexpr int64_t EstimateTokens(size_t bytes) {
  return static_cast<int64_t>((bytes + 3) / 4);
}

// The tokens that a chat format adds to those of the texts. OpenAI's own
// figures for its chat format.
inline constexpr int64_t kTokensPerMessage = 4;
inline constexpr int64_t kTokensPerReply = 3;
// An image, sound, video or document, regardless of its size. The real figure
// depends on size and model; the estimate only has to reserve something of the
// right order.
inline constexpr int64_t kTokensPerMedium = 1000;

}  // namespace holysheep
