// Who may listen to other machines, and with what.
#include <string>

#include "absl/strings/match.h"
#include "config_fixture.h"
#include "gmock/gmock.h"
#include "support/self_signed.h"

namespace holysheep::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class ExposureTest : public ConfigTest {
 protected:
  std::string Tls(const std::string& more = "") {
    return "tls: {cert_file: " + WriteFile("cert.pem", mine_.certificate) +
           ", key_file: " + WriteFile("key.pem", mine_.key) + more + "}\n";
  }
  std::string ClientCa() {
    return ", client_ca_file: " + WriteFile("ca.pem", mine_.certificate);
  }

  const SelfSigned mine_{"IP:127.0.0.1"};
  const std::string open_ = "listen: 0.0.0.0:50051\n";
  const std::string tokens_ =
      "auth: {tokens: [{name: a, sha256: " + std::string(64, 'a') + "}]}\n";
};

TEST_F(ExposureTest, OtherMachinesNeedTlsAndAuthentication) {
  EXPECT_EQ(Problem("log: {}\n" + open_),
            "c.yaml:2: listen: other machines could reach the service: that "
            "needs TLS (tls.cert_file and tls.key_file) and callers' "
            "authentication (auth.tokens or tls.client_ca_file); on a private "
            "network auth.allow_insecure: true or HOLYSHEEP_ALLOW_INSECURE=1 "
            "lifts this");
  EXPECT_THAT(Problem(open_ + tokens_),
              HasSubstr("needs TLS (tls.cert_file and tls.key_file); on"));
  EXPECT_THAT(Problem(open_ + Tls()),
              HasSubstr("needs callers' authentication (auth.tokens or "
                        "tls.client_ca_file); on"));
}

TEST_F(ExposureTest, TlsWithTokensOrClientCertificatesIsEnough) {
  for (const std::string& yaml :
       {open_ + Tls() + tokens_, open_ + Tls(ClientCa())}) {
    const absl::StatusOr<Config> config = Load(yaml);
    ASSERT_TRUE(config.ok()) << config.status();
    for (const std::string& warning : config->warnings) {
      EXPECT_THAT(warning, Not(HasSubstr("listen")));
    }
  }
}

TEST_F(ExposureTest, CertificatesWithoutAnEntryAreWarnedOf) {
  const std::string certificates =
      "auth: {tokens: [{name: \"cert:dify\", requests_per_minute: 5}]}\n";
  const auto warnings = [this](const std::string& yaml) {
    return Load(yaml)->warnings;
  };
  EXPECT_TRUE(warnings(Tls(ClientCa()) + certificates).empty());
  EXPECT_THAT(warnings(Tls(ClientCa())),
              ElementsAre(HasSubstr("every certificate may invoke")));
  EXPECT_THAT(warnings(Tls(ClientCa()) + tokens_),
              ElementsAre(HasSubstr("a certificate alone lets nobody in")));
  EXPECT_THAT(
      warnings(Tls() + certificates),
      ElementsAre(HasSubstr("lets nobody in without tls.client_ca_file")));
}

TEST_F(ExposureTest, LoopbackNeedsNothing) {
  for (const char* listen :
       {"127.0.0.1:1", "'[::1]:1'", "localhost:1", "'unix:/tmp/s'"}) {
    EXPECT_EQ(Problem(std::string("listen: ") + listen), "");
  }
}

TEST_F(ExposureTest, AVariableIsHeldToTheSameRule) {
  environment_["HOLYSHEEP_LISTEN"] = "10.0.0.1:50051";
  EXPECT_THAT(Message(LoadWithoutFile()),
              testing::StartsWith("HOLYSHEEP_LISTEN: other machines"));
}

TEST_F(ExposureTest, CanBeAskedForByName) {
  const std::string warning =
      "listen: other machines can reach the service without TLS (tls.cert_file "
      "and tls.key_file) and callers' authentication (auth.tokens or "
      "tls.client_ca_file)";
  EXPECT_THAT(Load(open_ + "auth: {allow_insecure: true}\n")->warnings,
              ElementsAre(warning));
  environment_["HOLYSHEEP_ALLOW_INSECURE"] = "1";
  EXPECT_THAT(Load(open_)->warnings, ElementsAre(warning));
}

TEST_F(ExposureTest, MetricsMayBeReachedByOtherMachines) {
  EXPECT_EQ(Problem("http: {listen: 0.0.0.0:9464}\n"), "");
}

TEST_F(ExposureTest, WarnsOfAKeyThatTravelsInTheClear) {
  EXPECT_THAT(
      Load("upstream: {base_url: \"http://simulator:8080/v1\"}\n")->warnings,
      ElementsAre(
          "upstream.base_url: the API key leaves this machine unencrypted"));
}

TEST_F(ExposureTest, TlsFilesBelongTogether) {
  const std::string file = WriteFile("x.pem", "x");
  EXPECT_EQ(Problem("tls: {cert_file: " + file + "}\n"),
            "c.yaml:1: tls.cert_file: needs tls.key_file too");
  EXPECT_EQ(Problem("tls:\n  key_file: " + file + "\n"),
            "c.yaml:2: tls.key_file: needs tls.cert_file too");
  EXPECT_EQ(
      Problem("tls:\n\n  client_ca_file: " + file + "\n"),
      "c.yaml:3: tls.client_ca_file: needs tls.cert_file and tls.key_file too");
}

TEST_F(ExposureTest, ATlsFileMustBeThere) {
  EXPECT_EQ(Problem("tls:\n  cert_file: " + folder_ +
                    "/none\n  key_file: " + folder_ + "\n"),
            "c.yaml:2: tls.cert_file: no such file\n"
            "c.yaml:3: tls.key_file: is a directory");
}

TEST_F(ExposureTest, ACertificateAndItsKeyMustMatch) {
  const SelfSigned other{"IP:127.0.0.1"};
  const std::string cert = WriteFile("cert.pem", mine_.certificate);
  EXPECT_EQ(Problem("tls:\n  cert_file: " + cert +
                    "\n  key_file: " + WriteFile("other.pem", other.key)),
            "c.yaml:3: tls.key_file: is not the key of the certificate in "
            "tls.cert_file");
  EXPECT_EQ(Problem("tls:\n  cert_file: " + cert + "\n  key_file: " + cert),
            "c.yaml:3: tls.key_file: has no PEM private key that can be read "
            "without a password");
  EXPECT_EQ(Problem("tls:\n  cert_file: " + WriteFile("empty.pem", "") +
                    "\n  key_file: " + WriteFile("key.pem", mine_.key)),
            "c.yaml:2: tls.cert_file: the file is empty");
}

TEST_F(ExposureTest, ABrokenCertificateIsTold) {
  const std::string broken =
      mine_.certificate +
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_EQ(Problem("tls:\n  cert_file: " + WriteFile("cert.pem", broken) +
                    "\n  key_file: " + WriteFile("key.pem", mine_.key)),
            "c.yaml:2: tls.cert_file: has a PEM certificate that is broken");
}

TEST_F(ExposureTest, WarnsOfAKeyThatEveryoneMayRead) {
  const std::string yaml = Tls();
  std::filesystem::permissions(folder_ + "/key.pem",
                               std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(Load(yaml)->warnings,
              ElementsAre("tls.key_file: every user of this machine can read "
                          "the file"));
}

}  // namespace
}  // namespace holysheep::config
