# RPM packages for the machine at hand, in dist/rpm. Needs python3 and rpmbuild.

rpm_out := $(abspath $(target))/rpm

rpm: all
	rm -rf $(rpm_out) dist/rpm
	mkdir -p dist/rpm
	env -u MAKEFLAGS CARGO_TARGET_DIR=$(abspath $(target)) SOURCE_DATE_EPOCH=$(committed) rpmbuild -bb --quiet --nodeps \
		--define '_topdir $(rpm_out)' --define '_rpmdir $(abspath dist)/rpm' \
		--define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' \
		--define 'use_source_date_epoch_as_buildtime 1' --define '_buildhost localhost' \
		--define 'etoauth_version $(version)' --define 'etoauth_abi $(abi)' --define 'etoauth_source $(CURDIR)' \
		--define 'etoauth_target $(abspath $(target))' --define 'etoauth_make $(MAKE) -C $(CURDIR)' packaging/rpm/etoauth.spec
	@ls -l dist/rpm

check-rpm: rpm
	tests/install/rpm.sh $(version) dist/rpm/*.rpm

.PHONY: rpm check-rpm
