#include "policy/lru_map.h"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(LruMapTest, FindsWhatWasPut) {
  LruMap<int> map(10, 100);
  map.Put("a", 1, 5);
  ASSERT_NE(map.Find("a"), nullptr);
  EXPECT_EQ(*map.Find("a"), 1);
  EXPECT_EQ(map.Find("b"), nullptr);
  EXPECT_EQ(map.entries(), 1);
  EXPECT_EQ(map.bytes(), 5);
}

TEST(LruMapTest, ForgetsTheLeastRecentlyUsedForWantOfEntries) {
  LruMap<int> map(2, 100);
  map.Put("a", 1, 1);
  map.Put("b", 2, 1);
  map.Find("a");
  map.Put("c", 3, 1);
  EXPECT_NE(map.Find("a"), nullptr);
  EXPECT_EQ(map.Find("b"), nullptr);
  EXPECT_NE(map.Find("c"), nullptr);
  EXPECT_EQ(map.evictions(), 1);
}

TEST(LruMapTest, ForgetsAsManyAsItTakesForWantOfBytes) {
  LruMap<int> map(10, 10);
  map.Put("a", 1, 4);
  map.Put("b", 2, 4);
  map.Put("c", 3, 9);
  EXPECT_EQ(map.entries(), 1);
  EXPECT_EQ(map.bytes(), 9);
  EXPECT_EQ(map.evictions(), 2);
}

TEST(LruMapTest, ReplacingCountsOnlyTheNewSize) {
  LruMap<int> map(10, 10);
  map.Put("a", 1, 8);
  map.Put("a", 2, 3);
  EXPECT_EQ(*map.Find("a"), 2);
  EXPECT_EQ(map.bytes(), 3);
  EXPECT_EQ(map.entries(), 1);
  EXPECT_EQ(map.evictions(), 0);
}

TEST(LruMapTest, AnEntryLargerThanTheMapTakesItsPredecessorAlongAndNoOther) {
  LruMap<int> map(10, 10);
  map.Put("a", 1, 2);
  map.Put("b", 2, 2);
  map.Put("a", 3, 11);
  EXPECT_EQ(map.Find("a"), nullptr);
  EXPECT_NE(map.Find("b"), nullptr);
}

TEST(LruMapTest, ABoundOfZeroKeepsNothing) {
  LruMap<int> no_entries(0, 100);
  no_entries.Put("a", 1, 1);
  EXPECT_EQ(no_entries.entries(), 0);
  LruMap<int> no_bytes(10, 0);
  no_bytes.Put("a", 1, 1);
  EXPECT_EQ(no_bytes.entries(), 0);
}

TEST(LruMapTest, SmallerBoundsForgetAtOnce) {
  LruMap<int> map(10, 100);
  for (int i = 0; i < 10; ++i) map.Put(absl::StrCat(i), i, 10);
  map.SetBounds(10, 55);
  EXPECT_EQ(map.entries(), 5);
  map.SetBounds(2, 55);
  EXPECT_EQ(map.entries(), 2);
  EXPECT_NE(map.Find("9"), nullptr);
  EXPECT_NE(map.Find("8"), nullptr);
}

TEST(LruMapTest, ErasesByKeyAndByPredicate) {
  LruMap<int> map(10, 100);
  for (int i = 0; i < 6; ++i) map.Put(absl::StrCat(i), i, 1);
  EXPECT_TRUE(map.Erase("0"));
  EXPECT_FALSE(map.Erase("0"));
  EXPECT_EQ(map.EraseIf([](const int& value) { return value % 2 == 1; }), 3);
  EXPECT_EQ(map.entries(), 2);
  EXPECT_EQ(map.bytes(), 2);
  EXPECT_EQ(map.evictions(), 0);
}

TEST(LruMapTest, HoldsValuesThatCannotBeCopied) {
  LruMap<std::unique_ptr<int>> map(1, 10);
  map.Put("a", std::make_unique<int>(1), 1);
  map.Put("b", std::make_unique<int>(2), 1);
  EXPECT_EQ(**map.Find("b"), 2);
}

// The same promises, kept by looking at everything each time.
class Reference {
 public:
  Reference(size_t max_entries, size_t max_bytes)
      : max_entries_(max_entries), max_bytes_(max_bytes) {}

  const int* Find(const std::string& key) {
    const auto found = Position(key);
    if (found == entries_.end()) return nullptr;
    std::rotate(entries_.begin(), found, found + 1);
    return &entries_.front().value;
  }
  void Put(const std::string& key, int value, size_t bytes) {
    Erase(key);
    if (bytes > max_bytes_) return;
    entries_.insert(entries_.begin(), {key, value, bytes});
    while (entries_.size() > max_entries_ || this->bytes() > max_bytes_) {
      entries_.pop_back();
    }
  }
  bool Erase(const std::string& key) {
    const auto found = Position(key);
    if (found == entries_.end()) return false;
    entries_.erase(found);
    return true;
  }
  size_t entries() const { return entries_.size(); }
  size_t bytes() const {
    size_t sum = 0;
    for (const Entry& entry : entries_) sum += entry.bytes;
    return sum;
  }

 private:
  struct Entry {
    std::string key;
    int value;
    size_t bytes;
  };
  std::vector<Entry>::iterator Position(const std::string& key) {
    return std::find_if(entries_.begin(), entries_.end(),
                        [&](const Entry& entry) { return entry.key == key; });
  }

  const size_t max_entries_;
  const size_t max_bytes_;
  std::vector<Entry> entries_;  // Most recently used first.
};

class LruMapProperty : public ::testing::TestWithParam<int> {};

TEST_P(LruMapProperty, AgreesWithTheReference) {
  std::mt19937_64 random(static_cast<uint64_t>(GetParam()));
  const auto draw = [&](int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random);
  };
  const auto max_entries = static_cast<size_t>(draw(1, 20));
  const auto max_bytes = static_cast<size_t>(draw(1, 200));
  LruMap<int> map(max_entries, max_bytes);
  Reference reference(max_entries, max_bytes);
  for (int step = 0; step < 3000; ++step) {
    const std::string key = absl::StrCat("key", draw(0, 40));
    const int action = draw(0, 9);
    if (action < 5) {
      const auto bytes = static_cast<size_t>(draw(1, 40));
      map.Put(key, step, bytes);
      reference.Put(key, step, bytes);
    } else if (action < 9) {
      const int* got = map.Find(key);
      const int* want = reference.Find(key);
      ASSERT_EQ(got == nullptr, want == nullptr) << step;
      if (got != nullptr) {
        ASSERT_EQ(*got, *want) << step;
      }
    } else {
      ASSERT_EQ(map.Erase(key), reference.Erase(key)) << step;
    }
    ASSERT_EQ(map.entries(), reference.entries()) << step;
    ASSERT_EQ(map.bytes(), reference.bytes()) << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LruMapProperty, ::testing::Range(0, 20));

}  // namespace
}  // namespace holysheep
