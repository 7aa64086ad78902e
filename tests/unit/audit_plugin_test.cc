// The audit_plugin input over a socket, as auditd's af_unix plug-in and its binary format feed it.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <thread>

#include "inputs/input.h"
#include "support/temp_dir.h"
#include "sys/fd.h"

namespace acta::test {
namespace {

constexpr size_t kFullFrame = 8970;

std::string frame(uint32_t version, uint32_t type, const std::string& data, size_t padded_to = 0) {
  const uint32_t header[] = {version, 16, type, static_cast<uint32_t>(data.size())};
  std::string bytes(reinterpret_cast<const char*>(header), sizeof header);
  bytes += data;
  if (padded_to != 0) bytes.resize(sizeof header + padded_to, '\0');
  return bytes;
}

class AuditPlugin : public testing::Test {
 protected:
  void SetUp() override {
    listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = dir_ / "events";
    path.copy(address.sun_path, path.size());
    ASSERT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(listener_.get(), 1), 0);
    const auto* component = Registry<Input>::find("audit_plugin");
    ASSERT_NE(component, nullptr);
    input_ = std::move(*component->make(*make_settings(component->options, {{"path", path}})));
    ASSERT_TRUE(input_->open(0, {}));
    accept();
  }
  void accept() { peer_ = Fd(::accept(listener_.get(), nullptr, nullptr)); }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }
  // Pulls until so many lines came, or time is up.
  std::vector<std::string> lines(size_t count) {
    std::vector<std::string> all;
    for (int i = 0; i < 1000 && all.size() < count; ++i) {
      RawBatch batch;
      EXPECT_TRUE(input_->pull(batch));
      for (size_t n = 0; n < batch.size(); ++n) all.emplace_back(batch[n].bytes);
      if (batch.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return all;
  }

  TempDir dir_;
  Fd listener_, peer_;
  std::unique_ptr<Input> input_;
};

using Lines = std::vector<std::string>;
const std::string kCall = "audit(1.500:7): arch=c000003e";
const std::string kPath = "audit(1.500:7): item=0 name=\"/x\"";

TEST_F(AuditPlugin, LinesComeAsTheyAreAlsoInPieces) {
  send("node=a type=SYSCALL msg=" + kCall + "\ntype=EO");
  EXPECT_EQ(lines(1), Lines{"node=a type=SYSCALL msg=" + kCall});
  send("E msg=audit(1.500:7): \n");
  EXPECT_EQ(lines(1), Lines{"type=EOE msg=audit(1.500:7): "});
}

TEST_F(AuditPlugin, FramesOfBothVersionsAndLengths) {
  send(frame(0, 1300, kCall) + frame(1, 1302, "type=PATH msg=" + kPath) + frame(0, 1320, "audit(1.500:7): "));
  EXPECT_EQ(lines(3), (Lines{"type=SYSCALL msg=" + kCall, "type=PATH msg=" + kPath, "type=EOE msg=audit(1.500:7): "}));
}

TEST_F(AuditPlugin, FramesThatArePaddedAsAuditd3Does) {
  const std::string stream = frame(0, 1300, kCall, kFullFrame) + frame(0, 1302, kPath, kFullFrame);
  send(stream.substr(0, 100));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  send(stream.substr(100));
  EXPECT_EQ(lines(2), (Lines{"type=SYSCALL msg=" + kCall, "type=PATH msg=" + kPath}));
}

TEST_F(AuditPlugin, ConnectsAgain) {
  send("type=SYSCALL msg=" + kCall + "\n");
  EXPECT_EQ(lines(1).size(), 1u);
  peer_.reset();
  accept();
  send(frame(0, 1302, kPath));
  EXPECT_EQ(lines(1), Lines{"type=PATH msg=" + kPath}) << "also in the other format";
}

TEST_F(AuditPlugin, WhatIsNoFrameIsNotTakenForOne) {
  send(frame(0, 1300, kCall, kFullFrame) + std::string(200, 'x'));
  EXPECT_EQ(lines(1), Lines{"type=SYSCALL msg=" + kCall});
}

TEST_F(AuditPlugin, AtAStopWhatCameIsGivenStill) {
  send("type=SYSCALL msg=" + kCall + "\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  input_->finish();
  RawBatch batch;
  Pull pulled = Pull::more;
  while (pulled == Pull::more) pulled = *input_->pull(batch);
  EXPECT_EQ(pulled, Pull::done);
  EXPECT_EQ(batch.size(), 1u);
}

}  // namespace
}  // namespace acta::test
