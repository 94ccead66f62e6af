#pragma once

#include <troupe/bridges/amqp/config.hpp>

namespace troupe::amqp {

/// Reads a URL as https://www.rabbitmq.com/uri-spec.html has it, of one host or several:
///
///     amqp[s]://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]...][/VHOST]
///
/// Parts may be percent-encoded. Without a user it is `guest`, without a port 5672 or 5671, without a virtual host `/`; an
/// IPv6 address stands in brackets. Fails with `invalid`, which names the part that is wrong and quotes nothing of it: the
/// password stands there.
expected<access> parse_url(const secret& text);

} // namespace troupe::amqp
