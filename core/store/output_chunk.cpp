#include "core/store/output_chunk.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/base/base64.h"
#include "core/base/utf8.h"

namespace oneshot::store {
namespace {

using Json = nlohmann::ordered_json;

std::string FromBase64(const std::string& text) {
  auto bytes = base::Base64Decode(text);
  if (!bytes) throw std::invalid_argument("a chunk's bytes are not base64");
  return *std::move(bytes);
}

Json EncodePiece(const domain::OutputPiece& piece) {
  std::string stream = piece.stream == domain::Stream::kStdout ? "o" : "e";
  const bool is_text = base::IsValidUtf8(piece.data);
  if (!is_text) stream += 'b';
  Json json = Json::array({stream, is_text ? piece.data : base::Base64Encode(piece.data)});
  if (piece.dropped_bytes > 0) json.push_back(piece.dropped_bytes);
  return json;
}

domain::OutputPiece DecodePiece(const Json& json) {
  const auto stream = json.at(0).get<std::string>();
  const auto data = json.at(1).get<std::string>();
  return {.stream = stream.at(0) == 'o' ? domain::Stream::kStdout : domain::Stream::kStderr,
          .data = stream.ends_with('b') ? FromBase64(data) : data,
          .dropped_bytes = json.size() > 2 ? json.at(2).get<std::int64_t>() : 0};
}

Json DisplayToJson(const domain::Display& display) {
  return {{"number", display.number},
          {"mime", display.mime},
          {"width", display.width},
          {"height", display.height},
          {"alt", base::ReplaceInvalidUtf8(display.alt)},
          {"bytes", display.bytes},
          {"first_seq", display.first_seq},
          {"last_seq", display.last_seq}};
}

domain::Display DisplayFromJson(const Json& json) {
  return {.number = json.at("number").get<int>(),
          .mime = json.at("mime").get<std::string>(),
          .width = json.at("width").get<int>(),
          .height = json.at("height").get<int>(),
          .alt = json.at("alt").get<std::string>(),
          .bytes = json.at("bytes").get<std::int64_t>(),
          .first_seq = json.at("first_seq").get<std::int64_t>(),
          .last_seq = json.at("last_seq").get<std::int64_t>()};
}

Json EncodeDisplay(const domain::DisplayPart& display) {
  Json json = Json::object();
  if (base::IsValidUtf8(display.data)) {
    json["data"] = display.data;
  } else {
    json["base64"] = base::Base64Encode(display.data);
  }
  if (display.whole) json["whole"] = DisplayToJson(*display.whole);
  return json;
}

domain::DisplayPart DecodeDisplay(const Json& json) {
  domain::DisplayPart part{.data = json.contains("base64")
                                       ? FromBase64(json.at("base64").get<std::string>())
                                       : json.at("data").get<std::string>()};
  if (json.contains("whole")) part.whole = DisplayFromJson(json.at("whole"));
  return part;
}

}  // namespace

std::string EncodeChunk(const std::vector<domain::OutputRecord>& records) {
  Json chunk = Json::array();
  for (const domain::OutputRecord& record : records) {
    Json json{{"ms", record.ms}};
    if (record.display) {
      json["display"] = EncodeDisplay(*record.display);
    } else {
      Json& pieces = json["pieces"] = Json::array();
      for (const domain::OutputPiece& piece : record.pieces) pieces.push_back(EncodePiece(piece));
    }
    chunk.push_back(std::move(json));
  }
  return chunk.dump();
}

std::string EncodeDisplays(const std::vector<domain::OutputRecord>& records) {
  Json displays = Json::array();
  for (const domain::OutputRecord& record : records) {
    if (record.display && record.display->whole)
      displays.push_back(DisplayToJson(*record.display->whole));
  }
  return displays.empty() ? "" : displays.dump();
}

std::vector<domain::Display> DecodeDisplays(const std::string& text) {
  std::vector<domain::Display> displays;
  if (text.empty()) return displays;
  for (const Json& json : Json::parse(text)) displays.push_back(DisplayFromJson(json));
  return displays;
}

std::vector<domain::OutputRecord> DecodeChunk(const std::string& text, std::int64_t seq) {
  std::vector<domain::OutputRecord> records;
  for (const Json& json : Json::parse(text)) {
    domain::OutputRecord& record = records.emplace_back();
    record.seq = seq++;
    record.ms = json.at("ms").get<std::int64_t>();
    if (json.contains("display")) {
      record.display = DecodeDisplay(json.at("display"));
    } else {
      for (const Json& piece : json.at("pieces")) record.pieces.push_back(DecodePiece(piece));
    }
  }
  return records;
}

}  // namespace oneshot::store
