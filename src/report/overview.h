#pragma once
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "report/accounting/lastcomm.h"
#include "report/accounting/sa.h"
#include "report/activity.h"
#include "report/audit/aulast.h"
#include "report/audit/aureport.h"
#include "report/audit/auvirt.h"
#include "report/document.h"
#include "report/html/page.h"
#include "report/json_table.h"

namespace acta::report {

/// Everything at a glance, as HTML: the figures of the classic commands, by those commands' own code, over documents of
/// all hosts in one pass. Tables show their first or last rows and say how many there are. One thread.
class Overview {
 public:
  explicit Overview(audit::Compat compat);
  ~Overview();

  /// A document of the dataset actabeat.audit or actabeat.accounting.
  void add(const Document& document);
  /// The page. `remarks`: what has to be said before all figures; `subtitle` after the period.
  std::string finish(const std::vector<std::string>& remarks, const std::string& subtitle);

 private:
  /// A report of aureport and the rows of it that are shown.
  struct Part;
  void add_event(const Document& document);
  void add_process(const Document& document);
  void make_parts();
  Part& part(std::string_view option, bool summary, std::string_view title, size_t most);
  void show_summary(html::Page& page);
  void show_logins(html::Page& page);
  void show_parts(html::Page& page, std::string_view section);
  void show_processes(html::Page& page);

  const audit::Compat compat_;
  Activity activity_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::string section_;  ///< that parts are made for

  audit::AulastOptions logins_options_, bad_options_;
  audit::AuvirtOptions guests_options_;
  JsonTable logins_rows_, bad_rows_, guests_rows_;
  audit::Aulast logins_, bad_;
  audit::Auvirt guests_;
  std::unique_ptr<audit::EventOrder> order_;

  accounting::SaOptions commands_options_, users_options_;
  JsonTable commands_rows_, users_rows_;
  accounting::Sa commands_, users_;
  accounting::LastcommOptions last_options_;
  std::deque<std::vector<std::string>> last_;
  uint64_t unread_ = 0;
};

}  // namespace acta::report
