#pragma once
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "client/kafka_conf.h"

namespace acta {

/// A member of a consumer group over librdkafka. What it is assigned comes and goes (rebalances); each stay of a
/// partition has a number of its own, its tenure, so that what is late for an earlier one is told from the present.
///
/// Nothing here waits, but for close(), and serve() while partitions are assigned, kPlaceWait at most. serve() has to
/// be called every few seconds also while nothing is taken: else the group takes this member for dead
/// (max.poll.interval.ms). One thread.
class KafkaConsumer {
 public:
  using Tenure = uint32_t;
  struct MessageFree {
    void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
  };
  struct Message {
    std::unique_ptr<rd_kafka_message_t, MessageFree> raw;  ///< no error in it
    Tenure tenure = 0;
    /// The last header of that name; empty where there is none.
    [[nodiscard]] std::string_view header(const char* name) const;
    [[nodiscard]] std::string_view topic() const { return rd_kafka_topic_name(raw->rkt); }
  };
  /// Offsets [from, to) of a partition that are gone.
  struct Gap {
    std::string topic;
    int32_t partition = 0;
    int64_t from = 0, to = 0;
  };
  /// Whether what was taken of a tenure is done with, so that the partition may go.
  using Settled = std::function<bool(Tenure)>;

  struct Options {
    std::vector<std::string> topics;
    bool from_newest = false;  ///< where the group has no place yet; else from the oldest
    int wake_fd = -1;          ///< an eventfd that is made readable when there may be something to take or to serve
    Settled settled;
  };

  /// Joins the group in the background. `conf` has the group's name. Errc::config when librdkafka refuses it. `clock`
  /// outlives it.
  static Result<std::unique_ptr<KafkaConsumer>> make(KafkaConf conf, Options options, const Clock& clock);
  ~KafkaConsumer();
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;

  /// Does what the group asks for. A partition that it takes away goes when it is settled, or after kSettleMax.
  void serve();
  /// At most `count` messages, appended.
  void take(size_t count, std::vector<Message>& into);
  /// Messages of the tenure before `next` are done with: the group will be told within a second.
  void done(Tenure tenure, int64_t next);
  /// Messages that the topic deleted before they were read, since the last call.
  std::vector<Gap> take_gaps() { return std::exchange(gaps_, {}); }
  /// Every assigned partition was read to its end, and there is one.
  [[nodiscard]] bool at_end() const;
  /// Id of the cluster; empty as long as it is not known.
  [[nodiscard]] const std::string& cluster_id();
  /// Tells the group what is done with and leaves it. Waits some seconds at most.
  void close();

 private:
  static constexpr Nanos kSettleMax = 10 * kSecond;
  static constexpr Nanos kPlaceWait = 2 * kSecond;
  struct Partition {
    std::string topic;
    int32_t number = 0;
    int64_t next = -1;  // offset that comes next; -1: not known
    bool leaving = false, at_end = false;
  };
  using List = std::unique_ptr<rd_kafka_topic_partition_list_t, void (*)(rd_kafka_topic_partition_list_t*)>;
  struct QueueFree {
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  };
  using Queue = std::unique_ptr<rd_kafka_queue_t, QueueFree>;

  KafkaConsumer(Options options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}
  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                           void* self);
  static void on_error(rd_kafka_t*, int error, const char* reason, void* self);
  void assign(rd_kafka_topic_partition_list_t* partitions);
  void revoke(const rd_kafka_topic_partition_list_t* partitions);
  void begin(rd_kafka_topic_partition_t& partition);
  void unassign();
  void forward(const std::string& topic, int32_t number, rd_kafka_queue_t* to);
  [[nodiscard]] Tenure tenure_of(std::string_view topic, int32_t number) const;
  void accept(rd_kafka_message_t* raw, std::vector<Message>& into);
  void say(const std::string& what);

  const Options options_;
  const Clock& clock_;
  KafkaClient kafka_;
  Queue messages_;              // of all partitions, so that what the group says does not queue up behind them
  std::vector<Message> stray_;  // came the other way
  std::map<Tenure, Partition> ours_;
  Tenure next_tenure_ = 1;
  List leaving_{nullptr, rd_kafka_topic_partition_list_destroy};  // to be given back
  Nanos leave_at_ = 0;                                            // whether it is settled or not
  std::vector<Gap> gaps_;
  bool was_assigned_ = false, closing_ = false;
  std::string cluster_id_;
  std::string said_;  // the trouble that was logged last
};

}  // namespace acta
