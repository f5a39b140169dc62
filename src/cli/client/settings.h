#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// The address and credentials of the service, put together from flags,
// environment and configuration file. Pure functions but for the reading of
// files. Errors are kInvalidArgument with a message for people.
namespace holysheep::cli {

// The settings of one source by name: address, token, token_file, tls, ca,
// cert, key, server_name, timeout, upstream_key, upstream_key_file. Names that
// are absent are not set. Values are texts as given.
using RawSettings = std::map<std::string, std::string>;

// The settings after all sources have been combined and checked.
struct Settings {
  // See ParseTarget.
  std::string address = "127.0.0.1:50051";
  // Secret, as the key below; neither appears in a message.
  std::string token;         // empty: none
  std::string upstream_key;  // empty: the service's own
  // Also implied by a CA, a certificate or a server name.
  bool tls = false;
  // PEM texts. Without a CA the system's are trusted.
  std::string ca;
  std::string cert;
  std::string key;
  // The name expected in the certificate, instead of the host of `address`.
  std::string server_name;
  // The timeout of each call. If not set, 10 s, and none for calls that involve
  // a model.
  std::optional<absl::Duration> timeout;
};

// Returns the value of an environment variable; empty means not set. Injected,
// so that tests need not change the process.
using Environment = std::function<std::string(const std::string& name)>;
// Returns the content of a file, or why it cannot be read.
using ReadFile =
    std::function<absl::StatusOr<std::string>(const std::string& path)>;

// Returns the path of the configuration file:
// $XDG_CONFIG_HOME/holysheep/config.yaml, with ~/.config in place of an unset
// XDG_CONFIG_HOME. Empty if there is no home directory.
std::string ConfigPath(const Environment& environment);

// The path of the history of `chat`: $XDG_STATE_HOME/holysheep/history, with
// ~/.local/state if XDG_STATE_HOME is unset. Empty without a home, and if
// HOLYSHEEP_HISTORY is `off`.
std::string HistoryPath(const Environment& environment);

RawSettings SettingsFromEnvironment(const Environment& environment);

// Reads the flat mapping `yaml`. An unknown or repeated name is an error that
// starts with `path` and the line.
absl::StatusOr<RawSettings> SettingsFromYaml(absl::string_view yaml,
                                             absl::string_view path);

// Returns `strong`, completed by `weak`. A value and its file variant (token,
// token_file) count as one setting. So a token of a flag hides a token file of
// the environment.
RawSettings Overlay(const RawSettings& strong, const RawSettings& weak);

// Checks the settings and reads the files that they name. A key has at least 20
// characters, a timeout is above 0 and at most 24 h.
absl::StatusOr<Settings> MakeSettings(const RawSettings& raw,
                                      const ReadFile& read_file);

// Combines the three sources; flags come first, then the environment, then the
// file. A missing configuration file counts as empty. A flag that turns TLS off
// overrides all TLS settings of the other sources; together with it, other TLS
// flags are an error.
absl::StatusOr<Settings> LoadSettings(const RawSettings& flags,
                                      const Environment& environment,
                                      const ReadFile& read_file);

// Reads at most 1 MiB. Returns NotFound if the file does not exist.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path);

}  // namespace holysheep::cli
