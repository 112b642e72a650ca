# A port of vcpkg's, as an overlay: it builds the sources that it is part of, with the cargo at hand.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

# Programs for debugging get the same library.
set(VCPKG_BUILD_TYPE release)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}" OPTIONS -DETOAUTH_INSTALL=ON)
vcpkg_cmake_install()

# The file that find_package reads finds the libraries from where it is, which is not where vcpkg would have it.
set(VCPKG_POLICY_SKIP_LIB_CMAKE_MERGE_CHECK enabled)
vcpkg_fixup_pkgconfig()

if(VCPKG_LIBRARY_LINKAGE STREQUAL static)
    file(GLOB other "${CURRENT_PACKAGES_DIR}/lib/libetoauth.so*" "${CURRENT_PACKAGES_DIR}/lib/*.dylib"
        "${CURRENT_PACKAGES_DIR}/lib/*.dll.*" "${CURRENT_PACKAGES_DIR}/bin")
else()
    file(GLOB other "${CURRENT_PACKAGES_DIR}/lib/libetoauth.a" "${CURRENT_PACKAGES_DIR}/lib/etoauth.lib"
        "${CURRENT_PACKAGES_DIR}/lib/pkgconfig/etoauth-static.pc")
endif()
if(other)
    file(REMOVE_RECURSE ${other})
endif()

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE-MIT" "${SOURCE_PATH}/LICENSE-APACHE")
