#pragma once

#include <string>

namespace troupe {

/// The PEM files of one end of a TLS connection. Bridges read them again when they change, so that a rotated certificate
/// is used without a restart.
struct tls_files {
  std::string authorities; ///< whose certificates are trusted; empty: the system's for a client, nobody's for a server
  std::string certificate; ///< the own chain, leaf first; a client may leave it empty with `key`
  std::string key;         ///< the own private key, not encrypted

  friend bool operator==(const tls_files&, const tls_files&) = default;
};

} // namespace troupe
