#include "client/http_client.h"

#include <gtest/gtest.h>

#include <thread>

#include "support/fake_server.h"
#include "support/raw_server.h"

namespace acta {
namespace {

using test::FakeServer;
using test::RawServer;

class HttpClientTest : public testing::Test {
 protected:
  Result<HttpReply> ask(HttpClient& client, const std::string& url, std::string_view method = "GET",
                        std::string_view body = {}, Nanos timeout = 10 * kSecond) {
    return client.request(
        {.method = method, .url = url, .headers = headers_, .body = body, .deadline = clock_.monotonic() + timeout});
  }
  static void echo(const httplib::Request& request, httplib::Response& response) {
    response.set_header("Retry-After", "7");
    response.set_content(
        request.method + " " + request.target + " " + request.get_header_value("X-Test") + "\n" + request.body,
        "text/plain");
  }
  std::unique_ptr<HttpClient> make(HttpOptions options = {}) {
    return std::make_unique<HttpClient>(std::move(options), clock_, fs_);
  }
  /// The error of a request that has to fail, within the time.
  std::string failure(HttpClient& client, const std::string& url, std::string_view body, HttpStep step,
                      Nanos timeout = 10 * kSecond) {
    const Nanos begin = clock_.monotonic();
    const auto reply = ask(client, url, body.empty() ? "GET" : "POST", body, timeout);
    EXPECT_LT(clock_.monotonic() - begin, timeout + 2 * kSecond);
    EXPECT_FALSE(reply);
    EXPECT_EQ(client.failed_at(), step) << (reply ? "" : reply.error().what);
    return reply ? "" : reply.error().what;
  }

  SystemClock clock_;
  PosixFs fs_;
  std::vector<std::string> headers_;
};

TEST_F(HttpClientTest, SendsAndReceives) {
  FakeServer server(echo);
  const auto client = make();
  headers_ = {"X-Test: yes"};
  const auto got = ask(*client, server.url() + "/a?b=c");
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->head.status, 200);
  EXPECT_EQ(got->head.header("content-type"), "text/plain");
  EXPECT_EQ(got->head.retry_after(), 7 * kSecond);
  EXPECT_EQ(got->body, "GET /a?b=c yes\n");
  const auto put = ask(*client, server.url() + "/x", "PUT", "{}");
  ASSERT_TRUE(put) << put.error().what;
  EXPECT_EQ(put->body, "PUT /x yes\n{}");
  EXPECT_EQ(ask(*client, server.url() + "/x", "POST", "")->body, "POST /x yes\n");
  EXPECT_EQ(ask(*client, server.url() + "/x", "DELETE")->body, "DELETE /x yes\n");
  EXPECT_EQ(ask(*client, server.url() + "/x")->body, "GET /x yes\n");
  EXPECT_EQ(client->failed_at(), HttpStep::none);
}

TEST_F(HttpClientTest, AConnectionServesManyRequests) {
  FakeServer server(echo);
  const auto client = make();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(ask(*client, server.url(), "POST", "body"));
  EXPECT_EQ(server.connections(), 1u);
  client->close();
  ASSERT_TRUE(ask(*client, server.url()));
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(HttpClientTest, LargeBodiesBothWays) {
  FakeServer server(echo);
  headers_ = {"Content-Type: application/json"};  // a form would be too large for this server
  const auto client = make();
  std::string body(20u << 20, 'x');
  for (size_t i = 0; i < body.size(); i += 997) body[i] = static_cast<char>('a' + i % 26);
  const auto reply = ask(*client, server.url(), "POST", body);
  ASSERT_TRUE(reply) << reply.error().what;
  EXPECT_EQ(reply->body.size(), body.size() + std::string("POST / \n").size());
  EXPECT_TRUE(reply->body.ends_with(body));
}

TEST_F(HttpClientTest, ABodyIsReadInPiecesAndMayBeLeft) {
  FakeServer server(echo);
  const auto client = make();
  const std::string body(8u << 20, 'x');
  const std::string url = server.url();
  headers_ = {"Content-Type: application/json"};
  const HttpRequest request{
      .method = "POST", .url = url, .headers = headers_, .body = body, .deadline = clock_.monotonic() + 10 * kSecond};
  ASSERT_TRUE(client->begin(request));
  const auto first = client->read();
  ASSERT_TRUE(first);
  EXPECT_GT(first->size(), 0u);
  EXPECT_LT(first->size(), 4u << 20);
  ASSERT_TRUE(client->begin(request));
  size_t all = 0;
  for (;;) {
    const auto piece = client->read();
    ASSERT_TRUE(piece) << piece.error().what;
    if (piece->empty()) break;
    all += piece->size();
  }
  EXPECT_EQ(all, body.size() + std::string("POST / \n").size());
}

TEST_F(HttpClientTest, NothingListens) {
  int port = 0;
  {
    port = RawServer([](int) {}).port();
  }
  const std::string what = failure(*make(), "http://127.0.0.1:" + std::to_string(port), "{}", HttpStep::connect);
  EXPECT_NE(what.find("connect: "), std::string::npos) << what;
  EXPECT_NE(what.find("is the server running"), std::string::npos) << what;
}

TEST_F(HttpClientTest, NoSuchHost) {
  const auto client = make();
  const std::string what = failure(*client, "http://no-such-host.invalid:9200/", "{}", HttpStep::resolve);
  EXPECT_NE(what.find("DNS: "), std::string::npos) << what;
  EXPECT_NE(what.find("no-such-host.invalid"), std::string::npos) << what;
  EXPECT_FALSE(client->maybe_received());
}

TEST_F(HttpClientTest, AServerThatIsSilent) {
  RawServer server([](int socket) {
    test::read_request(socket);
    test::wait_for_close(socket, 5000);
  });
  const auto client = make();
  const std::string what = failure(*client, server.url(), "{}", HttpStep::wait, 300 * kMillisecond);
  EXPECT_NE(what.find("waiting for the reply: timed out"), std::string::npos) << what;
  EXPECT_TRUE(client->maybe_received());
}

TEST_F(HttpClientTest, AServerThatReadsNothing) {
  RawServer server([](int socket) { test::wait_for_close(socket, 100); });
  RawServer stalls([](int) { std::this_thread::sleep_for(std::chrono::seconds(1)); });
  const auto client = make();
  const std::string body(64u << 20, 'x');
  const std::string what = failure(*client, stalls.url(), body, HttpStep::send, 300 * kMillisecond);
  EXPECT_NE(what.find("sending: timed out"), std::string::npos) << what;
  EXPECT_TRUE(client->maybe_received());
}

TEST_F(HttpClientTest, AReset) {
  RawServer server([](int socket) {
    test::read_request(socket);
    test::reset_on_close(socket);
  });
  const auto client = make();
  const std::string what = failure(*client, server.url(), "{}", HttpStep::wait);
  EXPECT_NE(what.find("eset"), std::string::npos) << what;
  EXPECT_TRUE(client->maybe_received());
}

TEST_F(HttpClientTest, HalfAReply) {
  RawServer server([](int socket) {
    test::read_request(socket);
    test::write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"errors\":");
  });
  const auto client = make();
  const auto reply = ask(*client, server.url(), "POST", "{}");
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().what.find("reading the reply"), std::string::npos) << reply.error().what;
  EXPECT_TRUE(client->maybe_received());
}

TEST_F(HttpClientTest, AStallInTheReply) {
  RawServer server([](int socket) {
    test::read_request(socket);
    test::write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"errors\":");
    test::wait_for_close(socket, 5000);
  });
  const auto client = make();
  const std::string what = failure(*client, server.url(), "{}", HttpStep::receive, 300 * kMillisecond);
  EXPECT_NE(what.find("timed out"), std::string::npos) << what;
}

TEST_F(HttpClientTest, Garbage) {
  RawServer server([](int socket) {
    test::read_request(socket);
    test::write_all(socket, "SSH-2.0-OpenSSH_9.2\r\n");
  });
  const std::string what = failure(*make(), server.url(), "{}", HttpStep::wait);
  EXPECT_NE(what.find("no HTTP server"), std::string::npos) << what;
}

TEST_F(HttpClientTest, AKeptConnectionThatBreaksIsNotUsedTwice) {
  // The first request of a connection is answered, the second one read and then not.
  std::atomic<int> requests{0};
  RawServer server([&requests](int socket) {
    for (int i = 0; i < 2; ++i) {
      if (test::read_request(socket).empty()) return;
      ++requests;
      if (i == 0) test::write_all(socket, test::http_reply("{}"));
    }
  });
  const auto client = make();
  ASSERT_TRUE(ask(*client, server.url(), "POST", "{}"));
  const auto second = ask(*client, server.url(), "POST", "{}");
  ASSERT_FALSE(second);
  EXPECT_TRUE(client->maybe_received());
  EXPECT_EQ(requests.load(), 2) << "the request must not be repeated in secret: " << second.error().what;
  EXPECT_TRUE(ask(*client, server.url(), "POST", "{}"));
}

TEST_F(HttpClientTest, InterruptEndsAnExchange) {
  RawServer server([](int socket) {
    test::read_request(socket);
    test::wait_for_close(socket, 10'000);
  });
  const auto client = make();
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    client->interrupt();
  });
  const Nanos begin = clock_.monotonic();
  const auto reply = ask(*client, server.url(), "POST", "{}", 30 * kSecond);
  other.join();
  EXPECT_FALSE(reply);
  EXPECT_LT(clock_.monotonic() - begin, 5 * kSecond);
  EXPECT_FALSE(ask(*client, server.url())) << "until it is told to go on";
  client->resume();
  EXPECT_FALSE(ask(*client, server.url(), "GET", {}, 100 * kMillisecond));
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(HttpClientTest, AProxy) {
  FakeServer proxy([](const httplib::Request& request, httplib::Response& response) {
    response.set_content("by the proxy: " + request.target + " " + request.get_header_value("Proxy-Authorization"),
                         "text/plain");
  });
  const auto client = make({.proxy_url = "http://me:secret@127.0.0.1:" + std::to_string(proxy.port())});
  const auto reply = ask(*client, "http://es.invalid:9200/x");
  ASSERT_TRUE(reply) << reply.error().what;
  EXPECT_EQ(reply->body, "by the proxy: http://es.invalid:9200/x Basic bWU6c2VjcmV0");

  const auto dead = make({.proxy_url = "http://me:secret@127.0.0.1:1"});
  const std::string what = failure(*dead, "http://es.invalid:9200/x", "{}", HttpStep::connect);
  EXPECT_EQ(what.find("secret"), std::string::npos) << what;
}

}  // namespace
}  // namespace acta
