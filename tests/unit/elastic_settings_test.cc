#include "client/elastic_settings.h"

#include <gtest/gtest.h>

#include "client/elastic_client.h"

namespace acta {
namespace {

using Given = std::map<std::string, std::string>;

Result<ElasticSettings> read(Given given) {
  given.emplace("hosts", "[localhost]");
  auto settings = make_settings(kElasticOptionTable, given);
  if (!settings) return tl::unexpected(settings.error());
  return elastic_settings(*settings);
}

std::string url(const std::string& host, const Given& more = {}) {
  Given given = more;
  given["hosts"] = "[\"" + host + "\"]";
  auto settings = read(given);
  return settings ? settings->hosts.front().url : settings.error().what;
}

std::string error(const Given& given) {
  auto settings = read(given);
  return settings ? std::string("no error") : settings.error().what;
}

TEST(ElasticSettings, Hosts) {
  EXPECT_EQ(url("localhost"), "http://localhost:9200");
  EXPECT_EQ(url("es1:9201"), "http://es1:9201");
  EXPECT_EQ(url("https://es1"), "https://es1:9200");
  EXPECT_EQ(url("https://es1:443/prefix/"), "https://es1:443/prefix");
  EXPECT_EQ(url("es1", {{"protocol", "https"}, {"path", "/a/b/"}}), "https://es1:9200/a/b");
  EXPECT_EQ(url("http://es1/own", {{"protocol", "https"}, {"path", "other"}}), "http://es1:9200/own");
  EXPECT_EQ(url("es1", {{"path", "a"}}), "http://es1:9200/a");
  EXPECT_EQ(url("[::1]:9300"), "http://[::1]:9300");
  EXPECT_EQ(url("::1"), "http://[::1]:9200");
  for (const char* bad : {"", "ftp://es1", "http://", "es1:port", "es1:0", "es1:70000", "es1/a?b=c", "e s", "[::1"}) {
    EXPECT_EQ(url(bad).substr(0, 6), "hosts:") << bad << ": " << url(bad);
  }
}

TEST(ElasticSettings, APasswordInAnAddressIsRefusedAndNotShown) {
  const std::string what = url("https://elastic:hush@es1:9200");
  EXPECT_NE(what.find("username and password"), std::string::npos) << what;
  EXPECT_EQ(what.find("hush"), std::string::npos) << what;
}

TEST(ElasticSettings, Credentials) {
  const auto headers = [](const Given& given) { return read(given)->headers; };
  using Headers = std::vector<std::string>;
  EXPECT_EQ(headers({}), Headers{});
  EXPECT_EQ(headers({{"username", "me"}, {"password", "a:b€"}}), Headers{"Authorization: Basic bWU6YTpi4oKs"});
  EXPECT_EQ(headers({{"api_key", "id:key"}}), Headers{"Authorization: ApiKey aWQ6a2V5"});
  EXPECT_EQ(headers({{"api_key", "aWQ6a2V5"}}), Headers{"Authorization: ApiKey aWQ6a2V5"});
  EXPECT_EQ(headers({{"bearer_token", "abc"}}), Headers{"Authorization: Bearer abc"});
  EXPECT_EQ(headers({{"headers", "{X-A: b, X-C: ''}"}}), (Headers{"X-A: b", "X-C;"}));
  EXPECT_NE(error({{"username", "me"}}).find("password: is missing"), std::string::npos);
  EXPECT_NE(error({{"password", "hush"}}).find("username: is missing"), std::string::npos);
  EXPECT_NE(error({{"api_key", "a"}, {"bearer_token", "b"}}).find("give one of"), std::string::npos);
  EXPECT_NE(error({{"headers", "{\"X-A\": \"b\\r\\nX-B: c\"}"}}).find("headers:"), std::string::npos);
  EXPECT_NE(error({{"bearer_token", "\"a\\nb\""}}).find("bearer_token:"), std::string::npos);
}

TEST(ElasticSettings, TheRest) {
  EXPECT_EQ(read({{"parameters", "{routing: a b, x: '1'}"}})->parameters, "routing=a%20b&x=1");
  EXPECT_EQ(read({{"proxy_url", "http://me:hush@proxy:3128"}})->http.proxy_url, "http://me:hush@proxy:3128");
  EXPECT_EQ(error({{"proxy_url", "ftp://me:hush@proxy"}}).find("hush"), std::string::npos);
  EXPECT_FALSE(read({{"proxy_url", "proxy:3128"}}));
  EXPECT_FALSE(read({{"ssl.key", "/k"}}));
  EXPECT_EQ(read({{"connect_timeout", "3s"}})->http.connect_timeout, 3 * kSecond);
  EXPECT_FALSE(make_settings(kElasticOptionTable, {})) << "hosts is required";
}

TEST(ElasticSettings, CredentialsInClearTextAreKnown) {
  const auto shows = [](const char* host, const char* key) {
    return shows_credentials(*read({{"hosts", std::string("[\"") + host + "\"]"}, {"api_key", key}}));
  };
  EXPECT_TRUE(shows("http://es1", "id:key"));
  EXPECT_FALSE(shows("http://es1", ""));
  EXPECT_FALSE(shows("https://es1", "id:key"));
  EXPECT_FALSE(shows("http://localhost:9200", "id:key"));
  EXPECT_FALSE(shows("http://127.0.0.1", "id:key"));
}

TEST(ElasticReason, TheServersWords) {
  EXPECT_EQ(elastic_reason(R"({"error":{"root_cause":[],"type":"a_b","reason":"why"},"status":1})"), "a_b: why");
  EXPECT_EQ(elastic_reason(R"({"error":{"root_cause":[{"reason":"no field x"}],"type":"a","reason":"all shards"}})"),
            "a: all shards: no field x");
  EXPECT_EQ(elastic_reason(R"({"error":{"root_cause":[{"reason":"why"}],"type":"a_b","reason":"why"}})"), "a_b: why");
  EXPECT_EQ(elastic_reason(R"({"error":"Incorrect HTTP method","status":405})"), "Incorrect HTTP method");
  EXPECT_EQ(elastic_reason("plain\r\ntext\x1b[0m"), "plain  text [0m");
  EXPECT_LT(elastic_reason(std::string(10'000, 'x')).size(), 500u);
  EXPECT_EQ(elastic_reason(std::string(100'000, '[')).substr(0, 3), "[[[");
  EXPECT_NE(elastic_refusal(403, "").find("lack a privilege"), std::string::npos);
}

}  // namespace
}  // namespace acta
