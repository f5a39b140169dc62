#include "cli/commands/workflow_file.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;

TEST(WorkflowFileTest, YamlSetsAllFields) {
  const auto workflow = WorkflowFromYaml(
      "query: sheep\nstop_on_error: true\nsteps:\n"
      "- name: one\n"
      "- name: two\n  prompt: |\n    {{query}}\n    {{steps.one.output}}\n"
      "  model: gpt-4.1\n  temperature: 0\n  max_tokens: 7\n",
      "w.yaml");
  ASSERT_TRUE(workflow.ok()) << workflow.status();
  EXPECT_EQ(workflow->query(), "sheep");
  EXPECT_TRUE(workflow->stop_on_error());
  ASSERT_EQ(workflow->steps_size(), 2);
  EXPECT_FALSE(workflow->steps(0).has_temperature());
  EXPECT_EQ(workflow->steps(1).prompt(), "{{query}}\n{{steps.one.output}}\n");
  EXPECT_EQ(workflow->steps(1).model(), "gpt-4.1");
  EXPECT_TRUE(workflow->steps(1).has_temperature());
  EXPECT_EQ(workflow->steps(1).max_tokens(), 7);
}

TEST(WorkflowFileTest, JsonIsUnderstoodToo) {
  const auto workflow = WorkflowFromYaml(
      "{\"query\": \"a\\n\\u00e4\", \"steps\": [{\"temperature\": 0.5}]}",
      "w.json");
  ASSERT_TRUE(workflow.ok()) << workflow.status();
  EXPECT_EQ(workflow->query(), "a\n\u00e4");
  EXPECT_EQ(workflow->steps(0).temperature(), 0.5);
}

TEST(WorkflowFileTest, WhatIsWrongIsToldWithItsLine) {
  const struct {
    std::string yaml;
    std::string problem;
  } cases[] = {
      {"", "w.yaml:1: "},
      {"- a\n", "w.yaml:1: "},
      {"query: a\nstep: []\n", "w.yaml:2: unknown `step`"},
      {"query: a\nquery: b\n", "w.yaml:2: query is given twice"},
      {"query: [a]\n", "w.yaml:1: query must be a text"},
      {"steps:\n- prompt: {{query}}\n",
       "w.yaml:2: a key must be a plain word; put a text that begins with { "
       "in quotes"},
      {"steps:\n- prompt: {a: b}\n",
       "w.yaml:2: prompt must be a text; put what begins with { in quotes"},
      {"steps: a\n", "w.yaml:1: steps must be a list"},
      {"steps:\n- a\n", "w.yaml:2: a step must be"},
      {"steps:\n- name: a\n  promt: b\n", "w.yaml:3: unknown `promt`"},
      {"steps:\n- max_tokens: 1.5\n", "w.yaml:2: max_tokens must be"},
      {"steps:\n- temperature: hot\n", "w.yaml:2: temperature must be"},
      {"stop_on_error: maybe\n", "w.yaml:1: stop_on_error must be"},
      {"query: {a\n", "w.yaml:"},
      {"query: \xFF\n", "w.yaml is not UTF-8"},
  };
  for (const auto& [yaml, problem] : cases) {
    EXPECT_THAT(
        std::string(WorkflowFromYaml(yaml, "w.yaml").status().message()),
        HasSubstr(problem))
        << yaml;
  }
}

TEST(WorkflowFileTest, WhatCouldMakeTheTreeLargeIsRefusedWithItsLine) {
  const struct {
    std::string yaml;
    std::string problem;
  } cases[] = {
      {"query: a\nsteps: " + std::string(40, '[') + std::string(40, ']'),
       "w.yaml:2: nested more"},
      {"query: &a a\nsteps:\n- name: *a\n", "w.yaml:3: YAML aliases"},
      {"query: !!str a\n", "w.yaml:1: YAML tags"},
      {"query: a\n---\nquery: b\n", "w.yaml:2: only one YAML document"},
      {"query: a\nsteps: \x01\n", "w.yaml:2: has a control character"},
  };
  for (const auto& [yaml, problem] : cases) {
    EXPECT_THAT(
        std::string(WorkflowFromYaml(yaml, "w.yaml").status().message()),
        HasSubstr(problem))
        << yaml;
  }
}

}  // namespace
}  // namespace holysheep::cli
