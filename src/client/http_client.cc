#include "client/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <mutex>

#include "base/check.h"
#include "client/curl_tls.h"
#include "client/http_error.h"
#include "client/http_peer.h"

namespace acta {
namespace {

constexpr long kUploadBuffer = 512L << 10;  // bytes given to a connection at a time
constexpr long kReceiveBuffer = 64L << 10;
constexpr long kConnectionsKept = 8;
constexpr long kIdleSecondsMax = 60;  // servers and balancers in between close what idles longer
constexpr int kPollMillisecondsMax = 1000;
constexpr size_t kHeadersMax = 100;
constexpr size_t kPauseBytes = 1u << 20;  // unread bytes of a body at which we stop taking more

void initialize_curl() {
  static std::once_flag once;
  std::call_once(once, [] { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t from = text.find_first_not_of(kSpace);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kSpace) + 1 - from);
}

std::string_view host_of(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url.find("://") + 3));
  url = url.substr(0, url.find('/'));
  if (url.starts_with('[')) return url.substr(1, url.find(']') - 1);
  return url.substr(0, url.rfind(':'));
}

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::optional<Nanos> HttpHead::retry_after() const {
  constexpr int64_t kMost = 24 * 3600;
  int64_t seconds = 0;
  const std::string_view text = header("retry-after");
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return std::min(seconds, kMost) * kSecond;
}

class HttpClient::Impl {
 public:
  Impl(HttpOptions options, const Clock& clock, Fs& fs)
      : options_(std::move(options)), clock_(clock), files_(options_.tls, fs), tls_{.options = &options_.tls} {
    initialize_curl();
    multi_ = make_multi();
  }
  ~Impl() {
    end_exchange();
    curl_easy_cleanup(easy_);
    curl_slist_free_all(header_list_);
    curl_multi_cleanup(multi_);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<HttpHead> begin(const HttpRequest& request);
  Result<std::string_view> read();
  Result<> refresh();
  void close();
  void interrupt() {
    interrupted_.store(true, std::memory_order_release);
    const std::lock_guard lock(multi_mutex_);
    curl_multi_wakeup(multi_);
  }
  void resume() { interrupted_.store(false, std::memory_order_release); }

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] HttpStep failed_at() const { return failed_at_; }
  [[nodiscard]] HttpPeer peer() const { return peer_of(easy_); }
  [[nodiscard]] bool maybe_received() const { return maybe_received_; }

 private:
  static size_t give_body(char* to, size_t size, size_t count, void* self);
  static int rewind(void* self, curl_off_t offset, int origin);
  static size_t take_header(const char* from, size_t size, size_t count, void* self);
  static size_t take_body(const char* from, size_t size, size_t count, void* self);

  static CURLM* make_multi();
  void make_handle();
  void set_request(const HttpRequest& request);
  void end_exchange();
  /// Drives the transfer until `enough` says so, or it is done.
  template <class Enough>
  Result<> drive(Enough enough);
  tl::unexpected<Error> failed(CURLcode code, bool timed_out);
  [[nodiscard]] HttpStep step() const;

  const HttpOptions options_;
  const Clock& clock_;
  TlsFiles files_;
  CurlTls tls_;
  std::mutex multi_mutex_;  // of the pointer below, between close() and interrupt()
  CURLM* multi_ = nullptr;  // holds the connections
  CURL* easy_ = nullptr;
  curl_slist* header_list_ = nullptr;
  char words_[CURL_ERROR_SIZE] = {};
  std::atomic<bool> interrupted_{false};

  // of the exchange
  bool running_ = false;
  bool done_ = false;
  bool head_done_ = false;
  bool paused_ = false;
  std::string method_, url_;
  std::string_view body_;
  size_t sent_ = 0;
  Nanos deadline_ = 0;
  HttpHead head_;
  std::string received_;  // not read yet
  std::string piece_;     // what read() gave last
  HttpStep failed_at_ = HttpStep::none;
  bool maybe_received_ = false;
};

size_t HttpClient::Impl::give_body(char* to, size_t size, size_t count, void* self) {
  auto& impl = *static_cast<Impl*>(self);
  const size_t bytes = std::min(size * count, impl.body_.size() - impl.sent_);
  std::memcpy(to, impl.body_.data() + impl.sent_, bytes);
  impl.sent_ += bytes;
  return bytes;
}

// libcurl repeats a request by itself when a kept connection turns out to be dead. Whether the server had got it is not
// known then: that is for our caller to judge.
int HttpClient::Impl::rewind(void* self, curl_off_t, int) {
  return static_cast<Impl*>(self)->sent_ == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

size_t HttpClient::Impl::take_header(const char* from, size_t size, size_t count, void* self) {
  auto& impl = *static_cast<Impl*>(self);
  const std::string_view line(from, size * count);
  if (line.starts_with("HTTP/")) {
    impl.head_.headers.clear();  // 100 Continue came before
  } else if (trimmed(line).empty()) {
    long status = 0;
    curl_easy_getinfo(impl.easy_, CURLINFO_RESPONSE_CODE, &status);
    constexpr long kFirstFinal = 200;
    impl.head_.status = static_cast<int>(status);
    impl.head_done_ = status >= kFirstFinal;
  } else if (const size_t colon = line.find(':');
             colon != std::string_view::npos && impl.head_.headers.size() < kHeadersMax) {
    impl.head_.headers.emplace_back(lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
  }
  return size * count;
}

size_t HttpClient::Impl::take_body(const char* from, size_t size, size_t count, void* self) {
  auto& impl = *static_cast<Impl*>(self);
  if (impl.received_.size() >= kPauseBytes) {
    impl.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  impl.received_.append(from, size * count);
  return size * count;
}

void HttpClient::Impl::make_handle() {
  if (easy_ != nullptr) return;
  easy_ = curl_easy_init();
  CHECK(easy_ != nullptr);
  const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy_, option, value); };
  set(CURLOPT_ERRORBUFFER, words_);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // never wait for a name server longer than the deadline
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_MAXAGE_CONN, kIdleSecondsMax);
  set(CURLOPT_UPLOAD_BUFFERSIZE, kUploadBuffer);
  set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout / kMillisecond));
  if (options_.proxy_disable) {
    set(CURLOPT_PROXY, "");
  } else if (!options_.proxy_url.empty()) {
    set(CURLOPT_PROXY, options_.proxy_url.c_str());
    set(CURLOPT_NOPROXY, "");
  }
  set(CURLOPT_READFUNCTION, give_body);
  set(CURLOPT_READDATA, static_cast<void*>(this));
  set(CURLOPT_SEEKFUNCTION, rewind);
  set(CURLOPT_SEEKDATA, static_cast<void*>(this));
  set(CURLOPT_HEADERFUNCTION, take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(CURLOPT_WRITEFUNCTION, take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  if (options_.certificate_info) set(CURLOPT_CERTINFO, 1L);
  set_tls(easy_, tls_, files_);
}

void HttpClient::Impl::set_request(const HttpRequest& request) {
  method_ = request.method;
  url_ = request.url;
  body_ = request.body;
  deadline_ = request.deadline;
  sent_ = 0;
  head_ = {};
  received_.clear();
  done_ = head_done_ = paused_ = false;
  failed_at_ = HttpStep::none;
  maybe_received_ = false;
  words_[0] = 0;
  tls_.host = host_of(url_);

  curl_slist_free_all(header_list_);
  header_list_ = curl_slist_append(nullptr, "Expect:");  // no round trip before the body
  bool typed = false;
  for (const std::string& header : request.headers) {
    typed = typed || lower(header.substr(0, header.find(':'))) == "content-type";
    header_list_ = curl_slist_append(header_list_, header.c_str());
  }
  if (!typed) header_list_ = curl_slist_append(header_list_, "Content-Type:");  // else it is said to be a form
  const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(easy_, option, value); };
  set(CURLOPT_URL, url_.c_str());
  set(CURLOPT_HTTPHEADER, header_list_);
  set(CURLOPT_NOBODY, method_ == "HEAD" ? 1L : 0L);
  if (body_.empty() && method_ != "POST" && method_ != "PUT") {
    if (method_ != "HEAD") set(CURLOPT_HTTPGET, 1L);
  } else {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
  }
  set(CURLOPT_CUSTOMREQUEST, method_.c_str());
}

Result<HttpHead> HttpClient::Impl::begin(const HttpRequest& request) {
  end_exchange();
  failed_at_ = HttpStep::setup;
  maybe_received_ = false;
  if (auto refreshed = refresh(); !refreshed) return tl::unexpected(refreshed.error());
  make_handle();
  set_request(request);
  if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) return fail(Errc::io, "libcurl does not take a request");
  running_ = true;
  if (auto driven = drive([this] { return head_done_; }); !driven) return tl::unexpected(driven.error());
  return head_;
}

Result<std::string_view> HttpClient::Impl::read() {
  CHECK(running_);
  if (auto driven = drive([this] { return !received_.empty(); }); !driven) return tl::unexpected(driven.error());
  piece_.clear();
  std::swap(piece_, received_);
  return piece_;
}

template <class Enough>
Result<> HttpClient::Impl::drive(Enough enough) {
  while (!enough() && !done_) {
    if (interrupted_.load(std::memory_order_acquire)) return failed(CURLE_ABORTED_BY_CALLBACK, false);
    if (paused_) {
      paused_ = false;
      curl_easy_pause(easy_, CURLPAUSE_CONT);  // may call take_body at once
    }
    int running = 0;
    curl_multi_perform(multi_, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      done_ = true;
      if (message->data.result != CURLE_OK) return failed(message->data.result, false);
    }
    if (enough() || done_) break;
    const Nanos remaining = deadline_ - clock_.monotonic();
    if (remaining <= 0) return failed(CURLE_OPERATION_TIMEDOUT, true);
    const auto wait = std::min<Nanos>(remaining / kMillisecond + 1, kPollMillisecondsMax);
    curl_multi_poll(multi_, nullptr, 0, static_cast<int>(wait), nullptr);
  }
  return {};
}

HttpStep HttpClient::Impl::step() const {
  if (head_done_) return HttpStep::receive;
  const auto passed = [this](CURLINFO info) {
    curl_off_t microseconds = 0;
    return easy_ != nullptr && curl_easy_getinfo(easy_, info, &microseconds) == CURLE_OK && microseconds > 0;
  };
  if (sent_ > 0 && sent_ == body_.size()) return HttpStep::wait;
  if (sent_ > 0) return HttpStep::send;
  if (passed(CURLINFO_PRETRANSFER_TIME_T)) return body_.empty() ? HttpStep::wait : HttpStep::send;
  if (passed(CURLINFO_CONNECT_TIME_T)) return url_.starts_with("https:") ? HttpStep::tls : HttpStep::send;
  return passed(CURLINFO_NAMELOOKUP_TIME_T) ? HttpStep::connect : HttpStep::resolve;
}

tl::unexpected<Error> HttpClient::Impl::failed(CURLcode code, bool timed_out) {
  failed_at_ = step();
  if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) failed_at_ = HttpStep::resolve;
  if (code == CURLE_COULDNT_CONNECT) failed_at_ = HttpStep::connect;
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CERTPROBLEM ||
      code == CURLE_SSL_CIPHER) {
    failed_at_ = HttpStep::tls;
  }
  std::string_view detail = words_;
  if (code == CURLE_ABORTED_BY_CALLBACK) detail = "given up, the agent stops";
  if (code == CURLE_SEND_FAIL_REWIND) detail = "the kept connection broke in the middle of the request";
  long sys = 0;
  curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &sys);
  Error error = http_error({.code = code,
                            .detail = detail,
                            .sys = code == CURLE_COULDNT_CONNECT ? static_cast<int>(sys) : 0,
                            .step = failed_at_,
                            .timed_out = timed_out || code == CURLE_OPERATION_TIMEDOUT,
                            .method = method_,
                            .url = url_});
  maybe_received_ = sent_ > 0 || failed_at_ >= HttpStep::wait;
  end_exchange();
  return tl::unexpected(std::move(error));
}

void HttpClient::Impl::end_exchange() {
  if (!running_) return;
  curl_multi_remove_handle(multi_, easy_);
  running_ = false;
}

Result<> HttpClient::Impl::refresh() {
  auto changed = files_.load();
  if (!changed) return tl::unexpected(changed.error());
  if (*changed && easy_ != nullptr) set_tls(easy_, tls_, files_);  // kept connections of other settings are not used
  return {};
}

CURLM* HttpClient::Impl::make_multi() {
  CURLM* const multi = curl_multi_init();
  CHECK(multi != nullptr);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kConnectionsKept);
  return multi;
}

void HttpClient::Impl::close() {
  end_exchange();
  CURLM* old = make_multi();
  {
    const std::lock_guard lock(multi_mutex_);
    std::swap(old, multi_);
  }
  curl_multi_cleanup(old);
}

HttpClient::HttpClient(HttpOptions options, const Clock& clock, Fs& fs)
    : impl_(std::make_unique<Impl>(std::move(options), clock, fs)) {}
HttpClient::~HttpClient() = default;

Result<HttpReply> HttpClient::request(const HttpRequest& request) {
  auto head = impl_->begin(request);
  if (!head) return tl::unexpected(head.error());
  auto body = read_all();
  if (!body) return tl::unexpected(body.error());
  return HttpReply{.head = *std::move(head), .body = *std::move(body)};
}

Result<std::string> HttpClient::read_all() {
  std::string body;
  for (;;) {
    const auto piece = impl_->read();
    if (!piece) return tl::unexpected(piece.error());
    if (piece->empty()) return body;
    if (body.size() + piece->size() > kBodyBytesMax) {
      return fail(Errc::unsupported,
                  impl_->url() + ": the reply is larger than " + std::to_string(kBodyBytesMax) + " bytes");
    }
    body.append(*piece);
  }
}

Result<HttpHead> HttpClient::begin(const HttpRequest& request) {
  return impl_->begin(request);
}
Result<std::string_view> HttpClient::read() {
  return impl_->read();
}
HttpStep HttpClient::failed_at() const {
  return impl_->failed_at();
}
HttpPeer HttpClient::peer() const {
  return impl_->peer();
}
bool HttpClient::maybe_received() const {
  return impl_->maybe_received();
}
Result<> HttpClient::refresh() {
  return impl_->refresh();
}
void HttpClient::close() {
  impl_->close();
}
void HttpClient::interrupt() {
  impl_->interrupt();
}
void HttpClient::resume() {
  impl_->resume();
}

}  // namespace acta
