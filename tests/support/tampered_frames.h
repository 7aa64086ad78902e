#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "spool/frame.h"

namespace acta::test {

/// What a spool with a bug would have written: changes the header of each segment and frame and makes its CRC right
/// again. Other bytes stay. For spools without encryption, whose frames are bound to their headers by more than a CRC.
std::string change_headers(std::string_view bytes, const std::function<void(spool::SegmentHeader&)>& segment,
                           const std::function<void(spool::FrameHeader&)>& frame);

}  // namespace acta::test
