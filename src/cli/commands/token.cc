#include "cli/commands/token.h"

#include <openssl/rand.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/sha256.h"
#include "base/utf8.h"

namespace holysheep::cli {
namespace {

// 256 bits cannot be guessed, so the service may store an unsalted hash.
constexpr size_t kTokenBytes = 32;
// A prefix by which people, and programs that search for secrets, recognise a
// token.
constexpr char kPrefix[] = "hst_";
// As config/scalar_parsers.h bounds names.
constexpr size_t kMaxName = 256;

// Returns an empty text if the system has no randomness.
std::string NewToken() {
  std::array<unsigned char, kTokenBytes> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return {};
  return absl::StrCat(
      kPrefix, absl::WebSafeBase64Escape(absl::string_view(
                   reinterpret_cast<const char*>(bytes.data()), bytes.size())));
}

// Whether the service accepts `name`.
bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         absl::StripAsciiWhitespace(text) == text && IsUtf8(text) &&
         std::none_of(text.begin(), text.end(), absl::ascii_iscntrl);
}

// The service substitutes the environment after a single dollar.
std::string Escaped(const std::string& text) {
  return absl::StrReplaceAll(text, {{"$", "$$"}});
}

// One line in flow style, to be pasted under `tokens:`. Strings are quoted, so
// that a name such as `yes` stays a name.
std::string EntryFor(const TokenNewOptions& options, absl::string_view token) {
  YAML::Emitter yaml;
  const auto text = [&yaml](const char* key, const std::string& value) {
    yaml << YAML::Key << key << YAML::Value << YAML::DoubleQuoted
         << Escaped(value);
  };
  const auto limit = [&yaml](const char* key, int64_t value) {
    if (value > 0) yaml << YAML::Key << key << YAML::Value << value;
  };
  yaml << YAML::Flow << YAML::BeginMap;
  text("name", options.name);
  yaml << YAML::Key << "sha256" << YAML::Value << YAML::DoubleQuoted
       << absl::BytesToHexString(Sha256(token));
  yaml << YAML::Key << "roles" << YAML::Value << YAML::Flow
       << (options.roles.empty() ? std::vector<std::string>{"invoke"}
                                 : options.roles);
  if (!options.scope.empty()) text("scope", options.scope);
  limit("requests_per_minute", options.requests_per_minute);
  limit("tokens_per_minute", options.tokens_per_minute);
  yaml << YAML::EndMap;
  return absl::StrCat("- ", yaml.c_str());
}

ExitCode Refuse(const Console& console, absl::string_view problem,
                ExitCode code) {
  console.err << OnErr(console, Style::kRed, "error: ") << problem << std::endl;
  return code;
}

}  // namespace

ExitCode RunTokenNew(const Console& console, const TokenNewOptions& options) {
  if (!IsName(options.name) ||
      (!options.scope.empty() && !IsName(options.scope))) {
    return Refuse(console,
                  "NAME and --scope must be 1 to 256 characters without blanks "
                  "around them",
                  kExitUsage);
  }
  const std::string token = NewToken();
  if (token.empty()) {
    return Refuse(console, "the system gives no random numbers", kExitFailed);
  }
  console.out << token << "\n" << EntryFor(options, token) << std::endl;
  // A token that could not be shown must not be configured.
  if (!console.out) return kExitFailed;
  console.err << "This is the token, which is shown this once, and its line "
                 "for auth.tokens in the service's configuration."
              << std::endl;
  return kExitOk;
}

}  // namespace holysheep::cli
