#include "json/json_schema.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
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
  EXPECT_EQ(
      Check(R"({"properties":{"a/b~c":false}})", R"({"a/b~c":1})").message(),
      "/a~1b~0c: must not be present");
  EXPECT_EQ(Check(R"({"required":["a"]})", "{}").message(),
            "the whole: lacks the member `a`");
}

TEST(JsonSchemaTest, TheComplaintIsShortWhateverTheNames) {
  const std::string name(100'000, 'n');
  const absl::Status absent =
      Check(absl::StrCat(R"({"required":[")", name, R"("]})"), "{}");
  EXPECT_LT(absent.message().size(), 300);
  const absl::Status wrong = Check(R"({"additionalProperties":false})",
                                   absl::StrCat(R"({")", name, R"(":1})"));
  EXPECT_LT(wrong.message().size(), 300);
  EXPECT_THAT(std::string(wrong.message()), HasSubstr("...: must not be"));
  const auto lost =
      JsonSchema::Compile(absl::StrCat(R"({"$ref":"#/)", name, R"("})"));
  EXPECT_LT(lost.status().message().size(), 300);
}

TEST(JsonSchemaTest, ASchemaThatCannotBeUsedIsRefused) {
  for (const char* schema :
       {"", "[]", "true", "{", R"({"$ref":"http://x/y#/a"})",
        R"({"$ref":"other.json"})", R"({"$ref":"urn:x:y"})", R"({"$ref":""})",
        R"({"$ref":"#/nowhere"})", R"({"$ref":"#/$ref/x"})",
        R"({"a":[1],"$ref":"#/a/1"})", R"({"a":[1],"$ref":"#/a/-1"})",
        R"({"a":[1],"$ref":"#/a/99999999999999999999"})",
        R"({"a":1,"$ref":"#/%"})", R"({"a":1,"$ref":"#/~2"})",
        R"({"properties":{"a":{"anyOf":[{"$ref":"#x"}]}}})"}) {
    EXPECT_EQ(ReasonOf(JsonSchema::Compile(schema).status()),
              Reason::kInvalidArgument)
        << schema;
  }
}

TEST(JsonSchemaTest, ASchemaThatIsTooLargeIsRefused) {
  const std::string text(256 * 1024, 'x');
  EXPECT_FALSE(
      JsonSchema::Compile(absl::StrCat(R"({"a":")", text, "\"}")).ok());
  const std::string slashes(250'000, '/');
  EXPECT_FALSE(
      JsonSchema::Compile(absl::StrCat(R"({"$ref":"#)", slashes, "\"}")).ok());
  std::string refs;
  for (int i = 0; i <= 1000; ++i) {
    absl::StrAppend(&refs, R"({"$ref":"#/a/)", i, "\"},");
  }
  EXPECT_FALSE(
      JsonSchema::Compile(absl::StrCat(R"({"a":[)", refs, "1]}")).ok());
}

TEST(JsonSchemaTest, WhatARefPointsToNeedNotBeASchema) {
  EXPECT_TRUE(Check(R"({"a":5,"$ref":"#/a"})", "1").ok());
  EXPECT_TRUE(Check(R"({"a":[1],"$ref":"#/a"})", "[2]").ok());
  EXPECT_TRUE(Check(R"({"a":null,"$ref":"#/a"})", "{}").ok());
}

TEST(JsonSchemaTest, ASchemaThatRefersToItselfEndlesslyMatchesNothing) {
  for (const char* schema :
       {R"({"$ref":"#"})", R"({"not":{"$ref":"#"}})",
        R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})",
        R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})",
        R"({"oneOf":[{"$ref":"#"},true]})",
        R"({"$ref":"#/a","a":{"$ref":"#/b"},"b":{"$ref":"#/a"}})"}) {
    EXPECT_THAT(std::string(Check(schema, "1").message()),
                HasSubstr("too long"))
        << schema;
  }
}

// `count` times `part`, with commas.
std::string List(const std::string& part, int count) {
  return absl::StrJoin(std::vector<std::string>(count, part), ",");
}

// A chain of references that multiplies what `last` costs by a billion.
std::string Multiplied(const std::string& last) {
  const std::string thousand = List(R"({"$ref":"#/b"})", 1000);
  const std::string million = List(R"({"$ref":"#/c"})", 1000);
  const std::string billion = List(R"({"$ref":"#/d"})", 1000);
  return absl::StrCat(R"({"allOf":[)", thousand, R"(],"b":{"allOf":[)", million,
                      R"(]},"c":{"allOf":[)", billion, R"(]},"d":)", last, "}");
}

// Each would take hours.
TEST(JsonSchemaTest, AnEndlessCheckEnds) {
  const std::string text = absl::StrCat("\"", std::string(1 << 20, 'x'), "\"");
  std::string names;
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&names, "\"n", i, "\":1,");
  const std::string object = absl::StrCat("{", names, "\"m\":1}");
  const std::string unknown = absl::StrCat("{", names, "\"type\":\"string\"}");
  const std::string array = absl::StrCat("[", List("1", 100'000), "]");
  const Case cases[] = {
      {Multiplied("{}"), "1", ""},
      {Multiplied("true"), "1", ""},
      {Multiplied(unknown), "\"\"", ""},
      {Multiplied(R"({"minLength":1})"), text, ""},
      {Multiplied(R"({"items":true})"), array, ""},
      {Multiplied(R"({"required":["m"]})"), object, ""},
      {Multiplied(absl::StrCat(R"({"properties":)", object, "}")), object, ""},
      {Multiplied(absl::StrCat(R"({"const":)", object, "}")), object, ""},
      {Multiplied(absl::StrCat(R"({"enum":[)", List("2", 10'000), ",1]}")), "1",
       ""},
      {Multiplied(absl::StrCat(R"({"type":[)", List("\"null\"", 10'000),
                               ",\"number\"]}")),
       "1", ""},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(std::string(Check(c.schema, c.good).message()),
                HasSubstr("too long"))
        << c.schema.substr(c.schema.size() - 60);
  }
}

TEST(JsonSchemaTest, AListThatRefersBackIsCheckedToItsEnd) {
  const std::string schema =
      R"({"anyOf":[{"type":"null"},
                   {"properties":{"next":{"$ref":"#"}},"required":["v"]}]})";
  std::string good = "null";
  for (int i = 0; i < 50; ++i) {
    good = absl::StrCat(R"({"v":1,"next":)", good, "}");
  }
  EXPECT_TRUE(Check(schema, good).ok()) << Check(schema, good);
  const std::string bad = absl::StrReplaceAll(good, {{"null", "{}"}});
  EXPECT_FALSE(Check(schema, bad).ok());
}

TEST(JsonSchemaTest, ALargeAnswerIsCheckedToItsEnd) {
  const std::string schema =
      R"({"items":{"type":"object","required":["a"],
                   "properties":{"a":{"type":"integer"}}}})";
  const std::string list = List(R"({"a":1})", 200'000);
  EXPECT_TRUE(Check(schema, absl::StrCat("[", list, "]")).ok());
  EXPECT_EQ(Check(schema, absl::StrCat("[", list, ",{}]")).message(),
            "/200000: lacks the member `a`");
}

TEST(JsonSchemaTest, DeepTextsAreRefused) {
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_FALSE(Check("{}", deep).ok());
  EXPECT_FALSE(JsonSchema::Compile(absl::StrCat(R"({"a":)", deep, "}")).ok());
}

}  // namespace
}  // namespace holysheep
