# Fails where one of `files` includes <troupe/FOLDER/...> of a folder among `folders` that is not among `linked`. These stand in the
# file `facts`; `checked` is written when all is well.
cmake_minimum_required(VERSION 3.25)

include(${facts})

set(wrong "")
foreach(file IN LISTS files)
  file(STRINGS ${file} includes REGEX "^#include <troupe/")
  list(FILTER includes EXCLUDE REGEX "\\.pb\\.h>") # no folder's, but generated
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^#include <troupe/([^>]*)/[^/>]*>.*" "\\1" folder "${line}")
    # A folder within that of a library is the library's.
    while(NOT folder IN_LIST folders AND folder MATCHES "/")
      string(REGEX REPLACE "/[^/]*$" "" folder "${folder}")
    endwhile()
    if(NOT folder IN_LIST linked)
      string(APPEND wrong "${file}: ${line}: the library does not link that of ${folder}/\n")
    endif()
  endforeach()
endforeach()
if(wrong)
  message(FATAL_ERROR "${wrong}")
endif()
file(TOUCH ${checked})
