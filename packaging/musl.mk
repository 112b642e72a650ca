# The archive for Linux with musl, on x86-64, made on one with glibc. Zig's C compiler compiles and links, and brings
# musl along; Rust's standard library is compiled along, by a rustc that has its source. On Debian:
#
#   pip install ziglang
#   apt-get install rustc-web cargo-web rust-web-src
#
# It makes dist/etoauth-VERSION-x86_64-unknown-linux-musl.tar.gz.

MUSL_RUSTC ?= /usr/bin/rustc
MUSL_CARGO ?= /usr/bin/cargo

musl    := x86_64-unknown-linux-musl
musl_cc := $(abspath $(target))/targets/$(musl)/cc
ziglang := $(shell $(PYTHON) -c 'import ziglang; print(ziglang.__path__[0])' 2>/dev/null)

# They have their licences here.
dist-musl: export runtimes = \
	"Parts of Rust's standard library by others=as noted=/usr/share/doc/rust-web-src/copyright" \
	"Zig's run-time library for compilers=MIT=$(ziglang)/LICENSE" \
	"LLVM's libunwind=Apache-2.0 WITH LLVM-exception=$(ziglang)/lib/libunwind/LICENSE.TXT"

# The code that unwinds is linked in, for a system with musl need not have it. Where things were built is in no library.
dist-musl: $(musl_cc)
	env RUSTC='$(MUSL_RUSTC)' RUSTC_BOOTSTRAP=1 \
		RUSTFLAGS='--remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=cargo --remap-path-prefix=$(CURDIR)=etoauth' \
		$(MAKE) --no-print-directory dist CARGO='$(MUSL_CARGO) -Zbuild-std=std,panic_unwind' CARGO_BUILD_TARGET=$(musl) \
		CARGO_TARGET_DIR=$(abspath $(target))/targets CC=$(musl_cc) unwinder=-lunwind

$(musl_cc): packaging/zig-cc.in packaging/musl.mk
	@test -n '$(ziglang)' || { echo "An archive for musl needs: pip install ziglang"; exit 1; }
	@mkdir -p $(@D)
	sed -e 's|@ZIG@|$(ziglang)/zig|' -e 's|@TARGET@|x86_64-linux-musl|' $< >$@
	chmod +x $@

# Unpacked into a root that has nothing but musl. Beyond the above: root, and apt-get install musl-tools
check-musl: dist-musl
	env -u CFLAGS $(CARGO) build --quiet --release --locked -p etoauth-sandbox
	tests/install/musl.sh $(version) dist/etoauth-$(version)-$(musl).tar.gz $(target)/release/etoauth-sandbox \
		$(musl_cc)

.PHONY: dist-musl check-musl
