#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "config/load.h"
#include "gtest/gtest.h"

namespace holysheep::config {

inline constexpr char kTestKey[] = "sk-test-0123456789abcdef";

// Loads configurations from a folder of its own and an environment of its own,
// in which there is an API key.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    std::string pattern = testing::TempDir() + "config-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  // A file that only its owner may read.
  std::string WriteFile(const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(folder_, "/", name);
    std::ofstream(path, std::ios::binary) << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_read |
                                           std::filesystem::perms::owner_write);
    return path;
  }

  absl::StatusOr<Config> Load(const std::string& yaml) {
    return LoadConfig({WriteFile("c.yaml", yaml), LookUp()});
  }
  absl::StatusOr<Config> LoadWithoutFile() {
    return LoadConfig({"", LookUp()});
  }

  // The message of the error, with the folder left out; empty if it loads.
  std::string Problem(const std::string& yaml) { return Message(Load(yaml)); }
  std::string Message(const absl::StatusOr<Config>& config) {
    return absl::StrReplaceAll(std::string(config.status().message()),
                               {{absl::StrCat(folder_, "/"), ""}});
  }

  Environment LookUp() const {
    return [this](absl::string_view name) -> std::optional<std::string> {
      const auto found = environment_.find(std::string(name));
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
  }

  std::string folder_;
  std::map<std::string, std::string> environment_ = {
      {"HOLYSHEEP_API_KEY", kTestKey}};
};

}  // namespace holysheep::config
