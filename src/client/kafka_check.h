#pragma once
#include <string>
#include <vector>

#include "base/check_step.h"
#include "client/kafka_conf.h"

namespace acta {

/// Looks at a cluster step by step, for `actabeat test output`: login and TLS, brokers, the topic (empty: none is known
/// beforehand) and its partitions. Sends and changes nothing, makes no topic. `conf` is of the output. Waits up to
/// `wait` for the cluster. Blocks.
std::vector<CheckStep> check_kafka(KafkaConf conf, const std::string& topic, Nanos wait);

}  // namespace acta
