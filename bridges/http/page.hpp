#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/bridges/http/route.hpp>

namespace troupe::http {

/// A file of a web page that is part of the program. The texts are of static duration.
struct page_file {
  std::string_view name;    ///< without a folder; its extension says its media type
  std::string_view tag;     ///< differs when the content does: letters and digits
  std::string_view content; ///< its bytes
};

/// Where a file is answered beside its path below `/ui/`.
struct page_path {
  std::string path;
  std::string_view file;
};

/// Where the files of a page are.
inline constexpr std::string_view page_folder = "/ui/";

/// The routes of a page: `/ui/NAME` answers each file, and each of `paths` the file that it names, where there is that file.
/// No script, style or connection of another origin is allowed in it, and no other page may frame it. A client asks every
/// time whether its copy is current (RFC 9110, section 13.1.2).
std::vector<route> page_routes(const std::vector<page_file>& files, const std::vector<page_path>& paths);

} // namespace troupe::http
