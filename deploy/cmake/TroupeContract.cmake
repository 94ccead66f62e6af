# troupe_contract(TARGET FILE.proto ... [IMPORT FOLDER ...])
#
# Compiles protobuf files for TARGET: their messages, and for each service in them the typed actor interface. For `shop.proto` the
# sources of TARGET then include "shop.troupe.hpp". Files are named below the current source folder, from which they import one
# another; `IMPORT` names further folders. `google/protobuf/*.proto`, `google/rpc/*.proto`, `troupe/api/http.proto`, and of
# `google/api` the files `annotations.proto` and `httpbody.proto` are there already.
#
# TARGET should be the executable or an OBJECT library: of a static library a linker leaves out messages that nobody names.
function(troupe_contract target)
  troupe_compile_protos(${target} troupe ${ARGN})
endfunction()

# The same, for files of messages alone, or whose services no contract is made of.
function(troupe_messages target)
  troupe_compile_protos(${target} "" ${ARGN})
endfunction()

function(troupe_compile_protos target interface)
  find_package(Protobuf REQUIRED)
  cmake_parse_arguments(arg "" "" "IMPORT" ${ARGN})
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${target}-contracts)
  file(MAKE_DIRECTORY ${generated})
  set(imports -I ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(folder IN LISTS arg_IMPORT)
    list(APPEND imports -I ${folder})
  endforeach()
  list(APPEND imports -I ${TROUPE_GOOGLE_APIS})
  foreach(file IN LISTS arg_UNPARSED_ARGUMENTS)
    if(NOT file MATCHES "\\.proto$" OR NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      message(FATAL_ERROR "${target}: ${file} is no .proto file in ${CMAKE_CURRENT_SOURCE_DIR}")
    endif()
    string(REGEX REPLACE "\\.proto$" "" name ${file})
    set(sources ${generated}/${name}.pb.cc ${generated}/${name}.pb.h)
    set(plugin)
    if(interface)
      list(APPEND sources ${generated}/${name}.troupe.hpp)
      set(plugin --troupe_out=${generated} --plugin=protoc-gen-troupe=$<TARGET_FILE:troupe::protoc-gen-troupe>)
    endif()
    # Each file by itself, so that a change of one compiles no other; protoc writes down what it imports.
    add_custom_command(OUTPUT ${sources}
      COMMAND protobuf::protoc ${imports} --cpp_out=${generated} ${plugin} --dependency_out=${generated}/${name}.d
              ${CMAKE_CURRENT_SOURCE_DIR}/${file}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file} troupe::protoc-gen-troupe DEPFILE ${generated}/${name}.d
      COMMENT "Compiling ${file}" VERBATIM)
    target_sources(${target} PRIVATE ${sources})
    # Generated code has warnings of its own.
    set_source_files_properties(${generated}/${name}.pb.cc PROPERTIES
      COMPILE_OPTIONS -w SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON CXX_CLANG_TIDY "")
  endforeach()
  get_target_property(type ${target} TYPE)
  set(scope PUBLIC)
  if(type STREQUAL "EXECUTABLE")
    set(scope PRIVATE)
  endif()
  target_include_directories(${target} SYSTEM ${scope} ${generated})
  target_link_libraries(${target} ${scope} troupe::contract_actors)
endfunction()
