#include "support/command.h"

#include <sys/wait.h>

#include <cstdio>

#include "support/shared.h"

namespace acta::test {

Ran run_shell(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) return ran;
  char chunk[4096];
  while (const size_t n = std::fread(chunk, 1, sizeof chunk, pipe)) ran.output.append(chunk, n);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) ran.status = WEXITSTATUS(status);
  return ran;
}

Ran run_actabeat(const std::string& arguments) { return run_shell(program_path() + " " + arguments); }

}  // namespace acta::test
