#include "chat/cache_key.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr KeyScope kScope = {"team", "32 bytes of the upstream key's..",
                             "https://api.holysheep.ai/v1"};

CacheKey KeyOf(const pb::InvokeRequest& request) {
  return MakeCacheKey(request, kScope);
}

pb::InvokeRequest Parse(const std::string& text) {
  pb::InvokeRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
  return request;
}

std::string DigestOf(const std::string& text) {
  return KeyOf(Parse(text)).digest;
}

// A way from the request to one of its fields, through messages.
using Path = std::vector<const FieldDescriptor*>;

std::string NameOf(const Path& path) {
  std::string name;
  for (const FieldDescriptor* field : path) {
    name += (name.empty() ? "" : ".") + field->name();
  }
  return name;
}

void CollectLeaves(const google::protobuf::Descriptor& type, const Path& prefix,
                   std::vector<Path>& leaves) {
  for (int i = 0; i < type.field_count(); ++i) {
    Path path = prefix;
    path.push_back(type.field(i));
    if (const auto* inner = type.field(i)->message_type()) {
      CollectLeaves(*inner, path, leaves);
    } else {
      leaves.push_back(path);
    }
  }
}

Message& Enter(Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.is_repeated() ? *reflection.AddMessage(&message, &field)
                             : *reflection.MutableMessage(&message, &field);
}

// What a message holds in a field that is not a message.
void SetLeaf(Message& message, const FieldDescriptor& field) {
  const Reflection& to = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return field.is_repeated() ? to.AddString(&message, &field, "7")
                                 : to.SetString(&message, &field, "7");
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return to.SetDouble(&message, &field, 0.25);
    case FieldDescriptor::CPPTYPE_INT32:
      return to.SetInt32(&message, &field, 7);
    case FieldDescriptor::CPPTYPE_INT64:
      return to.SetInt64(&message, &field, 7);
    case FieldDescriptor::CPPTYPE_BOOL:
      return to.SetBool(&message, &field, true);
    case FieldDescriptor::CPPTYPE_ENUM:
      return to.SetEnumValue(&message, &field, 1);
    default:
      FAIL() << "no value for the type of " << field.full_name();
  }
}

// A request with all that leads to a field, and with the field if `set`.
pb::InvokeRequest RequestWith(const Path& path, bool set) {
  pb::InvokeRequest request;
  Message* message = &request;
  for (size_t i = 0; i + 1 < path.size(); ++i) {
    message = &Enter(*message, *path[i]);
  }
  if (set) SetLeaf(*message, *path.back());
  return request;
}

// The contract's list. Whoever adds a field to the request finds it in the
// key, or decides here that it does not change the answer.
bool IsLeftOut(const std::string& name) {
  static const std::set<std::string> kNames = {
      "user", "request_id", "max_attempts", "fallback_models", "tags"};
  return kNames.count(name) > 0 || name.rfind("caller.", 0) == 0 ||
         name.rfind("timeouts.", 0) == 0 ||
         (name.rfind("cache.", 0) == 0 && name != "cache.namespace");
}

TEST(CacheKeyTest, EveryFieldIsInTheKeyUnlessTheContractLeavesItOut) {
  std::vector<Path> leaves;
  CollectLeaves(*pb::InvokeRequest::descriptor(), {}, leaves);
  ASSERT_GT(leaves.size(), 60u);

  for (const Path& path : leaves) {
    const CacheKey without = KeyOf(RequestWith(path, false));
    const CacheKey with = KeyOf(RequestWith(path, true));
    EXPECT_EQ(without.digest == with.digest, IsLeftOut(NameOf(path)))
        << NameOf(path);
    EXPECT_EQ(*without.material == *with.material, IsLeftOut(NameOf(path)))
        << NameOf(path);
  }
}

TEST(CacheKeyTest, TheDigestIsTheSha256OfTheMaterial) {
  const CacheKey key = KeyOf(Parse("query: 'Hallo' model: 'gpt-4.1'"));
  EXPECT_EQ(key.digest.size(), 32u);
  EXPECT_EQ(key.digest, Sha256(*key.material));
}

TEST(CacheKeyTest, NoTwoDifferentRequestsShareAKey) {
  // Each differs from its neighbours in one thing that may change the answer.
  const std::vector<std::string> requests = {
      "query: 'a'",
      "query: 'a '",
      "query: ' a'",
      "query: 'A'",
      "query: 'a' model: 'm'",
      "query: 'a' temperature: 0",
      "query: 'a' temperature: 0.7",
      "query: 'a' top_p: 0.7",
      "query: 'a' seed: 0",
      "query: 'a' stop: 'x' stop: 'y'",
      "query: 'a' stop: 'y' stop: 'x'",
      "query: 'a' stop: 'xy'",
      "query: 'a' parallel_tool_calls: false",
      "query: 'a' parallel_tool_calls: true",
      "query: 'a' system_prompt: 'b'",
      "query: 'ab'",
      "messages {role: USER parts {text: 'a'}}",
      "messages {role: USER parts {text: 'a'} parts {text: 'b'}}",
      "messages {role: USER parts {text: 'b'} parts {text: 'a'}}",
      "messages {role: USER parts {text: 'ab'}}",
      "messages {role: USER parts {text: 'a'}} messages {role: USER parts "
      "{text: 'b'}}",
      "messages {role: DEVELOPER parts {text: 'a'}}"};
  std::set<std::string> digests;
  for (const std::string& request : requests) {
    EXPECT_TRUE(digests.insert(DigestOf(request)).second) << request;
  }
}

TEST(CacheKeyTest, TopPAloneIsApart) {
  KeyScope scope = kScope;
  scope.top_p_alone = true;
  EXPECT_NE(MakeCacheKey(Parse("query: 'a'"), scope).digest,
            DigestOf("query: 'a'"));
}

TEST(CacheKeyTest, PromptBytesAreUntouched) {
  // The same text to a reader, composed and decomposed.
  EXPECT_NE(DigestOf("query: '\\303\\244'"), DigestOf("query: 'a\\314\\210'"));
  // JSON in a prompt is text.
  EXPECT_NE(DigestOf("query: '{\"a\":1,\"b\":2}'"),
            DigestOf("query: '{\"b\":2,\"a\":1}'"));
}

TEST(CacheKeyTest, MembersOfJsonFieldsHaveNoOrder) {
  const std::vector<std::string> fields = {
      "extra_params_json: '%'",
      "tools {name: 't' parameters_json: '%'}",
      "response_format {schema_json: '%'}",
      "messages {role: ASSISTANT tool_calls {arguments_json: '%'}}",
      "messages {role: ASSISTANT opaque_json: '%'}",
      "messages {role: USER parts {text: 'a' cache_control_json: '%'}}"};
  const auto digest = [](std::string field, const std::string& json) {
    return DigestOf(field.replace(field.find('%'), 1, json));
  };
  for (const std::string& field : fields) {
    const std::string one = digest(field, R"({"a":1,"b":{"c":[1,2],"d":3}})");
    EXPECT_EQ(one, digest(field, R"( {"b" : {"d":3,"c":[1,2]}, "a":1})"))
        << field;
    EXPECT_NE(one, digest(field, R"({"a":1,"b":{"c":[2,1],"d":3}})")) << field;
    EXPECT_NE(one, digest(field, R"({"a":1,"b":{"c":[1,2],"d":4}})")) << field;
  }
}

TEST(CacheKeyTest, WhatIsNoJsonCountsByteByByte) {
  const std::string call =
      "messages {role: ASSISTANT tool_calls {arguments_json: '";
  EXPECT_NE(DigestOf(call + "{\"a\":'}}"), DigestOf(call + "{ \"a\":'}}"));
}

TEST(CacheKeyTest, UnknownFieldsCount) {
  pb::InvokeRequest request = Parse("query: 'a'");
  const std::string plain = KeyOf(request).digest;
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(9999, 1);
  const std::string one = KeyOf(request).digest;
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(9999, 2);
  const std::string two = KeyOf(request).digest;
  EXPECT_NE(plain, one);
  EXPECT_NE(one, two);

  request = Parse("messages {role: USER}");
  const std::string message = KeyOf(request).digest;
  pb::Message& first = *request.mutable_messages(0);
  first.GetReflection()->MutableUnknownFields(&first)->AddVarint(9999, 1);
  EXPECT_NE(KeyOf(request).digest, message);
}

TEST(CacheKeyTest, EachPartOfTheScopeSeparates) {
  const pb::InvokeRequest request = Parse("query: 'a'");
  std::set<std::string> digests = {KeyOf(request).digest};
  for (absl::string_view KeyScope::*part :
       {&KeyScope::caller_scope, &KeyScope::upstream_key_sha256,
        &KeyScope::base_url}) {
    KeyScope scope = kScope;
    scope.*part = "other";
    EXPECT_TRUE(digests.insert(MakeCacheKey(request, scope).digest).second);
    scope.*part = "";
    EXPECT_TRUE(digests.insert(MakeCacheKey(request, scope).digest).second);
  }
}

TEST(CacheKeyTest, NoPartCanPassForAnother) {
  const auto material = [](absl::string_view scope, absl::string_view url,
                           const std::string& cache_namespace,
                           const std::string& query) {
    pb::InvokeRequest request;
    request.set_query(query);
    request.mutable_cache()->set_namespace_(cache_namespace);
    return *MakeCacheKey(request, {scope, "key", url}).material;
  };
  const std::set<std::string> materials = {
      material("ab", "c", "d", "e"), material("a", "bc", "d", "e"),
      material("", "abc", "d", "e"), material("abc", "", "d", "e"),
      material("ab", "c", "de", ""), material("ab", "c", "", "de"),
      material("ab1:c", "", "d", "e"), material("", "2:abc", "d", "e"),
      // A namespace that ends like the material of a request begins.
      material("ab", "c", "d3:\n\1e", ""), material("ab", "c", "d", "3:\n\1e")};
  EXPECT_EQ(materials.size(), 10u);
}

}  // namespace
}  // namespace holysheep
