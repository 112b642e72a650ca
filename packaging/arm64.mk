# The archive for Linux with glibc on ARM64, made on x86-64:
#
#   rustup target add aarch64-unknown-linux-gnu
#   apt-get install gcc-aarch64-linux-gnu
#
# It makes dist/etoauth-VERSION-aarch64-unknown-linux-gnu.tar.gz, which asks for the glibc that this compiler has.

arm64      := aarch64-unknown-linux-gnu
arm64_tool := aarch64-linux-gnu

dist-arm64:
	$(MAKE) --no-print-directory dist CARGO_BUILD_TARGET=$(arm64) CC=$(arm64_tool)-gcc LD=$(arm64_tool)-ld \
		AR=$(arm64_tool)-ar OBJCOPY=$(arm64_tool)-objcopy

# Unpacked, and run by an emulator. Beyond the above: apt-get install qemu-user
check-arm64: dist-arm64
	env -u CFLAGS $(CARGO) build --quiet --release --locked -p etoauth-sandbox
	tests/install/arm64.sh $(version) dist/etoauth-$(version)-$(arm64).tar.gz $(target)/release/etoauth-sandbox

.PHONY: dist-arm64 check-arm64
