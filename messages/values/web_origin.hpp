#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// How a listed origin must be written to be what browsers send
/// (https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin): in lower case, without path,
/// default port or spaces, its addresses in their shortest form. `*` is every origin, `null` the opaque one, and a host that
/// begins with `*.` every host below the rest. None for what no correction makes an origin.
std::optional<std::string> origin_as_sent(std::string_view listed);

/// Whether it is written so, and can be sent.
bool is_listable_origin(std::string_view listed) noexcept;

/// Whether a listed origin other than `*` means the one that was sent.
bool origin_means(std::string_view listed, std::string_view sent) noexcept;

} // namespace troupe
