#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <troupe/bridges/aws/credentials.hpp>

namespace troupe::aws {

/// The settings of one profile by their names.
using profile = std::map<std::string, std::string, std::less<>>;

/// Which of the two shared files: they name profiles differently.
enum class shared_file { config, credentials };

/// Reads a file as https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html has it: profiles by name. Of a setting
/// that stands twice the last counts; nested settings and lines that are none are passed over. Never fails.
std::map<std::string, profile, std::less<>> parse_profiles(std::string_view text, shared_file which);

/// The profile that AWS_PROFILE names, or `default`, from both shared files; what the credentials file says counts more.
/// Without its files it is empty; one that AWS_PROFILE names and that neither has is `invalid`.
expected<profile> read_profile(const surroundings& around);

} // namespace troupe::aws
