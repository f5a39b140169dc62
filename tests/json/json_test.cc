#include "json/json.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using testing::HasSubstr;

struct Case {
  std::string text;
  std::string canonical;
};

TEST(JsonTest, TheCanonicalFormSortsMembersAndDropsBlanks) {
  const Case cases[] = {
      {R"( {"b" : 1, "a":[ true , null,{"z":{}, "y":[]} ] } )",
       R"({"a":[true,null,{"y":[],"z":{}}],"b":1})"},
      {R"("\u0061\/\n\u00e9")", "\"a/\\n\xc3\xa9\""},
      {R"({"é":1,"z":2})", R"({"z":2,"é":1})"},
      {R"("\ud7ff\uE000")", "\"\xed\x9f\xbf\xee\x80\x80\""},
      {"[]", "[]"},
      {"-0", "-0"},
      {R"("a\u0000b")", R"("a\u0000b")"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(CanonicalJson(c.text).value(), c.canonical) << c.text;
  }
}

TEST(JsonTest, NumbersKeepEveryDigit) {
  for (const char* number :
       {"1", "1.0", "-1.50e+10", "1E-7", "0.1", "12345678901234567890123456789",
        "9007199254740993", "-9223372036854775809", "3.14159265358979323846264",
        "1e-400"}) {
    EXPECT_EQ(CanonicalJson(number).value(), number);
  }
}

TEST(JsonTest, ACanonicalTextIsItsOwnCanonicalForm) {
  const std::string once =
      CanonicalJson(R"({"x":"\ud83d\ude00","a":[1e5,{"k":"\\\""}]})").value();
  EXPECT_EQ(CanonicalJson(once).value(), once);
}

TEST(JsonTest, WhatIsNotJsonIsRefusedWithThePlace) {
  const Case cases[] = {
      {R"({"a":1,})", "byte 7"},
      {"", "byte 0"},
      {"[1 2]", "byte 3"},
      {"nul", "byte"},
      {"{} x", "byte 3"},
      {"1e999", "byte"},
      {"\"\xff\"", "byte"},
      {R"("\ud800")", "byte"},
      {R"(["a\uDC00"])", "byte 10: Half a surrogate pair"},
      {R"({"\udfffb":1})", "byte 10: Half a surrogate pair"},
      {R"({"a":1,"b":{"c":1,"c":2}})", "twice"},
      {R"({"a":1,"\u0061":2})", "twice"},
      {std::string("{}\0{", 4), "NUL"},
  };
  for (const Case& c : cases) {
    const auto result = CanonicalJson(c.text);
    ASSERT_FALSE(result.ok()) << c.text;
    EXPECT_EQ(ReasonOf(result.status()), Reason::kInvalidArgument);
    EXPECT_THAT(std::string(result.status().message()), HasSubstr(c.canonical));
  }
}

TEST(JsonTest, NestingIsBounded) {
  const auto nested = [](int depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(CanonicalJson(nested(kMaxJsonDepth)).ok());
  EXPECT_FALSE(CanonicalJson(nested(kMaxJsonDepth + 1)).ok());
  EXPECT_FALSE(CanonicalJson(std::string(1'000'000, '[')).ok());
}

TEST(JsonTest, ValuesAreBounded) {
  const auto zeros = [](int count) {
    std::string text = "[0";
    for (int i = 1; i < count; ++i) text += ",0";
    return text + "]";
  };
  EXPECT_TRUE(CanonicalJson(zeros(kMaxJsonValues)).ok());
  EXPECT_THAT(
      std::string(CanonicalJson(zeros(kMaxJsonValues + 1)).status().message()),
      HasSubstr("Too many values"));
}

TEST(JsonTest, OnlyAnObjectIsAnObject) {
  EXPECT_TRUE(CheckJsonObject(" {\"a\":[1]}\n").ok());
  for (const char* text : {"", "[]", "1", "null", "\"{}\"", "{", "{}{}"}) {
    EXPECT_FALSE(CheckJsonObject(text).ok()) << text;
  }
}

std::string Shown(const std::vector<JsonMember>& members) {
  std::string seen;
  for (const JsonMember& member : members) {
    absl::StrAppend(&seen, member.name, "=", member.value, ";");
  }
  return seen;
}

TEST(JsonTest, TheMembersOfAnObjectComeAsWritten) {
  const std::string text =
      "{\"z\" : 1.50 ,\"a:b\":\t{\"x\": [1, 2]}, \"\\u0061\" :\"s\\n\" ,"
      "\"\\\\\":[\"]\\\"\",{\"\\\\\":\"}\"}], \"n\":null}";
  const auto members = JsonMembers(text);
  ASSERT_TRUE(members.ok());
  EXPECT_EQ(Shown(*members),
            "z=1.50;a:b={\"x\": [1, 2]};a=\"s\\n\";"
            "\\=[\"]\\\"\",{\"\\\\\":\"}\"}];n=null;");
  EXPECT_EQ(Shown(MembersOfChecked(text)), Shown(*members));
  EXPECT_TRUE(JsonMembers("{}").value().empty());
  EXPECT_TRUE(MembersOfChecked(" { } ").empty());
  EXPECT_FALSE(JsonMembers("[1]").ok());
}

}  // namespace
}  // namespace holysheep
