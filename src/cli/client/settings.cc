#include "cli/client/settings.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/api_key.h"
#include "cli/client/target.h"

namespace holysheep::cli {
namespace {

// A chain of certificates has some KiB; a bundle of all authorities a few
// hundred.
constexpr size_t kMaxFileBytes = 1 << 20;

struct Variable {
  const char* setting;
  const char* name;
};

constexpr Variable kVariables[] = {
    {"address", "HOLYSHEEP_ADDRESS"},
    {"token", "HOLYSHEEP_TOKEN"},
    {"token_file", "HOLYSHEEP_TOKEN_FILE"},
    {"tls", "HOLYSHEEP_TLS"},
    {"ca", "HOLYSHEEP_TLS_CA"},
    {"cert", "HOLYSHEEP_TLS_CERT"},
    {"key", "HOLYSHEEP_TLS_KEY"},
    {"server_name", "HOLYSHEEP_TLS_SERVER_NAME"},
    {"timeout", "HOLYSHEEP_TIMEOUT"},
    {"upstream_key", "HOLYSHEEP_UPSTREAM_KEY"},
    {"upstream_key_file", "HOLYSHEEP_UPSTREAM_KEY_FILE"},
};

std::string Value(const RawSettings& raw, const std::string& name) {
  const auto found = raw.find(name);
  return found == raw.end() ? std::string() : found->second;
}

absl::Status Wrong(absl::string_view setting, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(setting, " ", problem));
}

// Whether gRPC can send `text` as metadata and the service accepts it.
bool IsVisible(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isgraph);
}

absl::StatusOr<std::string> File(const RawSettings& raw,
                                 const std::string& setting,
                                 const ReadFile& read_file) {
  const std::string path = Value(raw, setting);
  if (path.empty()) return std::string();
  absl::StatusOr<std::string> text = read_file(path);
  if (!text.ok()) return Wrong(setting, text.status().message());
  if (text->empty()) return Wrong(setting, absl::StrCat(path, " is empty"));
  return text;
}

// Returns the setting, or the content of the file that `setting`_file names.
// The value never appears in a message.
absl::StatusOr<std::string> Secret(const RawSettings& raw,
                                   const std::string& setting,
                                   const ReadFile& read_file) {
  absl::StatusOr<std::string> secret = Value(raw, setting);
  if (secret->empty()) secret = File(raw, setting + "_file", read_file);
  if (!secret.ok()) return secret;
  *secret =
      std::string(absl::StripSuffix(absl::StripSuffix(*secret, "\n"), "\r"));
  if (!IsVisible(*secret)) {
    return Wrong(setting, "must be visible ASCII characters without blanks");
  }
  return secret;
}

absl::Status ReadSecrets(const RawSettings& raw, const ReadFile& read_file,
                         Settings& settings) {
  absl::StatusOr<std::string> token = Secret(raw, "token", read_file);
  if (!token.ok()) return token.status();
  absl::StatusOr<std::string> key = Secret(raw, "upstream_key", read_file);
  if (!key.ok()) return key.status();
  if (!key->empty() && key->size() < kMinApiKeyLength) {
    return Wrong(
        "upstream_key",
        absl::StrCat("has only ", key->size(),
                     " characters; a key has at least ", kMinApiKeyLength));
  }
  settings.token = *std::move(token);
  settings.upstream_key = *std::move(key);
  return absl::OkStatus();
}

absl::Status ReadTls(const RawSettings& raw, const ReadFile& read_file,
                     Settings& settings) {
  struct Pem {
    const char* setting;
    std::string* text;
  };
  for (const Pem pem : {Pem{"ca", &settings.ca}, Pem{"cert", &settings.cert},
                        Pem{"key", &settings.key}}) {
    absl::StatusOr<std::string> text = File(raw, pem.setting, read_file);
    if (!text.ok()) return text.status();
    *pem.text = *std::move(text);
  }
  settings.server_name = Value(raw, "server_name");
  const bool wanted = !settings.ca.empty() || !settings.cert.empty() ||
                      !settings.key.empty() || !settings.server_name.empty();
  const std::string tls = Value(raw, "tls");
  settings.tls = wanted;
  if (!tls.empty() && !absl::SimpleAtob(tls, &settings.tls)) {
    return Wrong("tls", "must be true or false");
  }
  if (wanted && !settings.tls) {
    return Wrong("tls", "is off, but ca, cert, key or server_name is set");
  }
  if (settings.cert.empty() != settings.key.empty()) {
    return Wrong("cert", "and key must be given together");
  }
  return absl::OkStatus();
}

// REQUIRES: `tls` has been read.
absl::Status ReadAddress(const RawSettings& raw, Settings& settings) {
  const std::string address = Value(raw, "address");
  if (address.empty()) return absl::OkStatus();
  const absl::StatusOr<Target> target = ParseTarget(address);
  if (!target.ok()) return Wrong("address", target.status().message());
  if (settings.tls && settings.server_name.empty() &&
      absl::StrContains(address, ',')) {
    return Wrong("server_name",
                 "must say whose certificate a list of "
                 "addresses has");
  }
  settings.address = address;
  return absl::OkStatus();
}

absl::Status ReadTimeout(const RawSettings& raw, Settings& settings) {
  const std::string timeout = Value(raw, "timeout");
  if (timeout.empty()) return absl::OkStatus();
  absl::Duration duration;
  if (!absl::ParseDuration(timeout, &duration) ||
      duration <= absl::ZeroDuration() || duration > absl::Hours(24)) {
    return Wrong("timeout", "must be a duration such as 500ms, 30s or 5m");
  }
  settings.timeout = duration;
  return absl::OkStatus();
}

// Weaker sources may still contain TLS settings next to --no-tls. They have no
// effect, because the flag is there to override them.
RawSettings WithoutTls(RawSettings raw) {
  for (const char* setting : {"tls", "ca", "cert", "key", "server_name"}) {
    raw.erase(setting);
  }
  return raw;
}

// `file` in the folder that the variable names, or else in that of the home.
std::string PathIn(const Environment& environment, const std::string& variable,
                   absl::string_view in_home, absl::string_view file) {
  const std::string folder = environment(variable);
  // The XDG specification says that relative paths are ignored.
  if (absl::StartsWith(folder, "/")) return absl::StrCat(folder, file);
  const std::string home = environment("HOME");
  return home.empty() ? "" : absl::StrCat(home, in_home, file);
}

}  // namespace

std::string ConfigPath(const Environment& environment) {
  return PathIn(environment, "XDG_CONFIG_HOME", "/.config",
                "/holysheep/config.yaml");
}

std::string HistoryPath(const Environment& environment) {
  if (environment("HOLYSHEEP_HISTORY") == "off") return {};
  return PathIn(environment, "XDG_STATE_HOME", "/.local/state",
                "/holysheep/history");
}

RawSettings SettingsFromEnvironment(const Environment& environment) {
  RawSettings raw;
  for (const Variable& variable : kVariables) {
    std::string value = environment(variable.name);
    if (!value.empty()) raw[variable.setting] = std::move(value);
  }
  return raw;
}

// A stronger value hides the weaker file variant and the other way round: two
// sources must not be mixed into one setting.
RawSettings Overlay(const RawSettings& strong, const RawSettings& weak) {
  RawSettings both = strong;
  const auto group = [](absl::string_view name) {
    return std::string(absl::StripSuffix(name, "_file"));
  };
  for (const auto& [name, value] : weak) {
    const bool said = strong.count(group(name)) > 0 ||
                      strong.count(group(name) + "_file") > 0;
    if (!said) both[name] = value;
  }
  return both;
}

// TLS comes before the address, because a list of addresses needs a server name
// only with TLS.
absl::StatusOr<Settings> MakeSettings(const RawSettings& raw,
                                      const ReadFile& read_file) {
  Settings settings;
  absl::Status status = ReadSecrets(raw, read_file, settings);
  if (status.ok()) status = ReadTls(raw, read_file, settings);
  if (status.ok()) status = ReadAddress(raw, settings);
  if (status.ok()) status = ReadTimeout(raw, settings);
  if (!status.ok()) return status;
  return settings;
}

absl::StatusOr<Settings> LoadSettings(const RawSettings& flags,
                                      const Environment& environment,
                                      const ReadFile& read_file) {
  RawSettings weaker = SettingsFromEnvironment(environment);
  const std::string path = ConfigPath(environment);
  if (!path.empty()) {
    const absl::StatusOr<std::string> yaml = read_file(path);
    if (!yaml.ok() && !absl::IsNotFound(yaml.status())) return yaml.status();
    const absl::StatusOr<RawSettings> file =
        SettingsFromYaml(yaml.ok() ? *yaml : "", path);
    if (!file.ok()) return file.status();
    weaker = Overlay(weaker, *file);
  }
  if (Value(flags, "tls") == "false") weaker = WithoutTls(std::move(weaker));
  return MakeSettings(Overlay(flags, weaker), read_file);
}

absl::StatusOr<std::string> ReadSmallFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    const int error = errno;
    return absl::Status(absl::ErrnoToStatusCode(error),
                        absl::StrCat("cannot read ", path, ": ",
                                     std::generic_category().message(error)));
  }
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) {
    return absl::UnknownError(absl::StrCat("cannot read ", path));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes) {
    return absl::InvalidArgumentError(absl::StrCat(path, " exceeds 1 MiB"));
  }
  return text;
}

}  // namespace holysheep::cli
