# Archives for Linux on x86-64 and ARM64, with glibc from 2.17 on and with musl, made on any Linux of today. Zig's C
# compiler compiles and links, and knows what each C library had. On Debian:
#
#   pip install ziglang
#   rustup target add aarch64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-musl
#   apt-get install gcc-x86-64-linux-gnu gcc-aarch64-linux-gnu
#
# dist-linux makes dist/etoauth-VERSION-MACHINE.tar.gz for each of these machines, dist-linux-MACHINE for one.

linux := x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-musl

ziglang   := $(shell $(PYTHON) -c 'import ziglang; print(ziglang.__path__[0])' 2>/dev/null)
linux_out := $(abspath $(target))/linux
zig       := $(abspath $(target))/zig
processor  = $(firstword $(subst -, ,$*))
with_musl  = $(filter %-musl,$*)

# Where it was built is in no library. With musl the C library stays a library of its own, but the code that unwinds is
# linked in, for a system with musl need not have it. With glibc that code is the system's: C's threads unwind by it, too.
remapped       := --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=cargo --remap-path-prefix=$(CURDIR)=etoauth
linux_flags     = $(remapped) $(if $(with_musl),-Ctarget-feature=-crt-static)
linux_unwinder  = $(if $(with_musl),-lunwind,$$($(processor)-linux-gnu-gcc -print-file-name=libgcc_s.so.1))
zig_runtime    := "Zig's run-time library for compilers=MIT=$(ziglang)/LICENSE"
zig_unwinder   := "LLVM's libunwind=Apache-2.0 WITH LLVM-exception=$(ziglang)/lib/libunwind/LICENSE.TXT"
linux_runtimes  = $(zig_runtime) $(if $(with_musl),$(zig_unwinder))

dist-linux: $(linux:%=dist-linux-%)

$(linux:%=dist-linux-%): dist-linux-%: $(zig)/%
	runtimes='$(subst ','\'',$(linux_runtimes))' RUSTFLAGS='$(linux_flags)' $(MAKE) --no-print-directory dist \
		CARGO_BUILD_TARGET=$* CARGO_TARGET_DIR=$(linux_out) CC=$< unwinder="$(linux_unwinder)" \
		$(foreach tool,ld ar nm objcopy,$(shell echo $(tool) | tr a-z A-Z)=$(processor)-linux-gnu-$(tool))

# Zig's C compiler for a machine as rustc calls it, and Zig's name for that.
zigs_name = $(patsubst %-linux-gnu,%-linux-gnu.2.17,$(subst -pc-windows-gnullvm,-windows-gnu,$(subst -unknown,,$*)))
$(zig)/%: packaging/zig-cc.in packaging/linux.mk
	@test -n '$(ziglang)' || { echo "This needs: pip install ziglang"; exit 1; }
	@mkdir -p $(@D)
	sed -e 's|@ZIG@|$(ziglang)/zig|' -e 's|@TARGET@|$(zigs_name)|' $< >$@
	chmod +x $@
.PRECIOUS: $(zig)/%

# Each is unpacked into a root that has nothing but a C library, used by a stranger's programs, and run there; those for
# the other processor by qemu. It needs root and, beyond the above:
#
#   dpkg --add-architecture arm64 && apt-get update
#   apt-get install qemu-user-static musl-tools musl:arm64
check-linux: $(linux:%=check-linux-%)

$(linux:%=check-linux-%): check-linux-%: dist-linux-%
	env -u CFLAGS $(CARGO) build --quiet --release --locked -p etoauth-sandbox
	tests/install/linux.sh $* $(version) dist/etoauth-$(version)-$*.tar.gz $(target)/release/etoauth-sandbox \
		$(zig)/$*

.PHONY: dist-linux check-linux $(linux:%=dist-linux-%) $(linux:%=check-linux-%)
