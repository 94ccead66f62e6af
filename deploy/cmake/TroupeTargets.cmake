# How every Troupe target is made.
#
# A folder is a target, an include path and a namespace. Its headers are found as <troupe/FOLDER/header.hpp> in include/, whose
# links lead to the folders of the source tree. The arrows between folders are the link graph: an include of a folder that is not
# linked fails the build (troupe_check_includes).

# An installed program finds CAF where it was found at its build.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

add_library(troupe_build_settings INTERFACE)
target_compile_options(troupe_build_settings INTERFACE
  -pthread # everywhere, since precompiled headers are shared
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wcast-qual -Wunused
  -Wno-missing-field-initializers
  # A compiler cache would take every precompiled header for another.
  "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
# GCC 12 gives false warnings for instrumented code.
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
if(TROUPE_LINKER)
  target_link_options(troupe_build_settings INTERFACE -fuse-ld=${TROUPE_LINKER})
endif()
if(TROUPE_BUILD_FUZZERS) # the fuzzer follows what its inputs reach in the libraries too
  target_compile_options(troupe_build_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

# A type with a member of an unnamed namespace is a header's mistake; where sources are compiled as one, each is taken for a header.
set(troupe_unity_options)
if(TROUPE_UNITY)
  set(troupe_unity_options $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()

# What tests are built with: without optimisation, which they do not need, while what they test keeps it.
add_library(troupe_test_settings INTERFACE)
if(TROUPE_SANITIZE)
  target_compile_definitions(troupe_test_settings INTERFACE TROUPE_SANITIZED)
else()
  target_compile_options(troupe_test_settings INTERFACE -O0)
endif()
if(TROUPE_SANITIZE MATCHES "undefined")
  # What is at every access of memory doubles the code of a test, and is still asked in what it tests.
  target_compile_options(troupe_test_settings INTERFACE -fno-sanitize=null,alignment,object-size,vptr)
endif()

# troupe_precompile(TARGET [HEADER ...])
#
# Parses the headers once for the whole target, where TROUPE_PRECOMPILE is on. Targets that name one and the same header share it.
# A library names only headers of others, so that a source that forgets an include of ours does not compile; what else it forgets is
# found where TROUPE_PRECOMPILE is off.
function(troupe_precompile target)
  if(NOT TROUPE_PRECOMPILE OR NOT ARGN)
    return()
  endif()
  list(LENGTH ARGN count)
  if(count GREATER 1)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    return()
  endif()
  # Tests are compiled without optimisation, which the headers must be too.
  get_target_property(linked ${target} LINK_LIBRARIES)
  set(use product)
  if("troupe_test_settings" IN_LIST linked)
    set(use test)
  endif()
  string(MAKE_C_IDENTIFIER "troupe_precompiled ${use} ${ARGN}" shared)
  if(NOT TARGET ${shared})
    set(nothing ${PROJECT_BINARY_DIR}/precompiled.cpp)
    file(CONFIGURE OUTPUT ${nothing} CONTENT "")
    add_library(${shared} OBJECT ${nothing})
    target_link_libraries(${shared} PRIVATE CAF::core troupe_build_settings)
    target_precompile_headers(${shared} PRIVATE ${ARGN})
    if(use STREQUAL "test")
      target_link_libraries(${shared} PRIVATE troupe_test_main troupe_test_settings)
    else()
      set_target_properties(${shared} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${shared})
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

# troupe_library(NAME FOLDER folder [INTERNAL] [SOURCES ...] [LINK ...] [PRIVATE_LINK ...] [PUBLIC_HEADERS ...] [PRECOMPILE ...])
#
# FOLDER is the path below the project root, which is also the include path. LINK is what the headers need, PRIVATE_LINK
# what only the sources need. Headers are found by themselves; installed are the public ones with what they include, or all where
# none is named, save of an INTERNAL library, which others only link. deploy/reference is not installed. PRECOMPILE names headers that most sources
# include. Where TROUPE_CHECK_HEADERS is on, the target check_headers compiles each header by itself.
function(troupe_library name)
  cmake_parse_arguments(arg "INTERNAL" "FOLDER" "SOURCES;LINK;PRIVATE_LINK;PUBLIC_HEADERS;PRECOMPILE" ${ARGN})
  set(target troupe_${name})

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
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} ${scope} ${arg_LINK})
  if(arg_SOURCES)
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE_LINK} $<BUILD_INTERFACE:troupe_build_settings>)
    troupe_precompile(${target} ${arg_PRECOMPILE})
    if(TROUPE_UNITY)
      set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${TROUPE_UNITY})
      target_compile_options(${target} PRIVATE ${troupe_unity_options})
    endif()
  endif()

  file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/${arg_FOLDER}/*.hpp)
  set(files ${arg_SOURCES})
  list(FILTER files EXCLUDE REGEX "^/") # generated
  list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  foreach(header IN LISTS headers)
    list(APPEND files ${PROJECT_SOURCE_DIR}/${header})
  endforeach()
  set_target_properties(${target} PROPERTIES
    TROUPE_FOLDER ${arg_FOLDER} TROUPE_FILES "${files}" TROUPE_LINKS "${arg_LINK};${arg_PRIVATE_LINK}")
  set_property(GLOBAL APPEND PROPERTY troupe_folders ${target})

  if(NOT arg_FOLDER MATCHES "^deploy/reference")
    set(installed)
    if(arg_PUBLIC_HEADERS)
      troupe_headers_reached(installed ${arg_FOLDER} ${arg_PUBLIC_HEADERS})
      list(TRANSFORM installed PREPEND ${arg_FOLDER}/)
    elseif(NOT arg_INTERNAL)
      set(installed ${headers})
    endif()
    install(TARGETS ${target} EXPORT troupe-targets)
    foreach(header IN LISTS installed)
      install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/troupe/${arg_FOLDER})
    endforeach()
    set_property(GLOBAL APPEND PROPERTY troupe_libraries ${name})
  endif()

  if(TROUPE_CHECK_HEADERS AND headers)
    set(checks)
    foreach(header IN LISTS headers)
      set(check ${PROJECT_BINARY_DIR}/header_checks/${header}.cpp)
      file(CONFIGURE OUTPUT ${check} CONTENT "#include <troupe/${header}>\n")
      list(APPEND checks ${check})
    endforeach()
    add_library(${target}_headers OBJECT ${checks})
    target_link_libraries(${target}_headers PRIVATE ${target} ${arg_PRIVATE_LINK} troupe_build_settings)
    if(NOT TARGET check_headers)
      add_custom_target(check_headers)
    endif()
    add_dependencies(check_headers ${target}_headers)
  endif()
endfunction()

# Adds to the list RESULT the folders of the library TARGET and of all that it links.
function(troupe_folders_linked result target)
  get_target_property(folder ${target} TROUPE_FOLDER)
  if(NOT folder OR folder IN_LIST ${result})
    return()
  endif()
  set(reached ${${result}} ${folder})
  get_target_property(links ${target} TROUPE_LINKS)
  list(FILTER links INCLUDE REGEX "^troupe::")
  foreach(link IN LISTS links)
    string(REPLACE "::" "_" link ${link})
    troupe_folders_linked(reached ${link})
  endforeach()
  set(${result} ${reached} PARENT_SCOPE)
endfunction()

# Has every library see, before it is built, that its files include no folder which it does not link. After all libraries are known.
function(troupe_check_includes)
  get_property(targets GLOBAL PROPERTY troupe_folders)
  set(folders)
  foreach(target IN LISTS targets)
    get_target_property(folder ${target} TROUPE_FOLDER)
    list(APPEND folders ${folder})
  endforeach()
  foreach(target IN LISTS targets)
    get_target_property(files ${target} TROUPE_FILES)
    set(linked)
    troupe_folders_linked(linked ${target})
    set(facts ${PROJECT_BINARY_DIR}/includes/${target}.cmake)
    file(CONFIGURE OUTPUT ${facts} CONTENT "set(files ${files})\nset(linked ${linked})\nset(folders ${folders})\n")
    set(checked ${PROJECT_BINARY_DIR}/includes/${target}.checked)
    add_custom_command(OUTPUT ${checked}
      COMMAND ${CMAKE_COMMAND} -D facts=${facts} -D checked=${checked} -P ${PROJECT_SOURCE_DIR}/deploy/cmake/CheckIncludes.cmake
      DEPENDS ${facts} ${files} ${PROJECT_SOURCE_DIR}/deploy/cmake/CheckIncludes.cmake VERBATIM)
    add_custom_target(${target}_includes DEPENDS ${checked})
    add_dependencies(${target} ${target}_includes)
  endforeach()
endfunction()

# Where TROUPE_UNITY is on, replaces that many sources of tests at a time in the list SOURCES by one that holds them, where
# CMake's own unity would have two suites share their names. One that defines a macro of its own stays by itself.
function(troupe_join_suites sources target)
  if(NOT TROUPE_UNITY)
    return()
  endif()
  set(alone)
  set(suites)
  foreach(source IN LISTS ${sources})
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    file(STRINGS ${source} suite REGEX "^#define CAF_SUITE ")
    file(STRINGS ${source} own REGEX "^#define ")
    if(suite AND own STREQUAL suite)
      list(APPEND suites ${source})
    else()
      list(APPEND alone ${source})
    endif()
  endforeach()
  set(script ${PROJECT_SOURCE_DIR}/deploy/cmake/JoinSuites.cmake)
  while(suites)
    list(SUBLIST suites 0 ${TROUPE_UNITY} joined)
    list(REMOVE_ITEM suites ${joined})
    list(GET joined 0 first)
    cmake_path(GET first STEM stem)
    set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}_from_${stem}.cpp)
    add_custom_command(OUTPUT ${source}
      COMMAND ${CMAKE_COMMAND} -D joined=${source} "-D suites=${joined}" -P ${script}
      DEPENDS ${joined} ${script} COMMENT "Joining suites of ${target}" VERBATIM)
    list(APPEND alone ${source})
  endwhile()
  set(${sources} ${alone} PARENT_SCOPE)
endfunction()

# troupe_test(NAME LABEL unit|contract|fault [EACH_SUITE] [ONE_THREAD] [SERVER command ...] SOURCES ... LINK ...
#             [DEFINE ...])
#
# CAF test suites in an executable of their own, known to CTest as LABEL/NAME, or with EACH_SUITE as LABEL/SUITE for the suite of each
# source. SERVER starts the server of the tests, runs the command behind `--`, and ends the server. A test with
# ONE_THREAD is not built for the thread sanitizer. The target tests_LABEL builds all of a label.
function(troupe_test name)
  cmake_parse_arguments(arg "EACH_SUITE;ONE_THREAD" "LABEL" "SERVER;SOURCES;LINK;DEFINE" ${ARGN})
  if(arg_ONE_THREAD AND TROUPE_SANITIZE STREQUAL "thread")
    return()
  endif()
  set(target ${arg_LABEL}_${name})
  set(compiled ${arg_SOURCES})
  troupe_join_suites(compiled ${target})
  add_executable(${target} ${compiled})
  target_compile_definitions(${target} PRIVATE ${arg_DEFINE})
  target_compile_options(${target} PRIVATE ${troupe_unity_options})
  target_link_libraries(${target} PRIVATE ${arg_LINK} troupe_test_main troupe_build_settings troupe_test_settings)
  troupe_precompile(${target} ${PROJECT_SOURCE_DIR}/tests/include/troupe_test/precompiled.hpp)
  if(NOT TARGET tests_${arg_LABEL})
    add_custom_target(tests_${arg_LABEL})
  endif()
  add_dependencies(tests_${arg_LABEL} ${target})
  if(NOT arg_EACH_SUITE)
    troupe_add_test(${name} ${target})
    return()
  endif()
  foreach(source IN LISTS arg_SOURCES)
    file(STRINGS ${source} suite REGEX "^#define CAF_SUITE " LIMIT_COUNT 1)
    if(suite)
      string(REPLACE "#define CAF_SUITE " "" suite ${suite})
      troupe_add_test(${suite} ${target} --suites=^${suite}$)
    endif()
  endforeach()
endfunction()

# Makes a test LABEL/NAME of what troupe_test has parsed.
function(troupe_add_test name target)
  set(command $<TARGET_FILE:${target}> ${ARGN})
  if(arg_SERVER)
    list(PREPEND command ${arg_SERVER} --)
  endif()
  add_test(NAME ${arg_LABEL}/${name} COMMAND ${command})
  set_tests_properties(${arg_LABEL}/${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT 600)
endfunction()
