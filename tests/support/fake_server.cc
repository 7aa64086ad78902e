#include "support/fake_server.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "base/check.h"

namespace acta::test {
namespace {

std::unique_ptr<BIO, int (*)(BIO*)> reader(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
}

bool set_up(SSL_CTX& context, const FakeServer::Tls& tls) {
  X509* const certificate = PEM_read_bio_X509(reader(tls.identity.certificate).get(), nullptr, nullptr, nullptr);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(reader(tls.identity.key).get(), nullptr, nullptr, nullptr);
  bool good = SSL_CTX_use_certificate(&context, certificate) == 1 && SSL_CTX_use_PrivateKey(&context, key) == 1;
  // What follows the first certificate is its chain.
  const auto rest = reader(tls.identity.certificate);
  X509_free(PEM_read_bio_X509(rest.get(), nullptr, nullptr, nullptr));
  while (X509* const more = PEM_read_bio_X509(rest.get(), nullptr, nullptr, nullptr)) {
    good = SSL_CTX_add_extra_chain_cert(&context, more) == 1 && good;
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  if (!tls.client_authority.empty()) {
    X509* const authority = PEM_read_bio_X509(reader(tls.client_authority).get(), nullptr, nullptr, nullptr);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), authority);
    X509_free(authority);
    SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (tls.version_max != 0) SSL_CTX_set_max_proto_version(&context, tls.version_max);
  return good;
}

}  // namespace

FakeServer::FakeServer(Handler handler) : server_(std::make_unique<httplib::Server>()) {
  start(std::move(handler));
}

FakeServer::FakeServer(Handler handler, Tls tls) : tls_(true) {
  server_ = std::make_unique<httplib::SSLServer>([&](SSL_CTX& context) { return set_up(context, tls); });
  start(std::move(handler));
}

void FakeServer::start(Handler handler) {
  CHECK(server_->is_valid());
  constexpr size_t kManyRequests = 1'000'000'000;
  server_->set_keep_alive_max_count(kManyRequests);
  server_->set_keep_alive_timeout(60);
  server_->set_payload_max_length(SIZE_MAX);
  server_->new_task_queue = [] { return new httplib::ThreadPool(16); };
  const auto answer = [this, handler = std::move(handler)](const httplib::Request& request,
                                                           httplib::Response& response) {
    ++requests_;
    {
      const std::lock_guard lock(mutex_);
      if (std::find(ports_.begin(), ports_.end(), request.remote_port) == ports_.end())
        ports_.push_back(request.remote_port);
    }
    handler(request, response);
    return httplib::Server::HandlerResponse::Handled;
  };
  for (const char* pattern : {".*"}) {
    server_->Get(pattern, answer).Post(pattern, answer).Put(pattern, answer).Delete(pattern, answer);
  }
  port_ = server_->bind_to_any_port("127.0.0.1");
  CHECK(port_ > 0);
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

FakeServer::~FakeServer() {
  server_->stop();
  thread_.join();
}

std::string FakeServer::url(const std::string& host) const {
  return (tls_ ? "https://" : "http://") + host + ":" + std::to_string(port_);
}

size_t FakeServer::connections() const {
  const std::lock_guard lock(mutex_);
  return ports_.size();
}

}  // namespace acta::test
