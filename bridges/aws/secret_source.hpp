#pragma once

#include <troupe/actors/runtime/spawning.hpp>
#include <troupe/bridges/aws/config.hpp>
#include <troupe/messages/ports/secret_source.hpp>

namespace troupe::aws {

/// Spawns a source of the secrets that AWS Secrets Manager and Parameter Store keep; it answers `unsupported` for others.
///
/// - A request for a `cached` secret gets one that was read lately. A request for it `anew` gets one that was read from AWS
///   after the request came; requests for the same secret share an answer where they may.
/// - What AWS throttles or fails at is asked again after a jittered, growing wait, or after what AWS asks for, while the
///   deadline allows it; the last reason is then the answer.
/// - Credentials are found as `choose_provider` does, and looked for again when they are refused.
///
/// The credentials need `secretsmanager:GetSecretValue` and `ssm:GetParameter` on what is read, and `kms:Decrypt` where it
/// is encrypted with a customer managed key. Throws `std::invalid_argument` for a configuration that `validate` refuses.
secret_source_actor spawn_secret_source(const spawn_context& context, config settings);

} // namespace troupe::aws
