# troupe_page(RESULT FUNCTION FOLDER [FILE...])
#
# Makes a source of the files of FOLDER, below the project root, and of the FILEs, which are a web page, and names it in RESULT. It defines FUNCTION,
# such as troupe::host::operator_page, which returns them as std::vector<troupe::http::page_file>. So the program needs no file beside
# it.
function(troupe_page result function folder)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.html ${PROJECT_SOURCE_DIR}/${folder}/*.css
       ${PROJECT_SOURCE_DIR}/${folder}/*.js ${PROJECT_SOURCE_DIR}/${folder}/*.svg)
  foreach(each IN LISTS ARGN)
    list(APPEND files ${PROJECT_SOURCE_DIR}/${each})
  endforeach()
  string(REGEX REPLACE "::([^:]*)$" "" namespace ${function})
  string(REGEX REPLACE "^.*::" "" name ${function})
  set(facts ${CMAKE_CURRENT_BINARY_DIR}/${name}.cmake)
  file(CONFIGURE OUTPUT ${facts} CONTENT
    "set(files \"@files@\")\nset(folder \"@folder@\")\nset(namespace @namespace@)\nset(name @name@)\n" @ONLY)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
  set(script ${PROJECT_SOURCE_DIR}/deploy/cmake/EmbedPage.cmake)
  add_custom_command(OUTPUT ${source} COMMAND ${CMAKE_COMMAND} -D facts=${facts} -D source=${source} -P ${script}
    DEPENDS ${facts} ${files} ${script} VERBATIM)
  set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON) # it changes with the page alone
  set(${result} ${source} PARENT_SCOPE)
endfunction()
