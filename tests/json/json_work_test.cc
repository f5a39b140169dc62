// What JSON texts cost, counted in bytes from the heap: whatever is copied
// again and again is allocated again and again.
#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "json/json.h"

namespace {

std::atomic<size_t> taken = 0;

}  // namespace

void* operator new(size_t size) {
  taken += size;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  taken += size;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace holysheep {
namespace {

using Function = std::function<bool(const std::string&)>;

const Function kFunctions[] = {
    [](const std::string& text) { return CanonicalJson(text).ok(); },
    [](const std::string& text) { return CheckJsonObject(text).ok(); },
    [](const std::string& text) { return JsonMembers(text).ok(); }};

size_t BytesTakenBy(const Function& function, const std::string& text) {
  const size_t before = taken;
  EXPECT_TRUE(function(text));
  return taken - before;
}

// `inner` in as many objects or arrays.
std::string Nested(int levels, const std::string& inner) {
  std::string text = inner;
  for (int i = 1; i < levels; ++i) {
    text = i % 2 == 0 ? absl::StrCat("[", text, "]")
                      : absl::StrCat("{\"a\":", text, "}");
  }
  return absl::StrCat("{\"a\":", text, "}");
}

// So many values that each kind of them counts.
std::string Values(int count) {
  std::string text = "{";
  for (int i = count; i > 0; --i) {
    absl::StrAppend(&text, "\"k", i, "\":[", i, ",\"a\\u0062c\",{\"\\n\":\"",
                    std::string(50, 'x'), "\"}]", i > 1 ? "," : "}");
  }
  return text;
}

TEST(JsonWorkTest, NothingIsCopiedFromLevelToLevel) {
  const std::string inner = Values(1000);
  for (const Function& function : kFunctions) {
    const size_t flat = BytesTakenBy(function, Nested(1, inner));
    const size_t deep =
        BytesTakenBy(function, Nested(kMaxJsonDepth - 3, inner));
    EXPECT_LT(deep, flat + flat / 4);
  }
}

TEST(JsonWorkTest, TwiceTheTextTakesTwiceTheWork) {
  for (const Function& function : kFunctions) {
    const size_t once = BytesTakenBy(function, Values(10'000));
    const size_t twice = BytesTakenBy(function, Values(20'000));
    EXPECT_LT(twice, 2 * once + once / 2);
  }
}

TEST(JsonWorkTest, ALongStringIsNotCopiedToBeChecked) {
  const std::string text =
      Nested(100, absl::StrCat("\"", std::string(10'000'000, 'x'), "\""));
  EXPECT_LT(BytesTakenBy(kFunctions[1], text), text.size());
  EXPECT_LT(BytesTakenBy(kFunctions[2], text), text.size());
  EXPECT_LT(BytesTakenBy(kFunctions[0], text), 2 * text.size());
}

}  // namespace
}  // namespace holysheep
