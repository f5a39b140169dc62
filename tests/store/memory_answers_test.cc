#include "store/memory_answers.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

CacheKey KeyOf(const std::string& name) {
  CacheKey key;
  key.digest = absl::StrCat("digest of ", name);
  key.material = std::make_shared<const std::string>(name);
  return key;
}

StoredAnswer AnswerTo(const CacheKey& key, size_t bytes = 10) {
  StoredAnswer answer;
  answer.material = key.material;
  answer.model = "m";
  answer.transcript = std::string(bytes, 'x');
  return answer;
}

class MemoryAnswersTest : public ::testing::Test {
 protected:
  void Put(const std::string& name, size_t bytes = 10) {
    store_.Put(KeyOf(name), AnswerTo(KeyOf(name), bytes), store_.purges());
  }
  bool Has(const std::string& name) {
    return store_.FindNow(KeyOf(name)) != nullptr;
  }
  void SetBounds(size_t entries, size_t bytes) {
    options_.max_entries = entries;
    options_.max_bytes = bytes;
    store_.SetBounds(options_);
  }

  CacheOptions options_;
  MemoryAnswers store_{options_};
};

TEST_F(MemoryAnswersTest, FindsWhatWasPut) {
  EXPECT_FALSE(Has("a"));
  Put("a");
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Has("b"));
}

TEST_F(MemoryAnswersTest, Promise01ComparesTheMaterial) {
  Put("a");
  CacheKey forged = KeyOf("a");
  forged.material = std::make_shared<const std::string>("b");
  EXPECT_EQ(store_.FindNow(forged), nullptr);
  // Equal by value, not by place.
  forged.material = std::make_shared<const std::string>("a");
  EXPECT_NE(store_.FindNow(forged), nullptr);
}

TEST_F(MemoryAnswersTest, ANewAnswerTakesThePlaceOfTheOld) {
  Put("a", 1000);
  const int64_t before = store_.GetStats().bytes;
  Put("a", 10);
  EXPECT_EQ(store_.GetStats().entries, 1);
  EXPECT_EQ(store_.GetStats().bytes, before - 990);
  EXPECT_EQ(store_.FindNow(KeyOf("a"))->transcript.size(), 10u);
}

TEST_F(MemoryAnswersTest, ForgetsTheLeastRecentlyUsedBeyondItsEntries) {
  SetBounds(2, 1 << 20);
  Put("a");
  Put("b");
  EXPECT_TRUE(Has("a"));
  Put("c");
  EXPECT_TRUE(Has("a"));
  EXPECT_FALSE(Has("b"));
  EXPECT_EQ(store_.GetStats().evictions, 1);
}

TEST_F(MemoryAnswersTest, TheBytesAreThoseOfAllItsParts) {
  const CacheKey key = KeyOf(std::string(100, 'k'));
  StoredAnswer answer = AnswerTo(key, 1000);
  answer.model = std::string(20, 'm');
  answer.cache_namespace = std::string(30, 'n');
  answer.ending = std::string(40, 'e');
  const size_t strings = key.digest.size() + 100 + 1000 + 20 + 30 + 40;
  store_.Put(key, std::move(answer), store_.purges());
  EXPECT_GT(store_.GetStats().bytes, static_cast<int64_t>(strings));
  EXPECT_LT(store_.GetStats().bytes, static_cast<int64_t>(strings) + 1000);
}

TEST_F(MemoryAnswersTest, NeverHoldsMoreThanItsBytes) {
  SetBounds(1000, 20'000);
  for (int i = 0; i < 200; ++i) {
    Put(absl::StrCat(i), 50 * (i % 40));
    ASSERT_LE(store_.GetStats().bytes, 20'000);
  }
  EXPECT_GT(store_.GetStats().entries, 5);
  Put("huge", 30'000);
  EXPECT_FALSE(Has("huge"));
}

TEST_F(MemoryAnswersTest, NewBoundsHoldAtOnce) {
  for (const char* name : {"a", "b", "c"}) Put(name);
  SetBounds(1, 1 << 20);
  EXPECT_EQ(store_.GetStats().entries, 1);
  EXPECT_TRUE(Has("c"));
  SetBounds(0, 1 << 20);
  Put("d");
  EXPECT_EQ(store_.GetStats().entries, 0);
  EXPECT_EQ(store_.GetStats().bytes, 0);
}

TEST_F(MemoryAnswersTest, AnAnswerOutlivesItsPlaceInTheStore) {
  Put("a");
  const auto answer = store_.FindNow(KeyOf("a"));
  EXPECT_EQ(store_.PurgeAll(), 1);
  EXPECT_FALSE(Has("a"));
  EXPECT_EQ(answer->transcript.size(), 10u);
}

TEST_F(MemoryAnswersTest, PurgesWhatIsAskedForAndSaysHowMuch) {
  const auto put = [this](const std::string& name, std::string model,
                          std::string cache_namespace) {
    StoredAnswer answer = AnswerTo(KeyOf(name));
    answer.model = std::move(model);
    answer.cache_namespace = std::move(cache_namespace);
    store_.Put(KeyOf(name), std::move(answer), store_.purges());
  };
  put("a", "m", "");
  put("b", "m", "team");
  put("c", "n", "team");
  put("d", "n", "");
  EXPECT_EQ(store_.PurgeNamespace("team"), 2);
  EXPECT_EQ(store_.PurgeModel("other"), 0);
  EXPECT_EQ(store_.PurgeModel("m"), 1);
  EXPECT_TRUE(Has("d"));
  EXPECT_EQ(store_.PurgeAll(), 1);
  EXPECT_EQ(store_.GetStats().bytes, 0);
  EXPECT_EQ(store_.GetStats().evictions, 0) << "a purge is no eviction";
}

TEST_F(MemoryAnswersTest, ThreadsMayUseItTogether) {
  SetBounds(50, 1 << 20);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, i] {
      for (int j = 0; j < 200; ++j) {
        const std::string name = absl::StrCat((i + j) % 100);
        Put(name);
        const auto answer = store_.FindNow(KeyOf(name));
        EXPECT_TRUE(answer == nullptr || *answer->material == name);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_.GetStats().entries, 50);
}

}  // namespace
}  // namespace holysheep
