#pragma once
#include <string>

namespace acta {

/// Every field that a document can have, in the order of documents: name, type, array, doc.
std::string fields_yaml();
std::string fields_json();
/// The same as a page of the documentation.
std::string fields_markdown();

}  // namespace acta
