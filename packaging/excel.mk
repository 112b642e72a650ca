# What an Excel user unpacks and opens: the workbook and the add-in beside both DLLs. Beyond what windows.mk needs:
#
#   pip install -r tests/vba/requirements.txt
#
# It makes dist/etoauth-VERSION-excel.zip, whose files have no folder around them: Windows makes one for a zip's name.

excel_name  := etoauth-$(version)-excel
excel_stage := $(target)/excel/$(excel_name)
excel_make   = SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct)} $(PYTHON) packaging/excel/make.py

excel: windows
	rm -rf $(excel_stage) dist/$(excel_name).zip
	$(excel_make) workbooks $(excel_stage)
	$(excel_make) guide $(excel_stage)
	for arch in x86_64 i686; do \
		$(INSTALL) -D -m 755 dist/windows-$$arch/bin/etoauth.dll $(excel_stage)/windows-$$arch/bin/etoauth.dll && \
		$(INSTALL) -m 644 dist/windows-$$arch/THIRD-PARTY.txt $(excel_stage)/windows-$$arch || exit 1; done
	$(INSTALL) -d $(excel_stage)/vba
	$(INSTALL) -m 644 bindings/vba/*.bas bindings/vba/*.cls packaging/excel/ThisWorkbook.cls $(excel_stage)/vba
	$(INSTALL) -m 644 LICENSE-MIT LICENSE-APACHE $(excel_stage)
	$(excel_make) zip dist/$(excel_name).zip $(excel_stage)
	cd dist && sha256sum $(excel_name).zip >$(excel_name).zip.sha256
	@ls -l dist/$(excel_name).zip

.PHONY: excel
