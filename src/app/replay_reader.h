#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "event/raw.h"
#include "sys/file_follower.h"

namespace acta {

/// Reads a finished file, or standard input, from its start to its end: the source of `actabeat replay`. Unlike the
/// inputs it follows nothing and keeps no cursor, and it reads pipes too. One thread.
class ReplayReader {
 public:
  /// `number` is Position::file. `path` "-" is standard input. Reads the first bytes.
  static Result<std::unique_ptr<ReplayReader>> open(const std::string& path, uint64_t number, bool keep_original);

  ~ReplayReader();
  ReplayReader(const ReplayReader&) = delete;
  ReplayReader& operator=(const ReplayReader&) = delete;

  /// What the first bytes look like: text or accounting records; an empty file is an empty log.
  [[nodiscard]] RawKind kind() const;
  /// Reads on and has the records framed into `batch`; false when there is nothing left. The last chunk is marked so: a
  /// last record without its end is given as it is.
  Result<bool> read(RawBatch& batch, Framer& framer);

 private:
  ReplayReader(int fd, const std::string& path, uint64_t number, bool keep_original);
  /// Reads up to a chunk; 0 is the end.
  Result<size_t> read_chunk(char* to);
  Result<> fill();

  const int fd_;
  const uint64_t number_;
  Origin origin_;
  std::string unread_;   // bytes read that no record was made of yet
  uint64_t offset_ = 0;  // in the file, of the first of them
  char before_ = '\n';   // the byte before it
  bool ended_ = false;
};

}  // namespace acta
