#include "core/domain/run_spec.h"

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "core/base/utf8.h"
#include "core/domain/display.h"

namespace oneshot::domain {
namespace {

void CheckText(std::vector<Fault>& faults, const std::string& pointer, const std::string& text) {
  if (text.find('\0') != std::string::npos) {
    faults.push_back({pointer, "invalid_characters", "must not contain the NUL character"});
  } else if (!base::IsValidUtf8(text)) {
    faults.push_back({pointer, "invalid_characters", "must be valid UTF-8"});
  }
}

void CheckSize(std::vector<Fault>& faults, const std::string& pointer, std::size_t size,
               std::int64_t maximum) {
  if (size <= static_cast<std::size_t>(maximum)) return;
  faults.push_back(
      {pointer, "too_large",
       "has " + std::to_string(size) + " bytes; the limit is " + std::to_string(maximum)});
}

void CheckFiles(std::vector<Fault>& faults, const std::vector<File>& files,
                const LimitPolicy& policy) {
  if (files.size() > static_cast<std::size_t>(policy.files)) {
    faults.push_back(
        {"/files", "too_large", "must have at most " + std::to_string(policy.files) + " elements"});
  }
  CheckSize(faults, "/files", static_cast<std::size_t>(BytesOf(files)), policy.file_bytes);
  std::vector<std::optional<std::string>> wrong;
  std::set<std::string_view> directories;
  for (const File& file : files) {
    const std::string_view path = file.path;
    // Only a path that is right is short, and leads through few directories.
    if (wrong.emplace_back(PathFault(path))) continue;
    for (std::size_t end = path.find('/'); end != path.npos; end = path.find('/', end + 1))
      directories.insert(path.substr(0, end));
  }
  std::set<std::string_view> paths;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string& path = files[i].path;
    const std::string pointer = "/files/" + std::to_string(i) + "/path";
    if (wrong[i]) {
      faults.push_back({pointer, "invalid_path", *wrong[i]});
    } else if (!paths.insert(path).second) {
      faults.push_back({pointer, "invalid_path", "must be another than those of files before it"});
    } else if (directories.contains(path)) {
      faults.push_back({pointer, "invalid_path", "must not be the directory of another file"});
    } else if (path.starts_with("main.py/")) {
      faults.push_back({pointer, "invalid_path", "must not have main.py for a directory"});
    }
  }
}

void CheckOutputs(std::vector<Fault>& faults, const RunSpec& spec) {
  if (spec.outputs.size() > static_cast<std::size_t>(kMaxOutputPatterns)) {
    faults.push_back({"/outputs", "too_large",
                      "must have at most " + std::to_string(kMaxOutputPatterns) + " elements"});
  }
  for (std::size_t i = 0; i < spec.outputs.size(); ++i) {
    if (auto fault = RelativePathFault(spec.outputs[i]))
      faults.push_back({"/outputs/" + std::to_string(i), "invalid_path", *std::move(fault)});
  }
  if (!spec.outputs.empty() && spec.limits.scratch_mib == 0) {
    faults.push_back({"/limits/scratch_mib", "required",
                      "must be more than 0 with outputs: without scratch space a program can write "
                      "no files"});
  }
}

}  // namespace

std::vector<Fault> CheckRunSpec(const RunSpec& spec, const LimitPolicy& policy) {
  std::vector<Fault> faults;
  CheckSize(faults, "/source", spec.source.size(), policy.source_bytes);
  CheckText(faults, "/source", spec.source);
  CheckSize(faults, "/stdin", spec.stdin_data.size(), policy.stdin_bytes);
  CheckText(faults, "/stdin", spec.stdin_data);

  if (spec.args.size() > static_cast<std::size_t>(policy.args)) {
    faults.push_back(
        {"/args", "too_large", "must have at most " + std::to_string(policy.args) + " elements"});
  }
  std::size_t args_bytes = 0;
  for (std::size_t i = 0; i < spec.args.size(); ++i) {
    args_bytes += spec.args[i].size();
    CheckText(faults, "/args/" + std::to_string(i), spec.args[i]);
  }
  CheckSize(faults, "/args", args_bytes, policy.args_bytes);

  CheckFiles(faults, spec.files, policy);
  CheckOutputs(faults, spec);
  if (spec.display_scale != 0 &&
      !(spec.display_scale >= 1 && spec.display_scale <= kMaxDisplayScale)) {
    faults.push_back({"/display", "out_of_range",
                      "must be true, false, or a number between 1 and " +
                          std::to_string(static_cast<int>(kMaxDisplayScale))});
  }
  for (Fault& fault : CheckLimits(spec.limits, policy)) faults.push_back(std::move(fault));
  return faults;
}

}  // namespace oneshot::domain
