#pragma once

namespace troupe::mongodb {

/// Begins the library, once per process, before anything of it is used. What it would write to stderr by itself is thrown
/// away: its errors say it too. It is not ended: a thread that was left behind may still be in it when the process ends.
void begin_library();

} // namespace troupe::mongodb
