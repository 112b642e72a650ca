# The DLLs for Windows, made on Linux in the way of the shared library: cargo makes the static one, and MinGW's linker
# begins at the exports. Rust's own standard library is compiled along, by a rustc that has its source. On Debian:
#
#   apt-get install gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32 rustc-web cargo-web rust-web-src llvm-22
#
# For ARM64 Zig's C compiler has what MinGW has, and rustup the standard library:
#
#   pip install ziglang
#   rustup target add aarch64-pc-windows-gnullvm
#
# What it makes of an architecture A is dist/windows-A and dist/etoauth-VERSION-windows-A.zip. That for ARM64 was never run.

WINDOWS_RUSTC ?= /usr/bin/rustc
WINDOWS_CARGO ?= /usr/bin/cargo
LLVM_DLLTOOL  ?= llvm-dlltool-22
export WINDOWS_RUSTC WINDOWS_CARGO LLVM_DLLTOOL

windows: windows-x86_64 windows-i686

windows_out := $(target)/windows

# The functions for VBA are on Windows alone.
windows_lists := abi/exports.txt abi/exports-vb.txt

# Tools by architecture.
define mingw_tools
$(1)_triple  := $(1)-pc-windows-gnu
$(1)_cargo   := RUSTC='$(WINDOWS_RUSTC)' RUSTC_BOOTSTRAP=1 $(WINDOWS_CARGO) rustc -Zbuild-std=std,panic_unwind
$(1)_lists   := CARGO='$(WINDOWS_CARGO)' RUSTC='$(WINDOWS_RUSTC)'
$(1)_cc      := $(1)-w64-mingw32-gcc -static-libgcc -Wl,--exclude-all-symbols,--kill-at,--no-insert-timestamp
$(1)_nm      := $(1)-w64-mingw32-nm
$(1)_dlltool := $(1)-w64-mingw32-dlltool --deterministic-libraries --temp-prefix etoauth --kill-at
$(1)_windres := $(1)-w64-mingw32-windres
endef
$(eval $(call mingw_tools,x86_64))
$(eval $(call mingw_tools,i686))
x86_64_machine := i386:x86-64
i686_machine   := i386

aarch64_triple  := aarch64-pc-windows-gnullvm
aarch64_zig     := $(zig)/aarch64-pc-windows-gnullvm
aarch64_cargo   := CC_aarch64_pc_windows_gnullvm='$(aarch64_zig)' RUSTFLAGS='$(remapped)' $(CARGO) rustc
aarch64_cc      := $(aarch64_zig) -lunwind
aarch64_nm      := $(LLVM_DLLTOOL:llvm-dlltool%=llvm-nm%)
aarch64_dlltool := $(LLVM_DLLTOOL) -m arm64 -k
aarch64_windres := $(LLVM_DLLTOOL:llvm-dlltool%=llvm-windres%) --target=aarch64-w64-mingw32 \
	--preprocessor='$(aarch64_zig)' --preprocessor-arg=-E --preprocessor-arg=-xc --preprocessor-arg=-DRC_INVOKED
aarch64_machine := arm64
# The time is written eight bytes after where the header begins, which is written at byte 60.
aarch64_undated  = printf '\0\0\0\0' | dd of=$@ bs=1 seek=$$(($$(od -A n -t u4 -j 60 -N 4 $@) + 8)) conv=notrunc status=none

define windows_architecture
$(1)_raw   := $(target)/$$($(1)_triple)/release/libetoauth.a
$(1)_out   := $(windows_out)/$(1)
$(1)_name  := etoauth-$(version)-windows-$(1)
$(1)_stage := $(windows_out)/$$($(1)_name)

windows-$(1): $(windows_out)/$(1)/etoauth.dll $(windows_out)/$(1)/libetoauth.dll.a $(windows_out)/$(1)/etoauth.lib
	rm -rf $$($(1)_stage) dist/windows-$(1)
	$$(INSTALL) -d $$($(1)_stage)/bin $$($(1)_stage)/include $$($(1)_stage)/lib
	$$(INSTALL) -m 755 $$($(1)_out)/etoauth.dll $$($(1)_stage)/bin
	$$(INSTALL) -m 644 $$(headers) include/etoauth_vb.h $$($(1)_stage)/include
	$$(INSTALL) -m 644 $$(addprefix $$($(1)_out)/,etoauth.def libetoauth.dll.a etoauth.lib) $$($(1)_stage)/lib
	$$(INSTALL) -m 644 $$(texts) $$($(1)_stage)
	$$(INSTALL) -d $$($(1)_stage)/bindings/vba $$($(1)_stage)/docs $$($(1)_stage)/share/etoauth
	$$(INSTALL) -m 644 $$(declared) $$($(1)_stage)/share/etoauth
	$$(INSTALL) -m 644 $$(wildcard bindings/vba/*) $$($(1)_stage)/bindings/vba
	$$(INSTALL) -m 644 packaging/excel/ThisWorkbook.cls $$($(1)_stage)/bindings/vba
	$$(INSTALL) -d $$($(1)_stage)/docs/excel
	$$(INSTALL) -m 644 docs/excel.md $$($(1)_stage)/docs
	$$(INSTALL) -m 644 $$(wildcard docs/excel/*) $$($(1)_stage)/docs/excel
	$$($(1)_lists) $$(PYTHON) packaging/third-party.py $$($(1)_triple) $$($(1)_stage) $$($(1)_runtimes)
	mkdir -p dist
	cp -R $$($(1)_stage) dist/windows-$(1)
	rm -f dist/$$($(1)_name).zip
	time=$$$${SOURCE_DATE_EPOCH:-$$$$(git log -1 --format=%ct)}; find $$($(1)_stage) -exec touch -d @$$$$time {} +
	cd $$(windows_out) && TZ=UTC $$(PYTHON) -m zipfile -c $$(abspath dist)/$$($(1)_name).zip $$($(1)_name)
	cd dist && sha256sum $$($(1)_name).zip >$$($(1)_name).zip.sha256
	@ls -l dist/windows-$(1)/bin/etoauth.dll dist/$$($(1)_name).zip

# Cargo knows best whether there is something to do. With a recipe, make looks at the library's time after it.
$$($(1)_raw): windows-cargo-$(1)
	@test -f $$@
windows-cargo-$(1):
	@tests/windows/needs.sh build $(1)
	env -u CFLAGS $$($(1)_cargo) --release --locked -p etoauth --lib --target $$($(1)_triple) --crate-type staticlib

# What the linker begins at, as the library's symbols are called: on x86 with an underscore, and those of VBA, which are
# stdcall, with the size of their arguments as well. The DLL calls all of them by their plain names.
$$($(1)_out)/roots: $$(windows_lists) $$($(1)_raw) packaging/windows-exports.awk
	@mkdir -p $$(@D)
	$$($(1)_nm) -g --defined-only $$($(1)_raw) >$$($(1)_out)/symbols 2>/dev/null
	awk -v arch=$(1) -v out=$$($(1)_out) -f packaging/windows-exports.awk $$(windows_lists) $$($(1)_out)/symbols

$$($(1)_out)/version.o: packaging/etoauth.rc Cargo.toml packaging/windows.mk
	@mkdir -p $$(@D)
	$$($(1)_windres) -DVERSION='\"$(version)\"' -DNUMBERS=$$(subst .,$$(comma),$(version)),0 $$< $$@

$$($(1)_out)/etoauth.dll: $$($(1)_raw) $$($(1)_out)/roots $$($(1)_out)/version.o packaging/windows.mk
	$$($(1)_cc) -shared -o $$@ @$$($(1)_out)/roots $$($(1)_out)/version.o $$($(1)_raw) $$($(1)_out)/link.def \
		-Wl,--gc-sections,-s,--dynamicbase,--nxcompat$(if $(filter-out i686,$(1)),$$(comma)--high-entropy-va) $$(windows_system)
	$$($(1)_undated)

$$($(1)_out)/libetoauth.dll.a: $$($(1)_out)/roots
	$$($(1)_dlltool) -D etoauth.dll -d $$($(1)_out)/link.def -l $$@

$$($(1)_out)/etoauth.lib: $$($(1)_out)/roots
	$$(LLVM_DLLTOOL) -m $$($(1)_machine) -k -D etoauth.dll -d $$($(1)_out)/link.def -l $$@

.PHONY: windows-$(1) windows-cargo-$(1)
endef

# They have their licences where Debian keeps them.
x86_64_runtimes := "Parts of Rust's standard library by others=as noted=/usr/share/doc/rust-web-src/copyright" \
	"MinGW-w64's runtime=ZPL-2.1 and as noted=/usr/share/doc/mingw-w64-common/copyright" \
	"libgcc=GPL-3.0-or-later WITH GCC-exception-3.1=/usr/share/doc/gcc-mingw-w64-base/copyright"
i686_runtimes := $(x86_64_runtimes)
aarch64_runtimes := $(zig_runtime) $(zig_unwinder) "MinGW-w64's runtime=ZPL-2.1 and as noted=$(ziglang)/lib/libc/mingw/COPYING"

comma := ,

# What rustc --print native-static-libs says.
windows_system := -lkernel32 -lntdll -luserenv -lws2_32 -lbcrypt -lcrypt32 -ladvapi32 -loleaut32

$(eval $(call windows_architecture,x86_64))
$(eval $(call windows_architecture,i686))
$(eval $(call windows_architecture,aarch64))

windows-cargo-aarch64: $(aarch64_zig)

windows_check = env -u CFLAGS $(CARGO) build --quiet --release --locked -p etoauth-sandbox && \
	tests/windows/check.sh $(1) $(version) $(target)/release/etoauth-sandbox

test-windows:
	@tests/windows/needs.sh test x86_64
	$(MAKE) windows-x86_64
	$(call windows_check,x86_64)

# Wine for x86 can't be installed beside that for x86-64 everywhere. A Debian of its own, of one gigabyte, has it.
WINE32 ?= $(abspath $(target))/wine32

test-windows-x86:
	@tests/windows/needs.sh test i686
	test -e $(WINE32)/usr/lib/wine/wineserver32 || \
		debootstrap --arch=i386 --variant=minbase --include=wine,wine32 bookworm $(WINE32)
	$(MAKE) windows-i686
	$(call windows_check,i686) $(WINE32)

.PHONY: windows test-windows test-windows-x86
