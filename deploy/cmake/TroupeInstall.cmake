# What an outside project finds with find_package(troupe). Every library that was built is a component.
include(CMakePackageConfigHelpers)

get_property(troupe_built GLOBAL PROPERTY troupe_libraries)
# What `cmake --install` wants to be built, without tests and examples: deploy/build release installed
list(TRANSFORM troupe_built PREPEND troupe_ OUTPUT_VARIABLE troupe_targets)
if(TARGET protoc-gen-troupe)
  list(APPEND troupe_targets protoc-gen-troupe)
endif()
if(TARGET troupe)
  list(APPEND troupe_targets troupe)
endif()
add_custom_target(installed)
add_dependencies(installed ${troupe_targets})
configure_package_config_file(deploy/cmake/troupe-config.cmake.in ${PROJECT_BINARY_DIR}/troupe-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/troupe PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/troupe-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/troupe-config.cmake ${PROJECT_BINARY_DIR}/troupe-config-version.cmake
  deploy/cmake/TroupeContract.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/troupe)
install(EXPORT troupe-targets NAMESPACE troupe:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/troupe)
