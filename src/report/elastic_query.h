#pragma once
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>

#include "report/reading.h"

namespace acta::report {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

/// Which of the documents that are wanted.
enum class Part : uint8_t {
  all,      ///< with the losses of the period
  counted,  ///< those that totals are told of
  others    ///< all but those
};

/// A query, as JSON, for documents of the datasets, hosts and period.
std::string elastic_query(const Wanted& wanted, Part part);

/// `value` as JSON.
std::string json_of(const rapidjson::Value& value);

}  // namespace acta::report
