#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "event/batch.h"
#include "spool/scan.h"

namespace acta::spool {

/// One segment as somebody found it who only looks.
struct SegmentSurvey {
  std::string name;
  uint64_t first = 0, end = 0;  ///< offsets of its documents
  uint64_t frames = 0;
  uint64_t bytes = 0;  ///< of the file
  int64_t mtime = 0;   ///< nanoseconds since 1970
  bool encrypted = false;
  std::string problem;  ///< why it cannot be read; empty when it can
};

/// How far one output is done.
struct ReaderSurvey {
  std::string name;
  uint64_t committed = 0;
  uint64_t waiting = 0;  ///< offsets from there to the end of the log
  std::string problem;
};

/// What stands in a spool.
struct Survey {
  std::string directory;
  std::string holder;    ///< what the lock file says: the pid of the agent that has, or had, the spool
  bool running = false;  ///< that process is there
  std::vector<SegmentSurvey> segments;
  std::vector<ReaderSurvey> readers;
  std::vector<std::string> foreign;    ///< files that are not of a spool
  std::vector<std::string> set_aside;  ///< in damaged/
  std::vector<Range> lost;             ///< offsets that should be there and are not
  uint64_t first = 0, end = 0;         ///< offsets of the log
  uint64_t documents = 0;
  uint64_t bytes = 0;  ///< of the segments
  /// Bytes at the end that are no frame: one that is being written, or torn by a crash. Nothing of it was promised.
  uint64_t unfinished_bytes = 0;
  [[nodiscard]] uint64_t lost_documents() const;
  [[nodiscard]] bool good() const;
};

/// How closely a spool is looked at.
enum class Depth : uint8_t {
  headers,  ///< of segments and frames: some bytes of each
  all       ///< every checksum, every document
};

/// Looks at a spool without its lock and without changing anything: safe beside a running agent, whose newest documents
/// may be missing from what is found. `master` is the key; without it encrypted segments are a problem.
Result<Survey> survey(Fs& fs, const std::string& directory, std::string_view master, Depth depth);

/// Where documents go that are read by export_documents.
class DocumentSink {
 public:
  virtual ~DocumentSink() = default;
  virtual Result<> take(uint64_t offset, const Doc& doc) = 0;
};

/// Gives the documents of [from, to) in order, each offset once; offsets that are not there are passed. Like survey(),
/// it needs no lock.
Result<> export_documents(Fs& fs, const std::string& directory, std::string_view master, Range range,
                          DocumentSink& sink);

}  // namespace acta::spool
