// What a reload may not open: the port stays as the service was started.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "config/exposure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A configuration in a few words: where it listens (world, name, loopback,
// socket) and what protects it (tls, ca, tokens, insecure).
Config Described(const std::string& words) {
  Config config;
  const auto says = [&words](const char* word) {
    return absl::StrContains(words, word);
  };
  config.listen = says("world")    ? *ParseListenAddress("0.0.0.0:50051")
                  : says("name")   ? *ParseListenAddress("node.example:50051")
                  : says("socket") ? *ParseListenAddress("unix:/run/node.sock")
                                   : *ParseListenAddress("127.0.0.1:50051");
  if (says("tls")) config.tls.cert_file = config.tls.key_file = "cert.pem";
  if (says("ca")) config.tls.client_ca_file = "ca.pem";
  if (says("tokens")) config.auth.tokens.emplace_back().name = "a";
  config.auth.allow_insecure = says("insecure");
  return config;
}

struct Step {
  const char* started;
  const char* wanted;
  // What the refusal says is missing; empty if it is taken up.
  const char* missing;
};

constexpr char kTls[] = "without TLS (";
constexpr char kCallers[] = "without callers' authentication (";
constexpr char kBoth[] = "and callers' authentication (";
constexpr char kCertificates[] = "asks for no client certificates";

constexpr Step kSteps[] = {
    // From tokens to client certificates, which the port does not ask for.
    {"world tls tokens", "world tls ca", kCertificates},
    {"name tls tokens", "name tls ca", kCertificates},
    {"world tls tokens", "loopback tls ca", kCertificates},
    {"world tls tokens", "world tls ca insecure", kCertificates},
    {"world tokens insecure", "world tls ca insecure", kCertificates},
    {"loopback tokens", "loopback tls ca", kCertificates},
    {"socket tokens", "socket tls ca", kCertificates},
    {"world tls ca tokens", "world tls ca", ""},
    {"world tls tokens", "world tls ca tokens", ""},
    // The tokens go, and `listen` says what will only hold after a restart.
    {"world tls tokens", "loopback", kCallers},
    {"world tls tokens", "loopback tls", kCallers},
    {"world tls tokens", "socket", kCallers},
    {"name tls tokens", "loopback", kCallers},
    {"world tls ca", "loopback", ""},
    {"world tls ca tokens", "loopback", ""},
    {"world tls tokens", "loopback tokens", ""},
    // What lifted the rules goes.
    {"world insecure", "loopback", kBoth},
    {"world insecure", "loopback tls", kBoth},
    {"world insecure", "loopback tokens", kTls},
    {"world insecure", "world tls tokens", kTls},
    {"world insecure", "world tls ca", kBoth},
    {"world tls insecure", "loopback", kCallers},
    {"world tls insecure", "world tls tokens", ""},
    // Asked for by name.
    {"world insecure", "world insecure", ""},
    {"world insecure", "loopback insecure", ""},
    {"world tls tokens", "world insecure", ""},
    {"world tls tokens", "loopback insecure", ""},
    // Only this machine reaches it, whatever the file says of later.
    {"loopback", "loopback", ""},
    {"loopback", "world tls tokens", ""},
    {"loopback", "world tls ca", ""},
    {"loopback tokens", "loopback", ""},
    {"loopback tokens", "world insecure", ""},
    {"socket tokens", "socket", ""},
    {"loopback tls ca", "loopback", ""},
};

TEST(ReloadExposureTest, TheRunningPortKeepsWhatTheRulesAskOfIt) {
  for (const Step& step : kSteps) {
    Config wanted = Described(step.wanted);
    const Config started = Described(step.started);
    const absl::Status status = CheckReload(started, started.auth, wanted);
    SCOPED_TRACE(testing::Message()
                 << step.started << " -> " << step.wanted << ": " << status);
    EXPECT_EQ(status.ok(), *step.missing == '\0');
    EXPECT_THAT(std::string(status.message()), HasSubstr(step.missing));
  }
}

TEST(ReloadExposureTest, WhatIsTakenUpAtAReloadCountsForTheNext) {
  const Config started = Described("loopback");
  Config tokens = Described("loopback tokens");
  Config certificates = Described("loopback tls ca");
  EXPECT_TRUE(CheckReload(started, started.auth, certificates).ok());
  EXPECT_TRUE(CheckReload(started, started.auth, tokens).ok());
  EXPECT_FALSE(CheckReload(started, tokens.auth, certificates).ok());
}

TEST(ReloadExposureTest, ARefusalSaysWhereItListens) {
  const Config started = Described("world tls tokens");
  Config wanted = Described("loopback");
  EXPECT_THAT(std::string(CheckReload(started, started.auth, wanted).message()),
              HasSubstr("0.0.0.0:50051"));
}

TEST(ReloadExposureTest, WhatIsAskedForByNameIsWarnedOfOnce) {
  const Config started = Described("world tls tokens");
  Config wanted = Described("loopback insecure");
  const std::string warning = ExposureWarning(
      "callers' authentication (auth.tokens or tls.client_ca_file)");
  ASSERT_TRUE(CheckReload(started, started.auth, wanted).ok());
  EXPECT_THAT(wanted.warnings, ElementsAre(warning));
  ASSERT_TRUE(CheckReload(started, started.auth, wanted).ok());
  EXPECT_THAT(wanted.warnings, ElementsAre(warning));
  Config kept = Described("world tls tokens insecure");
  ASSERT_TRUE(CheckReload(started, started.auth, kept).ok());
  EXPECT_THAT(kept.warnings, IsEmpty());
}

}  // namespace
}  // namespace holysheep::config
