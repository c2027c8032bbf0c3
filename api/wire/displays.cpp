#include "api/wire/displays.h"

#include <nlohmann/json.hpp>

#include "core/base/utf8.h"

namespace oneshot::api::wire {

using Json = nlohmann::ordered_json;

std::string RunAddress(const std::string& run_id) { return "/api/v1/runs/" + run_id; }

std::string DisplayToJson(const std::string& address, const domain::Display& display) {
  const bool is_image = display.mime != domain::kTable;
  const auto pixels = [is_image](int count) { return is_image ? Json(count) : Json(nullptr); };
  return Json{{"number", display.number},
              {"mime", display.mime},
              {"width", pixels(display.width)},
              {"height", pixels(display.height)},
              {"alt", base::ReplaceInvalidUtf8(display.alt)},
              {"bytes", display.bytes},
              {"url", address + "/displays/" + std::to_string(display.number)}}
      .dump();
}

std::string OutputFileToJson(const std::string& address, const domain::Display& file) {
  return Json{{"number", file.number},
              {"path", base::ReplaceInvalidUtf8(file.alt)},
              {"bytes", file.bytes},
              {"url", address + "/output-files/" + std::to_string(file.number)}}
      .dump();
}

void DisplayReader::Take(const std::vector<domain::OutputRecord>& records) {
  for (const domain::OutputRecord& record : records) {
    if (record.seq != next_seq() || IsDone()) continue;
    if (record.display) bytes_ += record.display->data;
    ++taken_;
  }
}

}  // namespace oneshot::api::wire
