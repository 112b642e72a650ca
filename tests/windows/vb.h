/* What VBA does for a workbook: Strings, their StrPtr and VarPtr. It wants a CHECK. */
#ifndef VB_H
#define VB_H

#include <oleauto.h>

#include "etoauth_vb.h"

#define ADDRESS(pointer) ((intptr_t)(pointer))

/* A String of this text. It is never freed: the programs end. */
static BSTR string(const char *utf8)
{
    int length = MultiByteToWideChar(CP_UTF8, 0, utf8, (int)strlen(utf8), NULL, 0);
    BSTR made = SysAllocStringLen(NULL, (UINT)length);

    CHECK(made != NULL);
    MultiByteToWideChar(CP_UTF8, 0, utf8, (int)strlen(utf8), made, length);
    return made;
}

#endif
