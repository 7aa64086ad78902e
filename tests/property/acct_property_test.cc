#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidjson/document.h>

#include "processors/accounting/decoder.h"
#include "processors/accounting/record.h"
#include "support/acct_writer.h"
#include "support/collect_sink.h"
#include "sys/acct_file.h"

namespace acta::accounting {
namespace {

using test::AcctFields;

rc::Gen<AcctFields> any_fields() {
  return rc::gen::exec([] {
    AcctFields f;
    f.flags = *rc::gen::arbitrary<uint8_t>() & 0x3f;
    f.tty = *rc::gen::arbitrary<uint16_t>();
    f.exit_status = *rc::gen::arbitrary<uint32_t>();
    f.uid = *rc::gen::arbitrary<uint32_t>();
    f.gid = *rc::gen::arbitrary<uint32_t>();
    f.pid = *rc::gen::arbitrary<uint32_t>();
    f.parent = *rc::gen::arbitrary<uint32_t>();
    f.begin = 1 + *rc::gen::inRange<uint32_t>(0, UINT32_MAX - 1);
    f.elapsed_float = static_cast<float>(*rc::gen::inRange<uint32_t>(0, UINT32_MAX));
    f.elapsed_comp = *rc::gen::arbitrary<uint16_t>();
    f.elapsed_comp2 = *rc::gen::arbitrary<uint32_t>() & 0xffffff;
    for (uint16_t* comp : {&f.user, &f.system, &f.memory, &f.io, &f.rw, &f.minor_faults, &f.major_faults, &f.swaps}) {
      *comp = *rc::gen::arbitrary<uint16_t>();
    }
    f.ahz = static_cast<uint16_t>(1 + *rc::gen::inRange<uint16_t>(0, 60000));
    f.name = *rc::gen::container<std::string>(
        rc::gen::map(rc::gen::inRange(1, 256), [](int c) { return static_cast<char>(c); }));
    f.name = f.name.substr(0, 15);
    return f;
  });
}

TEST(AcctProperty, CompComesBackWithinItsPrecision) {
  EXPECT_TRUE(rc::check("encode, decode", [] {
    const unsigned bits = *rc::gen::inRange<unsigned>(0, 34);
    const uint64_t value = *rc::gen::inRange<uint64_t>(0, (uint64_t{1} << bits) + 1);
    const uint64_t back = Comp{test::encode_comp(value)}.value();
    if (value <= 8191) {
      RC_ASSERT(back == value);
    } else if (value <= uint64_t{8191} << 21) {
      const uint64_t distance = back > value ? back - value : value - back;
      RC_ASSERT(distance * 1024 <= value * 4);  // 13 bits of fraction, of which the exponent's step of 8 can leave 10
    }
    const uint32_t back2_bits = test::encode_comp2(value);
    const uint64_t back2 = Comp2{back2_bits}.value();
    const uint64_t distance2 = back2 > value ? back2 - value : value - back2;
    RC_ASSERT(distance2 * (1 << 19) <= value);
  }));
}

TEST(AcctProperty, EveryCompValueDecodesToWhatItEncodes) {
  for (uint32_t bits = 0; bits <= UINT16_MAX; ++bits) {
    const uint64_t value = Comp{static_cast<uint16_t>(bits)}.value();
    EXPECT_EQ(Comp{test::encode_comp(value)}.value(), value) << bits;
  }
}

TEST(AcctProperty, RecordsOfAnyVersionAndByteOrderComeBack) {
  EXPECT_TRUE(rc::check("write, cut, decode", [] {
    const AcctFields f = *any_fields();
    const int version = *rc::gen::inRange(0, 5);
    const bool big_endian = *rc::gen::arbitrary<bool>();
    const std::string bytes = test::write_acct(f, version, big_endian);
    RC_ASSERT(may_be_record(bytes));
    RC_ASSERT(record_size(bytes) == bytes.size());
    const auto record = decode(bytes, 100);
    RC_ASSERT(record.has_value());
    RC_ASSERT(test::write_acct(
                  [&] {
                    AcctFields back;
                    back.flags = record->flags;
                    back.tty = record->tty;
                    back.exit_status = record->exit_status;
                    back.uid = record->uid;
                    back.gid = record->gid;
                    back.pid = record->pid.value_or(0);
                    back.parent = record->parent.value_or(0);
                    back.begin = record->begin;
                    back.elapsed_float = static_cast<float>(record->elapsed);
                    back.elapsed_comp = record->elapsed_comp.bits;
                    back.elapsed_comp2 = record->elapsed_bits;
                    back.user = record->user.bits;
                    back.system = record->system.bits;
                    back.memory = record->memory.bits;
                    back.io = record->io.bits;
                    back.rw = record->rw.bits;
                    back.minor_faults = record->minor_faults.bits;
                    back.major_faults = record->major_faults.bits;
                    back.swaps = record->swaps.bits;
                    back.ahz = record->ahz;
                    back.name = record->name;
                    return back;
                  }(),
                  record->version, record->big_endian) == bytes);
  }));
}

TEST(AcctProperty, ATornFileLosesNoByteAndFindsTheOtherRecords) {
  EXPECT_TRUE(rc::check("tear one record", [] {
    std::string file;
    const auto count = *rc::gen::inRange<size_t>(1, 6);
    const auto torn = *rc::gen::inRange<size_t>(0, count);
    const auto keep = *rc::gen::inRange<size_t>(1, 63);
    std::vector<std::string> whole;
    for (size_t i = 0; i < count; ++i) {
      AcctFields f = *any_fields();
      f.name = "name";
      f.exit_status &= 0xffff;
      f.uid &= 0xffffff;
      f.gid &= 0xffffff;
      f.pid = 1 + f.pid % (4u << 20);
      f.parent %= 4u << 20;
      f.memory |= 0x101;  // as of any process but a kernel thread
      f.minor_faults |= 1;
      f.rw = f.swaps = 0;  // Linux counts neither
      f.system &= 0xff;    // numbers in a row that are letters would be a name
      const std::string bytes = test::write_acct(f, 3, false);
      file += i == torn ? bytes.substr(0, keep) : bytes;
      if (i != torn) whole.push_back(bytes);
    }
    std::string together;
    std::vector<std::string> records;
    for (std::string_view rest = file; !rest.empty();) {
      const Cut next = cut(rest, true);
      RC_ASSERT(next.what != Cut::What::more);
      RC_ASSERT(next.size > 0 && next.size <= rest.size());
      if (next.what == Cut::What::record) records.emplace_back(rest.substr(0, next.size));
      together += rest.substr(0, next.size);
      rest.remove_prefix(next.size);
    }
    RC_ASSERT(together == file);
    RC_ASSERT(records == whole);
  }));
}

TEST(AcctProperty, NoiseGivesValidDocumentsAndLosesNoByte) {
  const auto users = UserDb::empty();
  Services services;
  services.users = users.get();
  services.host_id = "h";
  const auto decoder = make_decoder(services, {});
  EXPECT_TRUE(rc::check("noise", [&] {
    const auto file = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    test::CollectSink sink;
    size_t cut_off = 0;
    for (std::string_view rest = file; !rest.empty();) {
      const Cut next = cut(rest, true);
      RC_ASSERT(next.what != Cut::What::more);
      const RawItem item{
          .piece = next.what == Cut::What::piece, .begin = {1, cut_off}, .bytes = rest.substr(0, next.size)};
      decoder->feed(item, 0, sink);
      cut_off += next.size;
      rest.remove_prefix(next.size);
    }
    RC_ASSERT(cut_off == file.size());
    for (const std::string& line : sink.documents) {
      rapidjson::Document json;
      json.Parse<rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
      RC_ASSERT(!json.HasParseError());
    }
  }));
}

}  // namespace
}  // namespace acta::accounting
