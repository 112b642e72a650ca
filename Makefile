# The C library: clean of everything that is Rust's, and installed as C libraries are.
#
#   make                  builds it
#   make install          PREFIX=/usr/local LIBDIR=$(PREFIX)/lib INCLUDEDIR=$(PREFIX)/include DESTDIR=
#   make uninstall        removes what install, with the same settings, put there
#   make docs             man pages and HTML, for install to take along; needs python3 and doxygen
#   make dist             dist/etoauth-VERSION-TARGET.tar.gz, to be unpacked anywhere
#   make dist-linux       the same for x86-64 and ARM64, with glibc 2.17 and with musl; check-linux runs programs from them
#   make dist-all         dist-linux, and what make windows and make windows-aarch64 make
#   make deb              Debian packages, in dist/deb; check-deb installs, uses and removes them
#   make rpm              RPM packages, in dist/rpm; check-rpm installs, uses and removes them
#   make check-abi        refuses what would break programs that are compiled already
#   make check-docs       whether the man pages say what the header and abi/exports.txt do
#   make check-install    builds and runs a stranger's projects against installations
#   make check-cmake      builds the library as part of a stranger's project; CMAKE="cmake ..." tries several
#   make check-conan      makes Conan's packages and uses them; needs Conan 2 and CMake
#   make windows          dist/windows-x86_64, dist/windows-i686 and their zips; -x86_64 or -i686 after it: one of them;
#                         with -aarch64, what is for ARM64 and was never run
#   make test-windows     tests the DLL for x86-64 under wine; test-windows-x86 the other, in a chroot at WINE32
#   make excel            dist/etoauth-VERSION-excel.zip: a workbook and an add-in for Excel beside both DLLs
#   make secrets          searches a process, its files and what it was told for secrets, before and after the frees
#   make torture          a fault at every place: files, memory, signals, and every byte of a connection; STEP=1
#   make soak             DAYS=24 CLIENTS=50 SEED=: weeks of logins, calls, orders and faults in minutes
#   make check-package    builds the crate as it is published, from vendored sources, without a network
#   make fuzz             MINUTES=10: runs the fuzz targets for so long in all; needs nightly
#   make mutants          LAYERS="etrade oauth": counts the small changes to the code that no unit test notices
#   make sanitize         the tests' C programs and the library under sanitizers; needs what tests/sanitize/run.sh says
#   make sandbox-packages  dist/etoauth_sandbox-VERSION-*.whl and dist/etoauth-sandbox-VERSION.tgz: the sandbox for
#                         pytest and for Node's tests; check-sandbox-packages tries them
#   make sandbox-static   dist/etoauth-sandbox-VERSION-x86_64-linux, one file for any Linux; needs musl-gcc
#   make test-page        the sandbox's pages in Chromium; needs node, and playwright-core from npm
#   make test-clients     other people's clients, unmodified, against the sandbox; fetches them from PyPI and npm
#   make test-load        the sandbox under load and abuse, with figures
#   make pictures         the pictures of the sandbox in docs/sandbox, with what make test-page needs
#   make check-vba        lints bindings/vba and runs it against a scripted library; needs what tests/vba/check.sh says
#   make old-glibc        the shared library for glibc 2.17 and later
#   make weight           what the shared library consists of, by section and by crate
#   make record-abi       at a release: what check-abi holds the next ones to
#
# Needs cargo, a C compiler and the GNU binutils. cargo test --workspace has the tests.

CC      ?= cc
LD      ?= ld
AR      ?= ar
NM      ?= nm
OBJCOPY ?= objcopy
CARGO   ?= cargo
INSTALL ?= install
PYTHON  ?= python3
DOXYGEN ?= doxygen

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share

ifneq ($(shell uname -s),Linux)
$(error This makefile links by the options of Linux's linkers, and makes nothing on $(shell uname -s). Cargo does: \
	see "By hand, and on other systems" in docs/install.md)
endif

version := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
abi     := $(shell sed -n 's/^pub const ETOAUTH_ABI_VERSION: u32 = \(.*\);/\1/p' src/ffi/library.rs)
triple   = $(or $(machine),$(shell rustc -vV | sed -n 's/^host: //p'))

# ABI.MAJOR.MINOR. The ABI's number alone is the soname. The package's own follow, so that of two releases with one ABI
# ldconfig takes the later; a patch, which adds no function, takes its predecessor's place.
soname := libetoauth.so.$(abi)
real   := $(soname).$(basename $(version))

# What rustc --print native-static-libs says, but for libc and libgcc_s, which the C compiler adds in its own way.
system := -lutil -lrt -lpthread -lm -ldl

# With CARGO_BUILD_TARGET, a machine as rustc calls it, CC, LD, AR and OBJCOPY are to make code for that one.
machine := $(CARGO_BUILD_TARGET)
target := $(or $(CARGO_TARGET_DIR),target)
built  := $(target)$(machine:%=/%)
raw    := $(built)/release/libetoauth.a
out    := $(built)/c
shared := $(out)/$(real)
static := $(out)/libetoauth.a

all: $(shared) $(static)
	@printf '%s: %d bytes\n' $(real) $$(wc -c <$(shared)) libetoauth.a $$(wc -c <$(static)) \
		'libetoauth.a as cargo makes it' $$(wc -c <$(raw))

# sudo make install takes what make has built: root may have no cargo.
$(raw): $(if $(filter-out install uninstall,$(or $(MAKECMDGOALS),all)),cargo)
	@test -f $@ || { echo "Nothing is built. First: make"; exit 1; }

# Cargo knows best whether there is something to do. Its dependencies' C code has flags of its own.
crate = $(if $(machine),rustc --lib --crate-type staticlib,build) --release --locked -p etoauth
cargo:
	env -u CFLAGS $(if $(machine),CC_$(subst -,_,$(machine))='$(CC)') $(CARGO) $(crate)

$(out)/roots: abi/exports.txt
	@mkdir -p $(out)
	@sed 's/ .*//' $< >$(out)/functions
	@sed 's/^/-Wl,-u,/' $(out)/functions >$@

$(out)/version-script: abi/exports.txt packaging/version-script.awk | $(out)/roots
	awk -v abi=$(abi) -f packaging/version-script.awk $< >$@

# The linker begins at the exports and drops what they don't reach.
link_shared = -shared -o $@ @$(out)/roots $(raw) $(LDFLAGS) -Wl,-soname,$(soname) \
	-Wl,--version-script,$(out)/version-script -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,nodelete,-z,noexecstack \
	-Wl,--build-id -Wl,-s -Wl,--as-needed $(system) $(unwinder)

$(shared): $(raw) $(out)/roots $(out)/version-script
	$(CC) $(link_shared)

# The same for distributions from 2012 on. Zig's C compiler knows what each glibc had: pip install ziglang.
ZIG ?= $(PYTHON) -m ziglang
old := $(out)/glibc-2.17/$(real)

old-glibc: $(old)
	@test "$$({ $(NM) -D $(old) | grep -o 'GLIBC_[0-9.]*'; echo GLIBC_2.17; } | sort -V | tail -n 1)" = GLIBC_2.17
	@echo "$(old) asks for glibc 2.17 or later"

$(old): $(raw) $(out)/roots $(out)/version-script
	@mkdir -p $(@D)
	$(ZIG) cc -target $(firstword $(subst -, ,$(triple)))-linux-gnu.2.17 $(link_shared) \
		$$($(CC) -print-file-name=libgcc_s.so.1)

# One object whose only global symbols are the exports: Rust's own would clash with those of another library in Rust.
# Groups are resolved, for two libraries' groups of one name would be taken for the same, local or not.
$(static): $(raw) $(out)/roots
	$(LD) -r -o $(out)/etoauth.o $$(sed 's/^/-u /' $(out)/functions) $(raw) --gc-sections --force-group-allocation
	$(OBJCOPY) --keep-global-symbols=$(out)/functions --strip-unneeded $(out)/etoauth.o
	rm -f $@
	$(AR) rcsD $@ $(out)/etoauth.o

docs := $(target)/doc-c

docs:
	rm -rf $(docs)
	mkdir -p $(docs)
	$(PYTHON) packaging/man.py include/etoauth.h $(version) $(docs)/man
	VERSION=$(version) OUT=$(docs) PYTHON='$(PYTHON)' $(DOXYGEN) packaging/Doxyfile

check-docs: docs
	tests/install/docs.sh $(docs)/man

headers  := include/etoauth.h include/etoauth.hpp
examples := $(wildcard examples-c/*.c examples-c/*.cpp examples-c/*.h examples-c/*.hpp)
texts    := README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE
declared := include/etoauth.cdef include/etoauth.json
supp     := packaging/etoauth.supp packaging/etoauth.tsan.supp
doc       = $(DATADIR)/doc/etoauth
share     = $(DATADIR)/etoauth
pc        = $(LIBDIR)/pkgconfig
cmake     = $(LIBDIR)/cmake/etoauth
man3      = $(DATADIR)/man/man3
dest      = $(DESTDIR)

# An archive that is unpacked anywhere says: PC_PREFIX='$${pcfiledir}/../..'
PC_PREFIX ?= $(PREFIX)
fill_in = sed -e 's|@PREFIX@|$(PC_PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' \
	-e 's|@INCLUDEDIR@|$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|' -e 's|@VERSION@|$(version)|g' -e 's|@ABI@|$(abi)|' \
	-e 's|@SONAME@|$(soname)|' -e 's|@REAL@|$(real)|' -e 's|@SYSTEM@|$(system)|' \
	-e 's|@STATIC@|libetoauth.a|' -e '/@IMPORT@/d' \
	-e "s|@TO_INCLUDE@|$$(realpath -m --relative-to='$(cmake)' '$(INCLUDEDIR)')|"

install: $(shared) $(static)
	$(INSTALL) -d $(dest)$(INCLUDEDIR) $(dest)$(pc) $(dest)$(cmake) $(dest)$(doc)/examples $(dest)$(share)
	$(INSTALL) -m 644 $(headers) $(dest)$(INCLUDEDIR)
	$(INSTALL) -m 755 $(shared) $(dest)$(LIBDIR)
	ln -sf $(real) $(dest)$(LIBDIR)/$(soname)
	ln -sf $(soname) $(dest)$(LIBDIR)/libetoauth.so
	$(INSTALL) -m 644 $(static) $(dest)$(LIBDIR)
	for file in etoauth.pc etoauth-static.pc; do \
		$(fill_in) packaging/$$file.in >$(dest)$(pc)/$$file && chmod 644 $(dest)$(pc)/$$file || exit 1; done
	for file in etoauth-config.cmake etoauth-config-version.cmake; do \
		$(fill_in) packaging/$$file.in >$(dest)$(cmake)/$$file && chmod 644 $(dest)$(cmake)/$$file || exit 1; done
	$(INSTALL) -m 644 $(texts) $(dest)$(doc)
	$(INSTALL) -m 644 $(examples) $(dest)$(doc)/examples
	$(INSTALL) -m 644 $(declared) $(supp) $(dest)$(share)
	if [ -d $(docs)/html ]; then \
		$(INSTALL) -d $(dest)$(man3) && $(INSTALL) -m 644 $(docs)/man/*.3 $(dest)$(man3) && \
		rm -rf $(dest)$(doc)/html && cp -R $(docs)/html $(dest)$(doc) && chmod -R u=rwX,go=rX $(dest)$(doc)/html; fi

uninstall:
	rm -f $(addprefix $(dest)$(INCLUDEDIR)/,$(notdir $(headers)))
	rm -f $(addprefix $(dest)$(LIBDIR)/,$(real) $(soname) libetoauth.so libetoauth.a)
	rm -f $(addprefix $(dest)$(pc)/,etoauth.pc etoauth-static.pc)
	rm -f $(addprefix $(dest)$(cmake)/,etoauth-config.cmake etoauth-config-version.cmake)
	rm -f $(addprefix $(dest)$(doc)/,$(texts)) $(addprefix $(dest)$(doc)/examples/,$(notdir $(examples)))
	rm -f $(dest)$(man3)/etoauth.3 $(patsubst %,$(dest)$(man3)/%.3,$(shell sed 's/ .*//' abi/exports.txt))
	rm -f $(addprefix $(dest)$(share)/,$(notdir $(declared) $(supp)))
	rm -rf $(dest)$(doc)/html
	-rmdir $(dest)$(cmake) $(dest)$(doc)/examples $(dest)$(doc) $(dest)$(share)

name  = etoauth-$(version)-$(triple)
stage = $(out)/$(name)

# The same bytes from the same sources and compilers: sorted, owned by nobody, with the last commit's time.
dist: all docs
	rm -rf $(stage)
	$(MAKE) --no-print-directory install DESTDIR= PREFIX=$(abspath $(stage)) PC_PREFIX='$$$${pcfiledir}/../..'
	CARGO='$(firstword $(CARGO))' $(PYTHON) packaging/third-party.py $(triple) $(stage)/share/doc/etoauth $(runtimes)
	mkdir -p dist
	time=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)}; tar -C $(out) --sort=name --owner=0 --group=0 \
		--numeric-owner --mtime=@$$time -cf - $(name) | gzip -9n >dist/$(name).tar.gz
	cd dist && sha256sum $(name).tar.gz >$(name).tar.gz.sha256
	@ls -l dist/$(name).tar.gz

check-abi: $(shared) $(static)
	CC='$(CC)' NM='$(NM)' abi/check.sh $(version) $(abi) $(shared) $(static)

dist-all: dist-linux windows windows-aarch64

weight: cargo
	@$(PYTHON) packaging/weight.py '$(NM)' $(built)/release/libetoauth.so

record-abi:
	CC='$(CC)' abi/record.sh >abi/$(version).h

check-install: all dist check-docs
	env -u CFLAGS $(CARGO) build --quiet --release --locked -p etoauth-sandbox
	MAKE='$(MAKE)' CC='$(CC)' tests/install/check.sh \
		$(real) $(version) dist/$(name).tar.gz $(target)/release/etoauth-sandbox

CMAKE ?= cmake
check-cmake:
	tests/install/from_source.sh $(version) $(CMAKE)

check-conan:
	CC='$(CC)' tests/install/conan.sh $(version)

check-vba:
	PYTHON='$(PYTHON)' tests/vba/check.sh

beside_sandbox = env -u CFLAGS $(CARGO) build --quiet --release --locked -p etoauth-sandbox && \
	CC='$(CC)' $(1) $(static) $(target)/release/etoauth-sandbox $(2)

in_browser = env -u CFLAGS $(CARGO) build --quiet --locked -p etoauth-sandbox && \
	sandbox/tests/browser/run.sh $(abspath $(target))/debug/etoauth-sandbox

test-page:
	$(in_browser) node --test --test-reporter spec sandbox/tests/browser/

test-clients:
	env -u CFLAGS $(CARGO) build --quiet --locked -p etoauth-sandbox
	CC='$(CC)' sandbox/tests/clients/run.sh $(target)/debug/etoauth-sandbox $(target)/clients

test-load:
	env -u CFLAGS $(CARGO) test --release --locked -p etoauth-sandbox --test service load -- \
		--ignored --nocapture --test-threads 1

pictures:
	@mkdir -p docs/sandbox
	$(in_browser) node sandbox/tests/browser/pictures.mjs docs/sandbox

sandbox-packages:
	PYTHON='$(PYTHON)' packaging/sandbox-packages.sh build $(version)

check-sandbox-packages: sandbox-packages
	PYTHON='$(PYTHON)' packaging/sandbox-packages.sh check $(version)

# rustup target add x86_64-unknown-linux-musl
sandbox-static:
	env -u CFLAGS CC_x86_64_unknown_linux_musl=musl-gcc $(CARGO) build --release --locked \
		--target x86_64-unknown-linux-musl -p etoauth-sandbox
	$(INSTALL) -d dist
	$(INSTALL) -s -m 755 $(target)/x86_64-unknown-linux-musl/release/etoauth-sandbox \
		dist/etoauth-sandbox-$(version)-x86_64-linux

secrets: $(static)
	@$(call beside_sandbox,tests/beside_sandbox.sh,secrets_image)

soak: $(static)
	@$(call beside_sandbox,tests/beside_sandbox.sh,soak)

torture: $(static)
	@$(call beside_sandbox,tests/torture.sh)

MINUTES ?= 10
fuzz:
	fuzz/run.sh $(MINUTES)

sanitize:
	tests/sanitize/run.sh

check-package:
	packaging/check-package.sh $(version)

LAYERS ?= etrade oauth
mutants:
	tests/mutants.sh $(LAYERS)

include packaging/deb.mk
include packaging/linux.mk
include packaging/rpm.mk
include packaging/windows.mk
include packaging/excel.mk

clean:
	rm -rf $(out) $(docs) $(windows_out) $(target)/excel dist

.PHONY: all cargo old-glibc install uninstall docs dist dist-all check-abi check-docs record-abi check-install check-cmake \
	check-conan check-vba test-clients test-load test-page secrets torture soak fuzz mutants sanitize check-package clean \
	pictures weight sandbox-packages check-sandbox-packages sandbox-static
