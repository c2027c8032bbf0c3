#include "core/base/version.h"

namespace oneshot::base {

std::string Version() { return ONESHOT_VERSION; }

}  // namespace oneshot::base
