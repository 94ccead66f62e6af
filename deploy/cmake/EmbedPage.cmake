# Writes the file `source`, which has the bytes of each of `files` of `folder` in the function `namespace`::`name`. These stand in the
# file `facts`. See troupe_page.
cmake_minimum_required(VERSION 3.25)

include(${facts})

set(entries "")
foreach(file IN LISTS files)
  cmake_path(GET file FILENAME file_name)
  file(SHA256 ${file} tag)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(APPEND entries "    {\"${file_name}\", \"${tag}\", \"${bytes}\"sv},\n")
endforeach()
file(WRITE ${source} "// Made from the files of ${folder}.
#include <string_view>
#include <vector>

#include <troupe/bridges/http/page.hpp>

namespace ${namespace} {

std::vector<troupe::http::page_file> ${name}() {
  using namespace std::string_view_literals;
  return {
${entries}  };
}

} // namespace ${namespace}
")
