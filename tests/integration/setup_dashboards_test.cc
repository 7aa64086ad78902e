// `actabeat setup --dashboards` against a server that answers as Kibana and OpenSearch Dashboards do: what is sent.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <mutex>
#include <vector>

#include "support/certificates.h"
#include "support/command.h"
#include "support/fake_server.h"
#include "support/shared.h"
#include "support/temp_dir.h"

namespace acta {
namespace {

using test::Ran;

#define EXPECT_HAS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)
#define EXPECT_HAS_NOT(text, part) EXPECT_EQ((text).find(part), std::string::npos) << (text)

std::string base64_of_elastic_changeme() {
  return "Basic ZWxhc3RpYzpjaGFuZ2VtZQ==";  // elastic:changeme
}

class SetupDashboards : public testing::Test {
 protected:
  SetupDashboards() : server_([this](const auto& request, auto& response) { answer(request, response); }) {
    file_ = test::source_path("kibana-dashboards/actabeat.ndjson");
  }

  void answer(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    response.status = request.method == "POST" ? import_status_ : status_;
    if (request.method == "POST") return response.set_content(import_answer_, "application/json");
    response.set_header(opensearch_ ? "osd-name" : "kbn-name", "host");
    const std::string version = opensearch_ ? "2.8.0" : "8.12.2";
    response.set_content(status_ == 200 ? R"({"name":"host","version":{"number":")" + version + "\"}}" : denial_,
                         "application/json");
  }

  Ran setup(const std::string& keys, const std::string& arguments = "") {
    const std::string config = dir_.write(
        "a.yml", "path.data: " + dir_ / "data" + "\nactabeat.inputs: [{type: audit_log, paths: [/a.log]}]\n" +
                     "output.elasticsearch: {hosts: [localhost], username: elastic, password: changeme}\n" +
                     "setup.kibana.host: '" + server_.url() + "'\nsetup.dashboards.file: '" + file_ + "'\n" + keys);
    ::chmod(config.c_str(), 0600);
    meet_server();
    Ran ran = test::run_actabeat("setup --dashboards -c " + config + " " + arguments + " 2>&1");
    meet_server();
    return ran;
  }

  /// What one thread wrote before, the other sees: between setups nobody asks the server.
  void meet_server() { const std::lock_guard lock(mutex_); }

  std::string committed() const { return test::run_shell("cat '" + file_ + "'").output; }
  const httplib::Request& import() const { return requests_.back(); }

  test::TempDir dir_;
  std::mutex mutex_;
  std::vector<httplib::Request> requests_;
  bool opensearch_ = false;
  int status_ = 200, import_status_ = 200;
  std::string denial_ = R"({"statusCode":401,"error":"Unauthorized","message":"no such user"})";
  std::string import_answer_ = R"({"success":true,"successCount":137,"successResults":[]})";
  std::string file_;
  test::FakeServer server_;  // last: answers as soon as it is there
};

TEST_F(SetupDashboards, SendsTheFileToKibana) {
  const Ran ran = setup("");
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_HAS(ran.output, "Kibana 8.12.2 at " + server_.url() + "\n");
  EXPECT_HAS(ran.output, "137 objects loaded, of 16 dashboards, ");
  EXPECT_HAS(ran.output, " index-patterns, ");
  ASSERT_EQ(requests_.size(), 2u);
  EXPECT_EQ(requests_[0].method, "GET");
  EXPECT_EQ(requests_[0].path, "/api/status");
  EXPECT_FALSE(requests_[0].has_header("kbn-xsrf"));
  EXPECT_EQ(import().method, "POST");
  EXPECT_EQ(import().path, "/api/saved_objects/_import");
  EXPECT_EQ(import().get_param_value("overwrite"), "true");
  EXPECT_EQ(import().get_header_value("kbn-xsrf"), "true");
  EXPECT_FALSE(import().has_header("osd-xsrf"));
  EXPECT_EQ(import().get_header_value("Authorization"), base64_of_elastic_changeme()) << "those of the output";
  EXPECT_TRUE(import().get_header_value("Content-Type").starts_with("multipart/form-data; boundary="));
  ASSERT_EQ(import().files.size(), 1u);
  const auto file = import().get_file_value("file");
  EXPECT_EQ(file.filename, "actabeat.ndjson");
  EXPECT_EQ(file.content_type, "application/ndjson");
  EXPECT_TRUE(file.content == committed()) << "byte for byte";
}

TEST_F(SetupDashboards, SendsTheFileToOpenSearchDashboards) {
  opensearch_ = true;
  const Ran ran = setup("setup.kibana: {tenant: global, api_key: 'id:key', path: base}\n");
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_HAS(ran.output, "OpenSearch Dashboards 2.8.0 at ");
  EXPECT_EQ(import().path, "/base/api/saved_objects/_import");
  EXPECT_EQ(import().get_header_value("osd-xsrf"), "true");
  EXPECT_FALSE(import().has_header("kbn-xsrf"));
  EXPECT_EQ(import().get_header_value("securitytenant"), "global");
  EXPECT_EQ(import().get_header_value("Authorization"), "ApiKey aWQ6a2V5") << "its own, not the output's";
  EXPECT_TRUE(import().get_file_value("file").content == committed());
}

TEST_F(SetupDashboards, GoesToASpace) {
  EXPECT_EQ(setup("setup.kibana.space.id: audit\n").status, 0);
  EXPECT_EQ(import().path, "/s/audit/api/saved_objects/_import");
  const Ran refused = setup("setup.kibana.space.id: '../x'\n");
  EXPECT_EQ(refused.status, 1);
  EXPECT_HAS(refused.output, "a.yml:4:1: setup.kibana.space.id: must be letters, digits, '_' or '-'");
}

TEST_F(SetupDashboards, NamesWhatIsRefused) {
  import_answer_ =
      R"({"success":false,"successCount":1,"errors":[
      {"id":"a","type":"visualization","title":"One","error":{"type":"missing_references",
       "references":[{"type":"index-pattern","id":"x"},{"type":"search","id":"y"}]}},
      {"id":"b","type":"lens","meta":{"title":"Two\n"},"error":{"type":"unsupported_type"}},
      {"id":"c","type":"search","title":"Three",
       "error":{"type":"unknown","message":"mapping set to strict","statusCode":400}}]})";
  const Ran ran = setup("");
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "1 objects loaded");
  EXPECT_HAS(ran.output, "error: visualization a (One): missing_references: index-pattern x, search y\n");
  EXPECT_HAS(ran.output, "error: lens b (Two ): unsupported_type\n");
  EXPECT_HAS(ran.output, "error: search c (Three): unknown: mapping set to strict\n");
}

TEST_F(SetupDashboards, NamesWhatKeepsItOut) {
  status_ = 401;
  Ran ran = setup("");
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output,
             "/api/status: HTTP 401: Unauthorized: no such user; the server does not know these credentials");
  EXPECT_HAS_NOT(ran.output, "changeme");
  status_ = 200;
  import_status_ = 422;
  import_answer_ = R"({"statusCode":422,"error":"Unprocessable Entity",
      "message":"Document \"x\" has property \"dashboard\" which belongs to a more recent version"})";
  ran = setup("");
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "_import?overwrite=true: HTTP 422: Unprocessable Entity: Document \"x\" has property");
  import_status_ = 200;
  import_answer_ = "<html>";
  EXPECT_HAS(setup("").output, "cannot read the answer: <html>");
  import_answer_ = R"({"success":true,"successCount":-1})";
  EXPECT_HAS(setup("").output, "cannot read the answer");
}

TEST_F(SetupDashboards, IsNotTakenInByAnotherServer) {
  denial_ = R"({"name":"n","cluster_name":"c","tagline":"You Know, for Search"})";
  status_ = 404;
  const Ran ran = setup("");
  EXPECT_EQ(ran.status, 1);
  EXPECT_HAS(ran.output, "HTTP 404");
  EXPECT_HAS(ran.output, "is the path in setup.kibana.host right");
  EXPECT_EQ(requests_.size(), 1u);
}

TEST_F(SetupDashboards, FollowsTheStreamOfCompat) {
  const Ran ran = setup("", "-E output.elasticsearch.compat=auditbeat");
  EXPECT_EQ(ran.status, 0) << ran.output;
  const std::string sent = import().get_file_value("file").content;
  EXPECT_HAS(sent, "\"title\":\"auditbeat-actabeat-*\"");
  EXPECT_HAS_NOT(sent, "logs-actabeat.audit-*");
  EXPECT_HAS(sent, "logs-actabeat.accounting-*");
}

TEST_F(SetupDashboards, DryRunAndPrintSendNothing) {
  const Ran dry = setup("", "--dry-run");
  EXPECT_EQ(dry.status, 0);
  EXPECT_HAS(dry.output, "would load 16 dashboards, ");
  EXPECT_EQ(requests_.size(), 1u) << "only who is there is asked";
  const Ran printed = setup("", "--print");
  EXPECT_EQ(printed.status, 0);
  EXPECT_TRUE(printed.output == committed());
  EXPECT_EQ(requests_.size(), 1u);
}

TEST_F(SetupDashboards, SaysWhatIsWrongWithTheFile) {
  file_ = dir_ / "missing.ndjson";
  EXPECT_HAS(setup("").output, "setup.dashboards.file: ");
  file_ = dir_.write("bad.ndjson", "{\"type\":\"dashboard\",\"attributes\":{}}\n{\"type\":\n");
  EXPECT_HAS(setup("").output, "bad.ndjson:2: is no saved object of Kibana");
  file_ = dir_.write("empty.ndjson", "\n");
  EXPECT_HAS(setup("").output, "empty.ndjson: holds no saved object of Kibana");
  EXPECT_TRUE(requests_.empty());
}

TEST_F(SetupDashboards, ChecksTheCertificate) {
  const test::Authority authority("ca");
  test::FakeServer secure([this](const auto& request, auto& response) { answer(request, response); },
                          {.identity = authority.issue()});
  const std::string host = "-E setup.kibana.host=" + secure.url("localhost");
  EXPECT_HAS(setup("", host).output, "TLS");
  EXPECT_TRUE(requests_.empty());
  const std::string ca = dir_.write("ca.pem", authority.certificate());
  const Ran ran = setup("", host + " -E 'setup.kibana.ssl.certificate_authorities=[" + ca + "]'");
  EXPECT_EQ(ran.status, 0) << ran.output;
}

}  // namespace
}  // namespace acta
