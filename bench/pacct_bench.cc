// Accounting records to documents, single thread, in memory: items per second are records.
#include <benchmark/benchmark.h>

#include <string>

#include "processors/accounting/decoder.h"
#include "processors/accounting/record.h"
#include "sys/acct_file.h"
#include "sys/constant_parts.h"

namespace acta {
namespace {

constexpr size_t kRecords = 4096;

void put(std::string& record, size_t at, uint32_t value, size_t size) {
  for (size_t i = 0; i < size; ++i) record[at + i] = static_cast<char>(value >> (8 * i));
}

/// Version 3 records as an ordinary host has them.
std::string make_file() {
  constexpr const char* kNames[] = {"sh", "cat", "python3", "kworker/0:3-eve", "caf\xc3\xa9"};
  std::string file;
  for (uint32_t i = 0; i < kRecords; ++i) {
    std::string record(64, '\0');
    record[0] = static_cast<char>(i % 3);
    record[1] = 3;
    put(record, 2, i % 4 == 0 ? 0x8801 : 0, 2);
    put(record, 4, i % 16 == 0 ? 256 : 0, 4);
    put(record, 8, i % 8 == 0 ? 1000 : 0, 4);
    put(record, 16, 1000 + i, 4);
    put(record, 20, 900, 4);
    put(record, 24, 1700000000 + i / 100, 4);
    put(record, 28, 0x41200000, 4);
    put(record, 32, i % 50, 2);
    put(record, 36, 2364, 2);
    put(record, 42, 893, 2);
    const std::string name = kNames[i % std::size(kNames)];
    record.replace(48, name.size(), name);
    file += record;
  }
  return file;
}

/// Encodes into one growing buffer, as the pipeline does into a batch.
class EncodingSink final : public EventSink {
 public:
  void emit(Event& event, const Provenance&) override {
    if (buffer_.size() > kBufferBytes) {
      bytes += buffer_.size();
      buffer_.clear();
    }
    Encoder::encode(event, buffer_);
  }
  void duplicates(uint16_t, uint64_t) override {}
  size_t bytes = 0;

 private:
  static constexpr size_t kBufferBytes = 4u << 20;
  std::string buffer_;
};

void feed(Decoder& decoder, const std::string& file, const Origin& origin, EventSink& sink) {
  for (size_t at = 0; at < file.size();) {
    const accounting::Cut cut = accounting::cut(std::string_view(file).substr(at), true);
    decoder.feed({.kind = RawKind::accounting_record,
                  .piece = cut.what == accounting::Cut::What::piece,
                  .begin = {1, at},
                  .end = {1, at + cut.size},
                  .bytes = std::string_view(file).substr(at, cut.size),
                  .origin = &origin},
                 1800000000 * kSecond, sink);
    at += cut.size;
  }
}

void run(benchmark::State& state, UserDb& users) {
  const std::string file = make_file();
  const SystemClock clock;
  HostInfo host;
  host.id = "0123456789abcdef0123456789abcdef";
  host.name = host.hostname = "bench.example";
  host.ip = {"192.0.2.7", "2001:db8::7"};
  ConstantParts parts({.id = "a", .name = "bench", .ephemeral_id = "e"}, host);
  Services services;
  services.clock = &clock;
  services.parts = &parts;
  services.users = &users;
  services.host_id = host.id;
  const Origin origin{.path = "/var/log/account/pacct", .fingerprint = "0123456789abcdef", .inode = 7, .device = 8};
  const auto decoder = accounting::make_decoder(services, {});
  EncodingSink sink;
  for (auto _ : state) feed(*decoder, file, origin, sink);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
  state.SetBytesProcessed(static_cast<int64_t>(sink.bytes));
}

void AccountingToDocuments(benchmark::State& state) {
  const auto users = UserDb::empty();
  run(state, *users);
}
BENCHMARK(AccountingToDocuments);

void AccountingToDocumentsWithHostUsers(benchmark::State& state) {
  const SystemClock clock;
  const auto users = UserDb::of_host(clock, {});
  run(state, *users);
}
BENCHMARK(AccountingToDocumentsWithHostUsers);

void AccountingCutAndDecode(benchmark::State& state) {
  const std::string file = make_file();
  for (auto _ : state) {
    for (size_t at = 0; at < file.size();) {
      const std::string_view rest = std::string_view(file).substr(at);
      const accounting::Cut cut = accounting::cut(rest, true);
      benchmark::DoNotOptimize(accounting::decode(rest.substr(0, cut.size), 100));
      at += cut.size;
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
}
BENCHMARK(AccountingCutAndDecode);

}  // namespace
}  // namespace acta
