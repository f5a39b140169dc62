#include "http/native/request_head.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::native {
namespace {

TEST(TargetTest, ReadsWhatARequestNeeds) {
  struct Case {
    const char* url;
    bool tls;
    const char* host;
    int port;
    const char* authority;
    const char* path;
  };
  for (const Case& c : {
           Case{"http://a", false, "a", 80, "a", "/"},
           Case{"HTTPS://A.b:443/x?y=z#f", true, "a.b", 443, "a.b", "/x?y=z"},
           Case{"http://a:8080?q", false, "a", 8080, "a:8080", "/?q"},
           Case{"https://[::1]:8443/v1", true, "::1", 8443, "[::1]:8443",
                "/v1"},
           Case{"http://[::1]", false, "::1", 80, "[::1]", "/"},
       }) {
    const std::optional<Target> target = ParseTarget(c.url);
    ASSERT_TRUE(target.has_value()) << c.url;
    EXPECT_EQ(target->tls, c.tls) << c.url;
    EXPECT_EQ(target->host, c.host);
    EXPECT_EQ(target->port, c.port);
    EXPECT_EQ(target->authority, c.authority);
    EXPECT_EQ(target->path, c.path);
  }
}

TEST(TargetTest, RefusesWhatIsNotAnUrlOfHttp) {
  for (const char* url :
       {"", "a", "file:///etc/passwd", "http://", "http:///x", "http://:80",
        "http://a:0", "http://a:65536", "http://a:x", "http://user@a",
        "http://a/b c", "http://a/\r\nX: y", "http://[::1", "http://::1]",
        "http://a/\xc3\xa4"}) {
    EXPECT_FALSE(ParseTarget(url).has_value()) << url;
  }
}

std::string HeadOf(const HttpRequest& request) {
  std::string head;
  AppendHead(*ParseTarget("http://a:8080/v1"), request, head);
  return head;
}

TEST(RequestHeadTest, SaysWhatTheRequestDoesNot) {
  HttpRequest request;
  request.headers = {{"x-a", "b"}, {"x-empty", ""}};
  request.body = "{}";
  EXPECT_EQ(HeadOf(request),
            "POST /v1 HTTP/1.1\r\nHost: a:8080\r\nUser-Agent: "
            "holysheep-node\r\nAccept: */*\r\nx-a: b\r\nx-empty:\r\n"
            "Content-Length: 2\r\n\r\n");
}

TEST(RequestHeadTest, LeavesToTheRequestWhatItSays) {
  HttpRequest request;
  request.method = "GET";
  request.headers = {{"HOST", "b"}, {"user-agent", "c"}, {"accept", "d"}};
  EXPECT_EQ(
      HeadOf(request),
      "GET /v1 HTTP/1.1\r\nHOST: b\r\nuser-agent: c\r\naccept: d\r\n\r\n");
}

TEST(RequestHeadTest, APostWithoutABodySaysSo) {
  EXPECT_THAT(HeadOf({}), testing::HasSubstr("Content-Length: 0\r\n"));
}

TEST(RequestHeadTest, RefusesWhatWouldNotBeOneRequest) {
  const auto with = [](const std::string& name, const std::string& value) {
    HttpRequest request;
    request.headers = {{name, value}};
    return CheckRequest(request);
  };
  EXPECT_TRUE(with("x", "a b").ok());
  EXPECT_FALSE(with("x", "a\r\nb: c").ok());
  EXPECT_FALSE(with("x", std::string("a\0b", 3)).ok());
  EXPECT_FALSE(with("x y", "a").ok());
  EXPECT_FALSE(with("x:", "a").ok());
  EXPECT_FALSE(with("", "a").ok());
  EXPECT_FALSE(with("Content-Length", "3").ok());
  EXPECT_FALSE(with("transfer-encoding", "chunked").ok());
  HttpRequest method;
  method.method = "GET /x HTTP/1.1\r\n";
  EXPECT_FALSE(CheckRequest(method).ok());
}

}  // namespace
}  // namespace holysheep::native
