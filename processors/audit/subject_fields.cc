#include "processors/audit/subject_fields.h"

#include "processors/audit/record_types.h"

namespace acta::audit {
namespace {

void write_service(Draft& draft) {
  const std::string_view unit = draft.primary_words(Key::kUnit);
  if (unit.empty()) return;
  draft.out->set_view(FieldId::kServiceName, unit);
  draft.out->set_view(FieldId::kServiceType, "systemd");
}

// rpm: name-version-release.arch. Others write what they like: the whole is the name.
void write_package(Draft& draft) {
  std::string_view name = draft.primary_words(Key::kSw);
  if (name.empty()) return;
  Event& out = *draft.out;
  const std::string_view kind = draft.primary_words(Key::kSwType);
  if (!kind.empty()) out.set_view(FieldId::kPackageType, kind);
  if (kind == "rpm") {
    const size_t release = name.rfind('-');
    const size_t version = release == std::string_view::npos || release == 0 ? release : name.rfind('-', release - 1);
    const size_t architecture = name.rfind('.');
    if (version != std::string_view::npos && version > 0) {
      const size_t end = architecture != std::string_view::npos && architecture > release ? architecture : name.size();
      out.set_view(FieldId::kPackageVersion, name.substr(version + 1, end - version - 1));
      name = name.substr(0, version);
    }
  }
  out.set_view(FieldId::kPackageName, name);
}

void write_reason(Draft& draft) {
  const uint16_t record_type = draft.primary_record().type();
  std::string_view reason = draft.primary_words(Key::kReason);
  if (record_type == type::kAnomAbend || record_type == type::kSeccomp) {
    const Value* words = draft.out->find(FieldId::kAuditdInterpreted, "sig");
    if (words != nullptr) reason = words->text();
  }
  if (!reason.empty()) draft.out->set_view(FieldId::kEventReason, reason);
}

}  // namespace

void write_subject(Draft& draft) {
  switch (draft.primary_record().type()) {
    case type::kServiceStart:
    case type::kServiceStop:
      write_service(draft);
      break;
    case type::kSoftwareUpdate:
      write_package(draft);
      break;
    default:
      break;
  }
  write_reason(draft);
}

}  // namespace acta::audit
