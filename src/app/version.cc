// Placeholder of the commands; replaced by src/app/*.
namespace acta {
extern const char* const kVersion;
const char* const kVersion = ACTA_VERSION;
}  // namespace acta
