#pragma once

#include <string>
#include <vector>

#include "core/domain/run.h"

namespace oneshot::store {

/// The column output_chunks.records: one commit's records as a JSON array, which SQL does not look
/// into. A record is {"ms":12,"pieces":[["o","text"],["e","text",DROPPED_BYTES],["ob","BASE64"]]}
/// or {"ms":12,"display":{"data":"text"}}, with "whole" in the last part of a display; bytes that
/// are not UTF-8 are base64, marked by the b or, in a display, by the key "base64". A record's
/// number is not written: it is that of the chunk plus the place in the array.
std::string EncodeChunk(const std::vector<domain::OutputRecord>& records);

/// The column attempts.displays: what is shown whole with these records, as a JSON array; empty
/// when nothing is.
std::string EncodeDisplays(const std::vector<domain::OutputRecord>& records);

/// Throws std::exception when the text is not ours.
std::vector<domain::Display> DecodeDisplays(const std::string& text);

/// `seq` is the number of the first record. Throws std::exception when the text is not ours.
std::vector<domain::OutputRecord> DecodeChunk(const std::string& text, std::int64_t seq);

}  // namespace oneshot::store
