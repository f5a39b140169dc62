#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// How to reach the service, and as whom: put together from flags, environment
// and configuration file. Pure functions; errors are kInvalidArgument with a
// message for people.
namespace holysheep::cli {

// What sources say, by setting name: address, token, token_file, tls, ca,
// cert, key, server_name, timeout, upstream_key, upstream_key_file.
using RawSettings = std::map<std::string, std::string>;

struct Settings {
  std::string address = "127.0.0.1:50051";
  std::string token;         // empty: none
  std::string upstream_key;  // empty: the service's own
  bool tls = false;
  // PEM texts. No CA is the system's.
  std::string ca;
  std::string cert;
  std::string key;
  // Expected in the certificate instead of the host of `address`.
  std::string server_name;
  // For each call. Unset: 10 s, and none for calls that ask a model.
  std::optional<absl::Duration> timeout;
};

// The value of an environment variable; empty is unset.
using Environment = std::function<std::string(const std::string& name)>;
// The content of a file, or why it cannot be read.
using ReadFile =
    std::function<absl::StatusOr<std::string>(const std::string& path)>;

// Where the configuration file is: $XDG_CONFIG_HOME/holysheep/config.yaml,
// with ~/.config in place of an unset XDG_CONFIG_HOME. Empty without a home.
std::string ConfigPath(const Environment& environment);

RawSettings SettingsFromEnvironment(const Environment& environment);

// `yaml` is a flat mapping; an unknown or repeated name is an error that
// starts with `path` and the line.
absl::StatusOr<RawSettings> SettingsFromYaml(absl::string_view yaml,
                                             absl::string_view path);

// `strong` where it says something, else `weak`. A value and its file variant
// (token, token_file) are one setting.
RawSettings Overlay(const RawSettings& strong, const RawSettings& weak);

// Checks and reads all that `raw` names.
absl::StatusOr<Settings> MakeSettings(const RawSettings& raw,
                                      const ReadFile& read_file);

// The three sources in their order. A configuration file that is not there is
// as good as an empty one. A flag against TLS beats all that the others say of
// TLS; beside it, other flags for TLS are an error.
absl::StatusOr<Settings> LoadSettings(const RawSettings& flags,
                                      const Environment& environment,
                                      const ReadFile& read_file);

// Reads at most 1 MiB; NotFound if there is no such file.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

}  // namespace holysheep::cli
