#pragma once
#include <memory>

#include "processors/follower.h"

namespace acta::history {

/// Follows logins, boots and guests over audit events, and makes a document of each that is over. Memory: what is open
/// (Logins, Guests), twice, and the steps whose documents are not safe yet. Nearly all events cost the look at their
/// record type.
std::unique_ptr<Follower> make_follower();

}  // namespace acta::history
