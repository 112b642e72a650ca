# Debian packages for the machine at hand, in dist/deb. Needs python3 and: apt-get install debhelper
#
#   make deb MAINTAINER='You <you@your.domain>'
#
# They ask for the C library of this system, or a later one.

MAINTAINER ?= The libetoauth authors <libetoauth@packages.invalid>

deb_stage := $(abspath $(target))/deb/etoauth-$(version)
committed  = $${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)}

deb:
	rm -rf $(dir $(deb_stage)) dist/deb
	mkdir -p $(deb_stage) dist/deb
	cp -R packaging/debian $(deb_stage)/debian
	sed -i 's|@MAINTAINER@|$(MAINTAINER)|' $(deb_stage)/debian/control
	printf 'etoauth (%s) unstable; urgency=medium\n\n  * See changelog.gz.\n\n -- %s  %s\n' $(version) '$(MAINTAINER)' \
		"$$(date -R -u -d @$(committed))" >$(deb_stage)/debian/changelog
	cd $(deb_stage) && env -u MAKEFLAGS ETOAUTH_SOURCE=$(CURDIR) CARGO_TARGET_DIR=$(abspath $(target)) \
		SOURCE_DATE_EPOCH=$(committed) dpkg-buildpackage -b -d -us -uc
	mv $(dir $(deb_stage))*.deb dist/deb
	@ls -l dist/deb

# A Debian of its own to install them in, of half a gigabyte. Needs root, debootstrap and lintian.
DEB_ROOT ?= $(abspath $(target))/debian

check-deb: deb
	test -x $(DEB_ROOT)/usr/bin/pkg-config || debootstrap --variant=minbase --include=gcc,libc6-dev,pkg-config \
		$$(. /etc/os-release && echo $$VERSION_CODENAME) $(DEB_ROOT)
	tests/install/deb.sh $(version) $(DEB_ROOT) dist/deb/*.deb

.PHONY: deb check-deb
