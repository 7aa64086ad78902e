#pragma once
#include "sys/file_follower.h"

namespace acta::accounting {

/// Cuts chunks of accounting files into records (see acct_file.h): an item of kind accounting_record for each, and for
/// what is no record one with RawItem::piece, of which the log tells once per chunk. Keeps no state between chunks but
/// the count.
class AcctFramer final : public Framer {
 public:
  /// `name` of the input is for the log.
  AcctFramer(uint16_t source, std::string name) : source_(source), name_(std::move(name)) {}
  size_t frame(RawBatch& batch, const FileChunk& chunk) override;

 private:
  uint16_t source_;
  std::string name_;
};

}  // namespace acta::accounting
