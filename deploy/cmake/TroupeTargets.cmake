# How every Troupe target is made.
#
# A folder is a target, an include path and a namespace. Its headers are found as <troupe/FOLDER/header.hpp> through an
# include directory of the target's own, so that a header of a folder that is not linked is not found: the arrows between
# folders are the link graph.

# An installed program finds CAF where it was found at its build.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

add_library(troupe_build_settings INTERFACE)
target_compile_options(troupe_build_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wcast-qual -Wunused
  $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers>)
# Of what GCC 12 has instrumented it tells what is not so: there a warning is none of ours.
if(TROUPE_WARNINGS_AS_ERRORS AND NOT (TROUPE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU"))
  target_compile_options(troupe_build_settings INTERFACE -Werror)
endif()
if(TROUPE_SANITIZE)
  target_compile_options(troupe_build_settings INTERFACE
    -fsanitize=${TROUPE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # GCC 12 mistakes its own instrumentation of <regex> for a use of what is not initialised.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(troupe_build_settings INTERFACE -fsanitize=${TROUPE_SANITIZE})
endif()
if(TROUPE_BUILD_FUZZERS) # the fuzzer follows what its inputs reach in the libraries too
  target_compile_options(troupe_build_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

# troupe_precompile(TARGET)
#
# Saves a sanitizer's build the parsing of CAF, half of its time, where TROUPE_PRECOMPILE is on. Not for what is released or
# checked: a source could forget an include.
function(troupe_precompile target)
  if(NOT TROUPE_PRECOMPILE)
    return()
  endif()
  if(NOT TARGET troupe_precompiled)
    set(nothing ${PROJECT_BINARY_DIR}/precompiled.cpp)
    file(CONFIGURE OUTPUT ${nothing} CONTENT "")
    add_library(troupe_precompiled OBJECT ${nothing})
    set_target_properties(troupe_precompiled PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(troupe_precompiled PRIVATE CAF::core troupe_build_settings)
    target_compile_options(troupe_precompiled PRIVATE -pthread)
    target_precompile_headers(troupe_precompiled PRIVATE <caf/all.hpp>)
  endif()
  # The compiler wants the same options for all: executables are as libraries are, and what has no threads as what has some.
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${target} PRIVATE -fPIC -pthread)
  target_precompile_headers(${target} REUSE_FROM troupe_precompiled)
endfunction()

# Adds to the list RESULT each header of FOLDER among NAMES, and those of the same folder that it includes, and so on.
function(troupe_headers_reached result folder)
  set(reached ${${result}})
  foreach(name IN LISTS ARGN)
    if(NOT name IN_LIST reached)
      list(APPEND reached ${name})
      file(STRINGS ${PROJECT_SOURCE_DIR}/${folder}/${name} lines REGEX "#include <troupe/${folder}/[^/]*>")
      list(TRANSFORM lines REPLACE "#include <troupe/${folder}/(.*)>.*" "\\1")
      troupe_headers_reached(reached ${folder} ${lines})
    endif()
  endforeach()
  set(${result} ${reached} PARENT_SCOPE)
endfunction()

# troupe_library(NAME FOLDER folder [SOURCES ...] [LINK ...] [PRIVATE_LINK ...] [PUBLIC_HEADERS ...])
#
# FOLDER is the path below the project root, which is also the include path. LINK is what the headers need, PRIVATE_LINK
# what only the sources need. Headers are found by themselves and checked to be self-contained: by the source of their name, which
# includes them before all else, or by one made for it. Installed are the public ones with what they include, or all where none is
# named. What stands below deploy/ is the program's alone and is not installed.
function(troupe_library name)
  cmake_parse_arguments(arg "" "FOLDER" "SOURCES;LINK;PRIVATE_LINK;PUBLIC_HEADERS" ${ARGN})
  set(target troupe_${name})
  set(include_root ${PROJECT_BINARY_DIR}/include/${target})
  cmake_path(GET arg_FOLDER PARENT_PATH parent)
  file(MAKE_DIRECTORY ${include_root}/troupe/${parent})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${arg_FOLDER} ${include_root}/troupe/${arg_FOLDER} SYMBOLIC)

  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    set(own_scope PRIVATE)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
    set(own_scope INTERFACE)
  endif()
  add_library(troupe::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${include_root}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} ${scope} ${arg_LINK})
  if(arg_SOURCES)
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE_LINK} $<BUILD_INTERFACE:troupe_build_settings>)
    troupe_precompile(${target})
  endif()

  file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${arg_FOLDER}/*.hpp)
  if(NOT arg_FOLDER MATCHES "^deploy/")
    set(installed)
    if(arg_PUBLIC_HEADERS)
      troupe_headers_reached(installed ${arg_FOLDER} ${arg_PUBLIC_HEADERS})
      list(TRANSFORM installed PREPEND ${arg_FOLDER}/)
    else()
      set(installed ${headers})
    endif()
    install(TARGETS ${target} EXPORT troupe-targets)
    foreach(header IN LISTS installed)
      install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/troupe/${arg_FOLDER})
    endforeach()
    set_property(GLOBAL APPEND PROPERTY troupe_libraries ${name})
  endif()

  if(TROUPE_BUILD_TESTS AND headers AND NOT TROUPE_SANITIZE)
    set(checks)
    foreach(header IN LISTS headers)
      string(REGEX REPLACE "hpp$" "cpp" source ${PROJECT_SOURCE_DIR}/${header})
      set(first)
      if(EXISTS ${source})
        file(STRINGS ${source} first REGEX "^#include" LIMIT_COUNT 1)
      endif()
      if(first STREQUAL "#include <troupe/${header}>")
        continue()
      endif()
      set(check ${PROJECT_BINARY_DIR}/header_checks/${header}.cpp)
      file(CONFIGURE OUTPUT ${check} CONTENT "#include <troupe/${header}>\n")
      list(APPEND checks ${check})
    endforeach()
    if(checks)
      add_library(${target}_headers OBJECT ${checks})
      target_link_libraries(${target}_headers PRIVATE ${target} ${arg_PRIVATE_LINK} troupe_build_settings)
    endif()
  endif()
endfunction()

# troupe_test(NAME LABEL unit|contract|fault [SERVER command ...] SOURCES ... LINK ...)
#
# A CAF test suite of its own executable, known to CTest as LABEL/NAME. SERVER starts what the tests talk to, runs what stands
# behind `--`, and ends it.
function(troupe_test name)
  cmake_parse_arguments(arg "" "LABEL" "SERVER;SOURCES;LINK" ${ARGN})
  set(target ${arg_LABEL}_${name})
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LINK} troupe_test_main troupe_build_settings)
  troupe_precompile(${target})
  if(arg_SERVER)
    list(APPEND arg_SERVER --)
  endif()
  add_test(NAME ${arg_LABEL}/${name} COMMAND ${arg_SERVER} $<TARGET_FILE:${target}>)
  set_tests_properties(${arg_LABEL}/${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 600)
endfunction()
