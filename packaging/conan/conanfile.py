"""Conan's recipe for libetoauth. From the root of the sources, with cargo installed: conan create packaging/conan"""

import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, cmake_layout
from conan.tools.files import copy, load, rm, rmdir


class Etoauth(ConanFile):
    name = "etoauth"
    description = "E*TRADE's OAuth 1.0a behind a C ABI: signing, login, renew and revoke"
    license = "MIT OR Apache-2.0"
    topics = ("oauth", "etrade", "hmac-sha1")
    package_type = "library"
    languages = "C"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}
    default_options = {"shared": False}
    generators = "CMakeToolchain"

    def _sources(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        manifest = load(self, os.path.join(self._sources(), "Cargo.toml"))
        self.version = re.search('^version = "(.*)"', manifest, re.MULTILINE)[1]

    def export_sources(self):
        built = ("target/*", "dist/*", "*/build/*", ".git/*", "fuzz/*")
        copy(self, "*", self._sources(), self.export_sources_folder, excludes=built)

    def layout(self):
        # Beside the sources, which have a folder "build".
        cmake_layout(self, build_folder="conan")

    def build_id(self):
        # A build makes both libraries.
        self.info_build.options.shared = "any"

    def package_id(self):
        del self.info.settings.build_type

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE-*", self.source_folder, os.path.join(self.package_folder, "licenses"))
        # Conan writes both for itself.
        for folder in "cmake", "pkgconfig":
            rmdir(self, os.path.join(self.package_folder, "lib", folder))
        for pattern in ("libetoauth.a", "etoauth.lib") if self.options.shared else ("*.so*", "*.dylib", "*.dll*"):
            rm(self, pattern, self.package_folder, recursive=True)

    def package_info(self):
        self.cpp_info.libs = ["etoauth"]
        self.cpp_info.set_property("cmake_target_name", "etoauth::etoauth")
        if self.options.shared:
            return
        self.cpp_info.set_property("cmake_target_aliases", ["etoauth::static"])
        if self.settings.os == "Windows":
            self.cpp_info.system_libs = ["ws2_32", "userenv", "ntdll", "bcrypt", "crypt32", "advapi32", "oleaut32"]
        elif self.settings.os == "Macos":
            self.cpp_info.frameworks = ["Security", "CoreFoundation"]
        else:
            self.cpp_info.system_libs = ["util", "rt", "pthread", "m", "dl"]
