#include "cli/client/settings.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kConfig[] = "/sheep/.config/holysheep/config.yaml";
constexpr char kKey[] = "hs-0123456789abcdef0123456789";

// A machine with files and variables.
struct Machine {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> variables = {{"HOME", "/sheep"}};

  absl::StatusOr<Settings> Load(const RawSettings& flags = {}) const {
    return LoadSettings(
        flags,
        [this](const std::string& name) {
          const auto found = variables.find(name);
          return found == variables.end() ? "" : found->second;
        },
        [this](const std::string& path) -> absl::StatusOr<std::string> {
          const auto found = files.find(path);
          if (found == files.end()) return absl::NotFoundError("no " + path);
          return found->second;
        });
  }

  std::string Problem(const RawSettings& flags = {}) const {
    return std::string(Load(flags).status().message());
  }
};

TEST(SettingsTest, NothingSaidIsLoopbackWithoutTls) {
  const auto settings = Machine().Load();
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->address, "127.0.0.1:50051");
  EXPECT_FALSE(settings->tls);
  EXPECT_EQ(settings->token, "");
  EXPECT_EQ(settings->timeout, std::nullopt);
}

TEST(SettingsTest, AListOfAddressesWithTlsNeedsTheNameOfTheCertificate) {
  const RawSettings list = {{"address", "10.0.0.1:1,10.0.0.2:1"}};
  EXPECT_EQ(Machine().Load(list)->address, "10.0.0.1:1,10.0.0.2:1");
  RawSettings encrypted = list;
  encrypted["tls"] = "true";
  EXPECT_THAT(Machine().Problem(encrypted), HasSubstr("server_name"));
  encrypted["server_name"] = "node.example";
  EXPECT_TRUE(Machine().Load(encrypted).ok());
}

TEST(SettingsTest, AListOfAddressesThatIsNoneIsRefused) {
  EXPECT_THAT(Machine().Problem({{"address", "one:1,two:1"}}),
              HasSubstr("address must be a list of IP:PORT"));
}

TEST(SettingsTest, AFlagBeatsTheEnvironmentAndThatTheFile) {
  Machine machine;
  machine.files[kConfig] = "address: file:1\ntimeout: 7s\ntls: true\n";
  EXPECT_EQ(machine.Load()->address, "file:1");
  machine.variables["HOLYSHEEP_ADDRESS"] = "environment:1";
  EXPECT_EQ(machine.Load()->address, "environment:1");
  const auto settings = machine.Load({{"address", "flag:1"}});
  EXPECT_EQ(settings->address, "flag:1");
  EXPECT_EQ(settings->timeout, absl::Seconds(7));
  EXPECT_TRUE(settings->tls);
}

TEST(SettingsTest, ATokenFileOfAStrongerSourceBeatsATokenOfAWeakerOne) {
  Machine machine;
  machine.files[kConfig] = "token: of-the-file\n";
  machine.files["/t"] = "of-the-token-file\r\n";
  EXPECT_EQ(machine.Load()->token, "of-the-file");
  EXPECT_EQ(machine.Load({{"token_file", "/t"}})->token, "of-the-token-file");
  machine.variables["HOLYSHEEP_TOKEN"] = "of-the-environment";
  EXPECT_EQ(machine.Load()->token, "of-the-environment");
}

TEST(SettingsTest, XdgConfigHomeIsRespectedIfItIsAbsolute) {
  std::map<std::string, std::string> variables = {{"HOME", "/sheep"}};
  const Environment environment = [&variables](const std::string& name) {
    return variables[name];
  };
  EXPECT_EQ(ConfigPath(environment), kConfig);
  variables["XDG_CONFIG_HOME"] = "relative";
  EXPECT_EQ(ConfigPath(environment), kConfig);
  variables["XDG_CONFIG_HOME"] = "/xdg";
  EXPECT_EQ(ConfigPath(environment), "/xdg/holysheep/config.yaml");
  variables.clear();
  EXPECT_EQ(ConfigPath(environment), "");
}

TEST(SettingsTest, AnyTlsSettingTurnsTlsOn) {
  Machine machine;
  machine.files["/ca"] = "PEM";
  const auto settings = machine.Load({{"ca", "/ca"}});
  EXPECT_TRUE(settings->tls);
  EXPECT_EQ(settings->ca, "PEM");
  EXPECT_TRUE(machine.Load({{"server_name", "node"}})->tls);
}

TEST(SettingsTest, ContradictionsAreRefused) {
  Machine machine;
  machine.files["/ca"] = "PEM";
  EXPECT_THAT(machine.Problem({{"ca", "/ca"}, {"tls", "false"}}),
              HasSubstr("tls is off"));
  EXPECT_THAT(machine.Problem({{"cert", "/ca"}}), HasSubstr("together"));
  EXPECT_THAT(machine.Problem({{"tls", "maybe"}}), HasSubstr("true or false"));
  EXPECT_THAT(machine.Problem({{"ca", "/none"}}), HasSubstr("ca no /none"));
  for (const char* timeout : {"5", "0s", "-1s", "25h", "inf", "soon"}) {
    EXPECT_THAT(machine.Problem({{"timeout", timeout}}),
                HasSubstr("timeout must be"))
        << timeout;
  }
}

TEST(SettingsTest, TheFlagAgainstTlsBeatsAllThatWeakerSourcesSayOfIt) {
  Machine machine;
  machine.files["/ca"] = "PEM";
  machine.files[kConfig] = "tls: true\ncert: /ca\nkey: /ca\ntoken: mine\n";
  machine.variables["HOLYSHEEP_TLS_CA"] = "/ca";
  machine.variables["HOLYSHEEP_TLS_SERVER_NAME"] = "node.example";
  const auto settings = machine.Load({{"tls", "false"}});
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_FALSE(settings->tls);
  EXPECT_EQ(settings->ca + settings->cert + settings->key, "");
  EXPECT_EQ(settings->server_name, "");
  EXPECT_EQ(settings->token, "mine");
}

TEST(SettingsTest, OnlyTheFlagTurnsTlsOffAgainstOtherSettings) {
  Machine machine;
  machine.files["/ca"] = "PEM";
  machine.files[kConfig] = "ca: /ca\n";
  machine.variables["HOLYSHEEP_TLS"] = "false";
  EXPECT_THAT(machine.Problem(), HasSubstr("tls is off"));
}

TEST(SettingsTest, ABadSecretIsRefusedWithoutBeingShown) {
  Machine machine;
  machine.variables["HOLYSHEEP_UPSTREAM_KEY"] =
      "hs-0123456789 abcdef0123456789";
  EXPECT_THAT(machine.Problem(), HasSubstr("upstream_key must be visible"));
  EXPECT_THAT(machine.Problem(), Not(HasSubstr("abcdef")));
  machine.variables["HOLYSHEEP_UPSTREAM_KEY"] = "tooshort";
  EXPECT_THAT(machine.Problem(), HasSubstr("only 8 characters"));
  EXPECT_THAT(machine.Problem(), Not(HasSubstr("tooshort")));
  machine.variables["HOLYSHEEP_UPSTREAM_KEY"] = kKey;
  EXPECT_EQ(machine.Load()->upstream_key, kKey);
}

TEST(SettingsTest, AnUnknownOrRepeatedNameIsRefusedWithItsLine) {
  Machine machine;
  machine.files[kConfig] = "address: a:1\nadress: b:1\n";
  EXPECT_EQ(machine.Problem(),
            std::string(kConfig) + ":2: unknown setting `adress`");
  machine.files[kConfig] = "tls: true\ntls: false\n";
  EXPECT_THAT(machine.Problem(), HasSubstr(":2: tls is given twice"));
  machine.files[kConfig] = "address: [a, b]\n";
  EXPECT_THAT(machine.Problem(), HasSubstr(":1: address must be a single"));
  machine.files[kConfig] = "- a\n";
  EXPECT_THAT(machine.Problem(), HasSubstr("name: value"));
  machine.files[kConfig] = "a: 'b\n";
  EXPECT_THAT(machine.Problem(), HasSubstr(kConfig));
}

TEST(SettingsTest, WhatCouldMakeTheTreeLargeIsRefusedWithItsLine) {
  Machine machine;
  const auto problem_of = [&machine](const std::string& yaml) {
    machine.files[kConfig] = yaml;
    return machine.Problem();
  };
  const std::string file = kConfig;
  EXPECT_EQ(problem_of("tls: true\naddress: " + std::string(40, '[') +
                       std::string(40, ']')),
            file + ":2: nested more than 16 levels deep");
  EXPECT_EQ(problem_of("token: &a x\naddress: *a\n"),
            file + ":2: YAML aliases are not supported");
  EXPECT_EQ(problem_of("tls: !!bool true\n"),
            file + ":1: YAML tags are not supported");
}

TEST(SettingsTest, TheUpstreamKeyItselfIsNotKeptInTheConfiguration) {
  Machine machine;
  machine.files[kConfig] = std::string("upstream_key: ") + kKey;
  EXPECT_THAT(machine.Problem(), HasSubstr("unknown setting `upstream_key`"));
}

TEST(SettingsTest, TheHistoryIsInTheFolderForState) {
  std::map<std::string, std::string> variables = {{"HOME", "/sheep"}};
  const Environment environment = [&variables](const std::string& name) {
    return variables[name];
  };
  EXPECT_EQ(HistoryPath(environment), "/sheep/.local/state/holysheep/history");
  variables["XDG_STATE_HOME"] = "relative";
  EXPECT_EQ(HistoryPath(environment), "/sheep/.local/state/holysheep/history");
  variables["XDG_STATE_HOME"] = "/xdg";
  EXPECT_EQ(HistoryPath(environment), "/xdg/holysheep/history");
  variables["HOLYSHEEP_HISTORY"] = "off";
  EXPECT_EQ(HistoryPath(environment), "");
  EXPECT_EQ(HistoryPath([](const std::string&) { return ""; }), "");
}

TEST(SettingsTest, AnEmptyFileSaysNothing) {
  Machine machine;
  machine.files[kConfig] = "# nothing yet\n";
  EXPECT_TRUE(machine.Load().ok());
}

}  // namespace
}  // namespace holysheep::cli
