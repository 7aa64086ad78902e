#include "support/setup_fixture.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/stat.h>

namespace acta::test {

std::string SetupFixture::curl(const Server& server, const std::string& method, const std::string& path,
                               const std::string& body) const {
  std::string command = "curl -sS -m 120 -X " + method;
  if (server.secure())
    command += " --cacert " + server.tls_file("ca.pem") + " -u '" + server.user() + ":" + Server::password() + "'";
  if (!body.empty()) {
    const bool lines = path.find("_bulk") != std::string::npos;
    command += std::string(" -H 'Content-Type: application/") + (lines ? "x-ndjson" : "json") + "' --data-binary @" +
               dir_.write("body.json", body);
  }
  return run_shell(command + " '" + server.address() + path + "' 2>&1").output;
}

rapidjson::Document SetupFixture::json(const Server& server, const std::string& method, const std::string& path,
                                       const std::string& body) const {
  rapidjson::Document document;
  const std::string answer = curl(server, method, path, body);
  document.Parse(answer.c_str());
  EXPECT_FALSE(document.HasParseError()) << answer;
  return document;
}

void SetupFixture::clean(const Server& server) const {
  for (const char* path : {"/_data_stream/logs-actabeat.*", "/_index_template/actabeat.*",
                           "/_component_template/actabeat-*", "/_ingest/pipeline/actabeat"})
    static_cast<void>(curl(server, "DELETE", path));
}

std::string SetupFixture::config_of(const Server& server, const std::string& more, const std::string& user) const {
  std::string text = "path.data: " + dir_ / "data" + "\nactabeat.inputs: [{type: audit_log, paths: [" +
                     dir_ / "audit.log" + "]}]\n" + more + "output.elasticsearch:\n  hosts: ['" + server.address() +
                     "']\n";
  if (server.secure()) {
    text += "  username: " + (user.empty() ? server.user() : user) + "\n  password: " + Server::password() +
            "\n  ssl.certificate_authorities: [" + server.tls_file("ca.pem") + "]\n";
  }
  const std::string file = dir_.write("a.yml", text);
  ::chmod(file.c_str(), 0600);
  return file;
}

Ran SetupFixture::run(const std::string& command, const std::string& config) {
  return run_actabeat(command + " -c " + config + " 2>&1");
}

std::string to_text(const rapidjson::Value& json) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  json.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace acta::test
