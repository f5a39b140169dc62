#include "upstream/json_schema.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using testing::HasSubstr;

absl::Status Check(absl::string_view schema, absl::string_view json) {
  auto compiled = JsonSchema::Compile(schema);
  EXPECT_TRUE(compiled.ok()) << schema << compiled.status();
  return compiled.ok() ? (*compiled)->Check(json) : compiled.status();
}

struct Case {
  std::string schema;
  std::string good;
  std::string bad;
};

TEST(JsonSchemaTest, EveryKnownKeywordIsChecked) {
  const Case cases[] = {
      {R"({"type":"string"})", R"("a")", "1"},
      {R"({"type":"integer"})", "1", "1.5"},
      {R"({"type":"integer"})", "1.0", "\"1\""},
      {R"({"type":"number"})", "-1e3", "true"},
      {R"({"type":"boolean"})", "false", "0"},
      {R"({"type":"null"})", "null", "{}"},
      {R"({"type":["string","null"]})", "null", "3"},
      {R"({"enum":["a",1,null]})", "null", "\"b\""},
      {R"({"enum":[1]})", "1.0", "2"},
      {R"({"const":{"a":[1]}})", R"({"a":[1]})", R"({"a":[2]})"},
      {R"({"const":null})", "null", "0"},
      {R"({"required":["a"]})", R"({"a":null})", R"({"b":1})"},
      {R"({"properties":{"a":{"type":"null"}}})", R"({"b":1})", R"({"a":1})"},
      {R"({"properties":{"a":true},"additionalProperties":false})",
       R"({"a":1})", R"({"b":1})"},
      {R"({"additionalProperties":{"type":"null"}})", R"({"a":null})",
       R"({"a":1})"},
      {R"({"minProperties":1,"maxProperties":1})", R"({"a":1})", "{}"},
      {R"({"items":{"type":"null"}})", "[null]", "[null,1]"},
      {R"({"prefixItems":[{"type":"null"}],"items":false})", "[null]",
       "[null,null]"},
      {R"({"items":[{"type":"null"}],"additionalItems":false})", "[null]",
       "[null,null]"},
      {R"({"minItems":1})", "[1]", "[]"},
      {R"({"maxItems":1})", "[1]", "[1,1]"},
      {R"({"minLength":2})", "\"\xc3\xa9\xc3\xa9\"", "\"\xc3\xa9\""},
      {R"({"maxLength":1})", "\"\xc3\xa9\"", "\"ab\""},
      {R"({"minimum":1})", "1", "0.5"},
      {R"({"maximum":1})", "1", "1.5"},
      {R"({"exclusiveMinimum":1})", "1.5", "1"},
      {R"({"exclusiveMaximum":1})", "0.5", "1"},
      {R"({"minimum":1,"exclusiveMinimum":true})", "2", "1"},
      {R"({"maximum":1,"exclusiveMaximum":true})", "0", "1"},
      {R"({"allOf":[{"minimum":1},{"maximum":2}]})", "2", "3"},
      {R"({"anyOf":[{"type":"null"},{"minimum":2}]})", "2", "1"},
      {R"({"oneOf":[{"minimum":1},{"minimum":2}]})", "1", "2"},
      {R"({"not":{"type":"null"}})", "1", "null"},
      {R"({"not":true})", "", "1"},
      {R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}})", "null", "1"},
      {R"({"$ref":"#/definitions/a%20b","definitions":{"a b":false}})", "",
       "1"},
      {R"({"properties":{"next":{"$ref":"#"}},"required":["v"]})",
       R"({"v":1,"next":{"v":2}})", R"({"v":1,"next":{}})"},
      {R"({"type":"object"})", R"({"a":1})", "not json"},
  };
  for (const Case& c : cases) {
    if (!c.good.empty()) {
      EXPECT_TRUE(Check(c.schema, c.good).ok()) << c.schema << c.good;
    }
    const absl::Status bad = Check(c.schema, c.bad);
    EXPECT_FALSE(bad.ok()) << c.schema << c.bad;
    EXPECT_EQ(ReasonOf(bad), Reason::kInvalidArgument);
  }
}

TEST(JsonSchemaTest, AKeywordHoldsOnlyForItsKindOfValue) {
  EXPECT_TRUE(Check(R"({"minimum":5,"minLength":5,"minItems":5,
                        "required":["a"]})",
                    "null")
                  .ok());
}

TEST(JsonSchemaTest, WhatIsNotKnownIsNotChecked) {
  EXPECT_TRUE(Check(R"({"format":"email","pattern":"(a+)+$","x-y":[1]})",
                    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"")
                  .ok());
}

TEST(JsonSchemaTest, AKeywordOfTheWrongTypeIsNotChecked) {
  for (const char* schema :
       {R"({"type":5})", R"({"required":"a"})", R"({"properties":[1]})",
        R"({"items":5})", R"({"enum":1})", R"({"anyOf":{}})", R"({"not":5})",
        R"({"minLength":-1})", R"({"$ref":5})",
        R"({"patternProperties":5,"additionalProperties":false})"}) {
    // No promise but to survive it.
    (void)Check(schema, R"({"a":[1,"x"]})");
    (void)Check(schema, R"([1,"x"])");
  }
}

TEST(JsonSchemaTest, TheComplaintNamesThePlace) {
  const absl::Status status =
      Check(R"({"properties":{"a":{"items":{"type":"string"}}}})",
            R"({"a":["x",1]})");
  EXPECT_EQ(status.message(), "/a/1: must be of type string");
  EXPECT_EQ(Check(R"({"required":["a"]})", "{}").message(),
            "the whole: lacks the member `a`");
}

TEST(JsonSchemaTest, ASchemaThatCannotBeUsedIsRefused) {
  for (const char* schema :
       {"", "[]", "true", "{", R"({"$ref":"http://x/y#/a"})",
        R"({"$ref":"other.json"})", R"({"$ref":"#/nowhere"})",
        R"({"properties":{"a":{"anyOf":[{"$ref":"#x"}]}}})"}) {
    EXPECT_EQ(ReasonOf(JsonSchema::Compile(schema).status()),
              Reason::kInvalidArgument)
        << schema;
  }
}

TEST(JsonSchemaTest, ASchemaThatRefersToItselfEndlesslyMatchesNothing) {
  EXPECT_THAT(std::string(Check(R"({"$ref":"#"})", "1").message()),
              HasSubstr("too long"));
  EXPECT_FALSE(Check(R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})", "1").ok());
  EXPECT_FALSE(Check(R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})", "1").ok());
}

TEST(JsonSchemaTest, DeepTextsAreRefused) {
  EXPECT_FALSE(
      Check("{}", std::string(1000, '[') + std::string(1000, ']')).ok());
}

}  // namespace
}  // namespace holysheep
