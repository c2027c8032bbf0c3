#pragma once

#include <string>
#include <vector>

#include "core/domain/run.h"

namespace oneshot::store {

/// The column output_chunks.records: one commit's records as a JSON array, which SQL does not look
/// into. A record is {"ms":12,"pieces":[["o","text"],["e","text",DROPPED_BYTES],["ob","BASE64"]]}
/// or {"ms":12,"display":{"mime":…,"part":0,"parts":1,"data":"text"}}; bytes that are not UTF-8 are
/// base64, marked by the b or, in a display, by the key "base64". A record's number is not written:
/// it is that of the chunk plus the place in the array.
std::string EncodeChunk(const std::vector<domain::OutputRecord>& records);

/// `seq` is the number of the first record. Throws std::exception when the text is not ours.
std::vector<domain::OutputRecord> DecodeChunk(const std::string& text, std::int64_t seq);

}  // namespace oneshot::store
