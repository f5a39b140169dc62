#include <curl/curl.h>

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/api_key.h"
#include "config/address.h"
#include "config/file.h"
#include "config/pem.h"
#include "config/schema.h"

namespace holysheep::config {
namespace {

// The file of the configuration never holds the key itself.
constexpr absl::string_view kKeyVariable = "HOLYSHEEP_API_KEY";
constexpr absl::string_view kKeyFileVariable = "HOLYSHEEP_API_KEY_FILE";
// A key has some hundred bytes; a larger file is the wrong one.
constexpr size_t kMaxKeyFileBytes = 65536;
// Version 8.14 has been tested. 7.88 breaks such a connection with its second
// request.
constexpr unsigned kHttp2WithoutTls = 0x080e00;

void TakeKey(Fields& fields, const Origin& origin, absl::string_view key,
             OpenAiOptions& config) {
  const absl::Status good = CheckApiKey(key);
  if (good.ok()) {
    config.api_key = std::string(key);
  } else {
    fields.context().problems.Add(origin, good.message());
  }
}

void ReadKeyFile(Fields& fields, const std::string& path, Config& config) {
  const Origin origin = fields.OriginOf("api_key_file");
  const absl::StatusOr<FileContents> file = ReadFile(path, kMaxKeyFileBytes);
  if (!file.ok()) {
    fields.Fail("api_key_file", file.status().message());
    return;
  }
  absl::string_view key = file->text;
  if (absl::ConsumeSuffix(&key, "\n")) absl::ConsumeSuffix(&key, "\r");
  TakeKey(fields, origin, key, config.upstream);
  if (file->world_readable) {
    config.warnings.push_back(absl::StrCat(
        origin.name, ": every user of this machine can read the file"));
  }
}

// The key comes from the environment, otherwise from the file named by the
// environment, otherwise from the file named by the configuration.
void ReadKey(Fields& fields, Config& config) {
  std::string path;
  fields.Read("api_key_file", path, Text(), kKeyFileVariable);
  const std::optional<std::string> key =
      fields.context().environment(kKeyVariable);
  if (key.has_value() && !key->empty()) {
    TakeKey(fields, {std::string(kKeyVariable)}, *key, config.upstream);
  } else if (!path.empty()) {
    ReadKeyFile(fields, path, config);
  } else {
    fields.context().problems.Add(
        {key.has_value() ? std::string(kKeyVariable) : "upstream"},
        absl::StrCat(key.has_value() ? "the key is empty" : "no API key",
                     ": set ", kKeyVariable, ", ", kKeyFileVariable,
                     " or upstream.api_key_file"));
  }
}

void ReadVersion(Fields& fields, Config& config) {
  HttpVersion& version = config.connections.http_version;
  fields.Read("http_version", version,
              OneOf<HttpVersion>({{"auto", HttpVersion::kAuto},
                                  {"1.1", HttpVersion::kHttp11},
                                  {"2", HttpVersion::kHttp2}}));
  const bool tls =
      !absl::StartsWithIgnoreCase(config.upstream.base_url, "http:");
  if (version != HttpVersion::kHttp2 || tls) return;
  const bool by_libcurl = config.transport == TransportKind::kCurl ||
                          !config.connections.proxy.empty();
  if (!by_libcurl) return;
  const curl_version_info_data& libcurl = *curl_version_info(CURLVERSION_NOW);
  if (libcurl.version_num >= kHttp2WithoutTls) return;
  fields.Fail("http_version",
              absl::StrCat("2 without TLS needs libcurl 8.14 here, and this "
                           "is ",
                           libcurl.version,
                           ": use an https URL as upstream.base_url, or say "
                           "auto or 1.1 here"));
}

// Returns nothing if the file cannot be used, which has then been reported.
std::optional<std::string> ReadSecretFile(Fields& fields) {
  std::string path;
  const bool good = fields.Read("file", path, Text());
  fields.Require("file");
  if (!good) return std::nullopt;
  const absl::StatusOr<FileContents> file = ReadFile(path, kMaxKeyFileBytes);
  if (!file.ok()) {
    fields.Fail("file", file.status().message());
    return std::nullopt;
  }
  absl::string_view text = file->text;
  if (absl::ConsumeSuffix(&text, "\n")) absl::ConsumeSuffix(&text, "\r");
  const auto value = HeaderValue()({std::string(text)});
  if (value.ok()) return *value;
  fields.Fail("file", value.status().message());
  return std::nullopt;
}

// `Name: value` or `Name: {file: PATH}`.
void ReadHeaders(Fields& fields, const std::string& key_header,
                 OpenAiOptions& upstream) {
  for (const std::string& given : fields.GivenKeys()) {
    std::optional<std::string> value;
    if (fields.HoldsMapping(given)) {
      fields.Section(given, [&](Fields& f) { value = ReadSecretFile(f); });
      if (value.has_value()) upstream.secrets.push_back(*value);
    } else if (std::string text; fields.Read(given, text, HeaderValue())) {
      value = std::move(text);
    }
    const auto name = HeaderName()({given});
    if (!name.ok()) {
      fields.Fail(given, name.status().message());
    } else if (*name == key_header || *name == "authorization") {
      fields.Fail(given, "holds the key, which upstream.api_key_file is for");
    } else if (value.has_value()) {
      upstream.headers.emplace_back(*name, *std::move(value));
    }
  }
}

void ReadQuery(Fields& fields, std::string& query) {
  for (const std::string& name : fields.GivenKeys()) {
    std::string value;
    if (!fields.Read(name, value, Text())) continue;
    absl::StrAppend(&query, query.empty() ? "" : "&", PercentEncoded(name), "=",
                    PercentEncoded(value));
  }
}

void ReadTransport(Fields& fields, Config& config) {
  fields.Read("transport", config.transport,
              OneOf<TransportKind>({{"auto", TransportKind::kAuto},
                                    {"native", TransportKind::kNative},
                                    {"curl", TransportKind::kCurl}}));
  if (config.transport == TransportKind::kNative &&
      !config.connections.proxy.empty()) {
    fields.Fail("transport",
                "native does not speak to proxies: say auto or curl, or leave "
                "upstream.proxy empty");
  }
}

}  // namespace

void ReadUpstream(Fields& fields, Config& config) {
  OpenAiOptions& upstream = config.upstream;
  CurlOptions& connections = config.connections;
  fields.Read(
      "base_url", upstream.base_url,
      [](const Scalar& scalar) { return ParseBaseUrl(scalar.text); },
      "HOLYSHEEP_BASE_URL");
  if (IsExposed(upstream.base_url)) {
    config.warnings.push_back(
        "upstream.base_url: the API key leaves this machine unencrypted");
  }
  ReadKey(fields, config);
  fields.Read("api_key_header", upstream.api_key_header, HeaderName());
  fields.Section("headers", [&](Fields& f) {
    ReadHeaders(f, upstream.api_key_header, upstream);
  });
  fields.Section("query", [&](Fields& f) { ReadQuery(f, upstream.query); });
  fields.Read("max_connections", connections.max_connections,
              WholeNumber(0, kMaxCount));
  fields.Read("keepalive_per_host", connections.keepalive_per_host,
              WholeNumber(0, kMaxCount));
  fields.Read("dns_ttl", connections.dns_ttl,
              DurationWithin(absl::ZeroDuration(), kDay));
  fields.Read("keep_warm", upstream.keep_warm,
              DurationWithin(absl::ZeroDuration(), kDay));
  CheckPem(fields, "ca_file", ReadPem(fields, "ca_file", connections.ca_file));
  fields.Read("proxy", connections.proxy, EmptyOr(ParseProxyUrl));
  ReadTransport(fields, config);
  ReadVersion(fields, config);
  fields.Read("stream_unary", upstream.stream_unary, Boolean());
  fields.Read("max_response_bytes", upstream.max_response_bytes,
              WholeNumberAs<size_t>(1024, int64_t{1} << 30));
}

}  // namespace holysheep::config
