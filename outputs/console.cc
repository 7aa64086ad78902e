#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <iterator>

#include "outputs/output.h"

namespace acta {
namespace {

/// What became of writing some bytes.
struct Written {
  size_t bytes = 0;
  int failed = 0;  ///< errno, ETIMEDOUT when the reader was too slow, or 0
};

/// Writes to a descriptor that may block, be non-blocking, or have lost its reader, until `deadline` (monotonic).
Written write_until(int fd, std::string_view bytes, Nanos deadline, const Clock& clock) {
  Written done;
  while (done.bytes < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done.bytes, bytes.size() - done.bytes);
    if (n > 0) {
      done.bytes += static_cast<size_t>(n);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
      done.failed = errno;
      return done;
    }
    const Nanos left = deadline - clock.monotonic();
    if (left <= 0) {
      done.failed = ETIMEDOUT;
      return done;
    }
    pollfd waiting{.fd = fd, .events = POLLOUT, .revents = 0};
    ::poll(&waiting, 1, static_cast<int>(std::min<Nanos>(left / kMillisecond + 1, 1000)));
  }
  return done;
}

/// Writes numbers as they were read.
class PrettyWriter : public rapidjson::PrettyWriter<rapidjson::StringBuffer> {
 public:
  using rapidjson::PrettyWriter<rapidjson::StringBuffer>::PrettyWriter;
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return RawValue(text, size, rapidjson::kNumberType);
  }
};

/// Re-writes a JSON document with line ends and indentation. False when it is not JSON.
bool append_pretty(std::string_view json, std::string& out) {
  rapidjson::MemoryStream stream(json.data(), json.size());
  rapidjson::StringBuffer pretty;
  PrettyWriter writer(pretty);
  writer.SetIndent(' ', 2);
  rapidjson::Reader reader;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;
  if (reader.Parse<kFlags>(stream, writer).IsError()) return false;
  // DEL and the C1 controls (C2 80 to C2 9F), which the library does not escape, must not reach a terminal.
  const std::string_view text(pretty.GetString(), pretty.GetSize());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto next = static_cast<uint8_t>(i + 1 < text.size() ? text[i + 1] : 0);
    if (text[i] == '\x7f') {
      out.append("\\u007F");
    } else if (text[i] == '\xc2' && next >= 0x80 && next < 0xa0) {
      fmt::format_to(std::back_inserter(out), "\\u{:04X}", next);
      ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return true;
}

/// A descriptor of our own for the pipe or terminal behind `fd`, non-blocking so that deadlines hold; -1 where there is
/// none. Not a flag on `fd` itself: that would change it for every process that shares it.
int reopen_non_blocking(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0 || (!S_ISFIFO(st.st_mode) && ::isatty(fd) == 0)) return -1;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/// Documents to standard output, one per line or pretty. `accepted` means written to the descriptor. A reader that has
/// left (EPIPE, a closed descriptor) is gone for good: Attempt::gone. A slow one makes us wait until the deadline; a
/// document of which a part was written by then goes on where it was left.
class ConsoleOutput final : public Output {
 public:
  ConsoleOutput(int fd, bool pretty) : fd_(fd), pretty_(pretty) {}
  ~ConsoleOutput() override { static_cast<void>(ConsoleOutput::close()); }
  ConsoleOutput(const ConsoleOutput&) = delete;
  ConsoleOutput& operator=(const ConsoleOutput&) = delete;

  Result<> connect() override {
    if (ready_) return {};
    // A reader that leaves must be an error of write(), not the end of the agent.
    if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return fail_errno("cannot ignore SIGPIPE", errno);
    own_fd_ = reopen_non_blocking(fd_);
    ready_ = true;
    return {};
  }

  Attempt send(Docs docs, Nanos deadline) override {
    if (!ready_) return Attempt::all(Fate::retry, docs.size(), "standard output is not connected");
    Attempt attempt = Attempt::all(Fate::accepted, docs.size());
    for (size_t at = 0; at < docs.size(); at += ends_.size()) {
      const std::string_view text = render(docs.subspan(at));
      const size_t skip = torn_bytes_ > 0 && docs[at].meta.id == torn_id_ ? torn_bytes_ : 0;
      const Written written = write_until(own_fd_ >= 0 ? own_fd_ : fd_, text.substr(skip), deadline, clock_);
      torn_bytes_ = 0;
      if (written.failed == 0) continue;
      stopped(docs.subspan(at), skip + written.bytes);
      const size_t whole = at + whole_in(skip + written.bytes);
      std::fill(attempt.fate.begin() + static_cast<std::ptrdiff_t>(whole), attempt.fate.end(), Fate::retry);
      attempt.why = why(written.failed);
      attempt.gone = written.failed == EPIPE || written.failed == EBADF;
      return attempt;
    }
    return attempt;
  }

  Result<> tick(Nanos) override { return {}; }

  Result<> close() override {
    if (own_fd_ >= 0) ::close(own_fd_);
    own_fd_ = -1;
    ready_ = false;
    return {};
  }

 private:
  static constexpr size_t kTextBytes = 1u << 20;

  // The text of the first of the documents, and in ends_ where each of them ends in it.
  std::string_view render(Docs docs) {
    ends_.clear();
    return pretty_ ? render_pretty(docs) : render_lines(docs.first(side_by_side(docs)));
  }

  std::string_view render_lines(Docs docs) {
    size_t end = 0;
    for (const Doc& doc : docs) ends_.push_back(end += doc.json.size() + 1);
    return lines_of(docs);
  }

  // A batch of large documents is not written anew as a whole.
  std::string_view render_pretty(Docs docs) {
    text_.clear();
    for (size_t i = 0; i < docs.size() && text_.size() < kTextBytes; ++i) {
      if (!append_pretty(docs[i].json, text_)) text_.append(docs[i].json);
      text_.push_back('\n');
      ends_.push_back(text_.size());
    }
    return text_;
  }

  // How many of the rendered documents the first bytes of their text hold whole.
  [[nodiscard]] size_t whole_in(size_t bytes) const {
    return static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), bytes) - ends_.begin());
  }

  // Remembers where writing stopped: `bytes` into the text of the first of `docs`.
  void stopped(Docs docs, size_t bytes) {
    const size_t whole = whole_in(bytes);
    torn_bytes_ = bytes - (whole == 0 ? 0 : ends_[whole - 1]);
    torn_id_ = docs[whole].meta.id;
  }

  static std::string why(int failed) {
    if (failed == ETIMEDOUT) return "standard output is not read";
    if (failed == EPIPE || failed == EBADF) return "standard output is closed";
    return fail_errno("cannot write to standard output", failed).value().what;
  }

  int fd_;
  int own_fd_ = -1;
  bool pretty_;
  bool ready_ = false;
  SystemClock clock_;
  std::string text_;          // of documents made pretty; reused
  std::vector<size_t> ends_;  // of the rendered documents
  std::string torn_id_;       // the document of which only
  size_t torn_bytes_ = 0;     // so many bytes were written
};

constexpr Option kOptions[] = {
    {.key = "pretty",
     .type = Option::Type::boolean,
     .fallback = "false",
     .help = "Write each document over several lines, indented, for people to read."},
};

constexpr Component<Output> kConsole = {
    .name = "console",
    .summary = "Documents to standard output, one JSON object per line.",
    .options = kOptions,
    .make = [](const Settings& settings) -> Result<std::unique_ptr<Output>> {
      return std::make_unique<ConsoleOutput>(STDOUT_FILENO, settings.boolean("pretty"));
    },
};

const Register<Output> kRegistered(kConsole);

}  // namespace
}  // namespace acta
