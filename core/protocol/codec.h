/// The spelling of runner protocol 2: message to JSON line and back. The only place that knows the
/// keys; runner and controller share it, so both sides change together.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/protocol/messages.h"

namespace oneshot::protocol {

/// One line with its newline. Bytes that are not valid UTF-8 travel as base64: under `<key>_b64`,
/// and in the pieces of an Output behind a stream letter with `b` appended.
std::string Encode(const Command& command);
std::string Encode(const Record& record);

/// `line` comes without its newline. Unknown keys are ignored (a newer peer may add some); limits
/// that are missing keep their defaults. Errors: kInvalidArgument - not JSON, an unknown type, a
/// missing key, a value of the wrong kind or out of range, a protocol version other than ours. The
/// message names the fault and never quotes the line's content.
base::Result<Command> DecodeCommand(std::string_view line);
base::Result<Record> DecodeRecord(std::string_view line);

/// The stable string of the protocol and of the HTTP API: "wall_time_exceeded".
std::string_view ToString(Reason reason);

}  // namespace oneshot::protocol
