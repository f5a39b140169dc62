// How the upstream is spoken to: its certificate, and the version of HTTP.
#include <string>

#include "config_fixture.h"
#include "gmock/gmock.h"
#include "support/self_signed.h"

namespace holysheep {
namespace {

class UpstreamTest : public ConfigTest {
 protected:
  const SelfSigned mine_{"IP:127.0.0.1"};
};

TEST_F(UpstreamTest, TakesTheAuthoritiesOfAFile) {
  const std::string ca = WriteFile("ca.pem", mine_.certificate);
  const absl::StatusOr<Config> config = Load("upstream: {ca_file: " + ca + "}");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->upstream.ca_file, ca);
}

TEST_F(UpstreamTest, AFileWithoutCertificatesIsTold) {
  const auto problem = [this](const std::string& path) {
    return Problem("upstream:\n  ca_file: " + path + "\n");
  };
  EXPECT_EQ(problem(folder_), "c.yaml:2: upstream.ca_file: is a directory");
  EXPECT_EQ(problem(WriteFile("empty.pem", "")),
            "c.yaml:2: upstream.ca_file: the file is empty");
  EXPECT_THAT(problem(WriteFile("key.pem", mine_.key)),
              testing::HasSubstr("c.yaml:2: upstream.ca_file: has no PEM "
                                 "certificate"));
}

TEST_F(UpstreamTest, Http2WithoutTlsIsRefusedWithWhatToDo) {
  for (const char* url : {"http://127.0.0.1:1/v1", "HTTP://h"}) {
    EXPECT_EQ(Problem(absl::StrCat("upstream:\n  base_url: ", url,
                                   "\n  http_version: 2\n")),
              "c.yaml:3: upstream.http_version: 2 needs TLS: use an https URL "
              "as upstream.base_url, or say auto or 1.1 here");
  }
  EXPECT_EQ(Problem("upstream: {http_version: 2}"), "");
  EXPECT_EQ(Problem("upstream: {base_url: \"http://127.0.0.1:1\"}"), "");
}

}  // namespace
}  // namespace holysheep
