#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/messages/values/deadline.hpp>
#include <troupe/messages/values/error.hpp>
#include <troupe/messages/values/secret.hpp>

namespace troupe {

/// The keepers of secrets.
enum class secret_keeper : std::uint8_t {
  environment,     ///< of this process
  file,            ///< such as one that Kubernetes mounts
  secrets_manager, ///< AWS Secrets Manager
  parameter_store, ///< AWS Systems Manager Parameter Store
};

/// Where a secret is kept: a name, never the secret.
struct secret_reference {
  secret_keeper keeper = secret_keeper::environment;
  std::string name;  ///< a variable, an absolute path, or what AWS calls it: a name or an ARN
  std::string stage; ///< which version of a secret of Secrets Manager; empty: the current one
  std::string field; ///< which member of the JSON object that the secret is; empty: the whole text

  friend bool operator==(const secret_reference&, const secret_reference&) = default;
};

/// Reads the form of topologies, whose parts stand in the order of a URI (RFC 3986):
///
///     env:NAME[#FIELD]
///     file:/PATH[#FIELD]
///     aws-secretsmanager:NAME[?stage=STAGE][#FIELD]
///     aws-ssm:NAME[#FIELD]
///
/// Nothing is escaped: a FIELD begins after the first `#`. Fails with `invalid`, which says what was expected and does not
/// repeat the text, which may be the secret itself.
expected<secret_reference> parse_secret_reference(std::string_view text);

/// The form above.
std::string to_string(const secret_reference& reference);

/// The longest file, in bytes, that is read as a secret.
inline constexpr std::size_t largest_secret_file = std::size_t{64} << 10U;

/// How old a secret may be.
enum class freshness : std::uint8_t {
  cached, ///< as it was within the last minutes
  anew,   ///< as it is now: what was read before was refused where it was used
};

/// Asks for a secret.
struct read_secret {
  secret_reference reference;
  freshness how = freshness::cached;
  deadline answer_by;
};

struct secret_value {
  secret text;
  std::string version; ///< what its keeper calls this version; empty where it has no name for it
};

/// A text without the line ends at its end, which editors, `echo` and mounted files add.
std::string without_line_ends(std::string text);

/// The member `field` of the JSON object that `whole` is: a text as it is, anything else as JSON; all of `whole` without a
/// field; either without the line ends at its end. Fails with `undecodable` where it is no object, `not_found` where it has
/// no such member and `invalid` where it is nothing but line ends, and quotes nothing of it.
expected<secret> select_field(const secret& whole, const std::string& field);

/// The parts of a text between commas, as Parameter Store's StringList has them, without the blanks around them and without
/// empty ones.
std::vector<std::string> split_list(std::string_view text);

} // namespace troupe
