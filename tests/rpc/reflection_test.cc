#include "rpc/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;
using testing::ElementsAre;

// Two files, the second of which imports the first and extends its message.
class ReflectionTest : public testing::Test {
 protected:
  ReflectionTest() {
    Add(R"(name: "base.proto" package: "p" syntax: "proto2"
           message_type { name: "Base" extension_range { start: 100 end: 200 } })");
    Add(R"(name: "more.proto" package: "p" syntax: "proto2"
           dependency: "base.proto"
           extension { name: "x" extendee: ".p.Base" number: 150
                       type: TYPE_INT32 label: LABEL_OPTIONAL }
           service { name: "S" method { name: "M" input_type: ".p.Base"
                                        output_type: ".p.Base" } })");
  }

  void Add(const std::string& text) {
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &file));
    ASSERT_NE(pool_.BuildFile(file), nullptr);
  }

  ServerReflectionResponse Ask(const std::string& text) {
    ServerReflectionRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
    auto response = Reflect(pool_, {"p.S", "p.T"}, request);
    EXPECT_EQ(response.original_request().SerializeAsString(),
              request.SerializeAsString());
    return response;
  }

  // The names of the files in the answer.
  std::vector<std::string> Files(const std::string& text) {
    std::vector<std::string> names;
    const auto response = Ask(text);
    for (const std::string& bytes :
         response.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      names.push_back(file.name());
    }
    return names;
  }

  google::protobuf::DescriptorPool pool_;
};

TEST_F(ReflectionTest, TheServicesAreListed) {
  const auto response = Ask("host: 'h' list_services: '*'");
  EXPECT_EQ(response.valid_host(), "h");
  ASSERT_EQ(response.list_services_response().service_size(), 2);
  EXPECT_EQ(response.list_services_response().service(0).name(), "p.S");
  EXPECT_EQ(response.list_services_response().service(1).name(), "p.T");
}

TEST_F(ReflectionTest, AFileComesWithWhatItImports) {
  EXPECT_THAT(Files("file_by_filename: 'base.proto'"),
              ElementsAre("base.proto"));
  EXPECT_THAT(Files("file_by_filename: 'more.proto'"),
              ElementsAre("more.proto", "base.proto"));
  for (const char* symbol : {"p.S", "p.S.M", "p.x"}) {
    EXPECT_THAT(Files("file_containing_symbol: '" + std::string(symbol) + "'"),
                ElementsAre("more.proto", "base.proto"));
  }
  EXPECT_THAT(Files("file_containing_symbol: 'p.Base'"),
              ElementsAre("base.proto"));
}

TEST_F(ReflectionTest, ExtensionsAreFound) {
  EXPECT_THAT(Files("file_containing_extension { containing_type: 'p.Base' "
                    "extension_number: 150 }"),
              ElementsAre("more.proto", "base.proto"));
  const auto response = Ask("all_extension_numbers_of_type: 'p.Base'");
  const auto& numbers = response.all_extension_numbers_response();
  EXPECT_EQ(numbers.base_type_name(), "p.Base");
  EXPECT_THAT(numbers.extension_number(), ElementsAre(150));
}

TEST_F(ReflectionTest, WhatIsNotThereIsAnErrorOfTheAnswer) {
  for (const char* request :
       {"file_by_filename: 'none.proto'", "file_containing_symbol: 'p.None'",
        "file_containing_symbol: ''", "all_extension_numbers_of_type: 'p.None'",
        "file_containing_extension { containing_type: 'p.Base' "
        "extension_number: 151 }",
        "file_containing_extension { containing_type: 'p.None' }"}) {
    EXPECT_EQ(Ask(request).error_response().error_code(), 5) << request;
  }
  EXPECT_EQ(Ask("").error_response().error_code(), 12);
}

}  // namespace
}  // namespace holysheep
