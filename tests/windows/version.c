/* Prints what Explorer shows of the DLL whose path is the argument. */
#include <stdio.h>
#include <windows.h>

int main(int argc, char **argv)
{
    static const char *const names[] = {"FileVersion", "ProductVersion", "FileDescription", "LegalCopyright",
                                        "OriginalFilename"};
    static char block[8192];
    VS_FIXEDFILEINFO *fixed = NULL;
    char path[80], *text = NULL;
    UINT length = 0;
    size_t i;

    if (argc != 2 || !GetFileVersionInfoA(argv[1], 0, sizeof block, block) ||
        !VerQueryValueA(block, "\\", (void **)&fixed, &length))
        return 1;
    printf("%u.%u.%u.%u\n", HIWORD(fixed->dwFileVersionMS), LOWORD(fixed->dwFileVersionMS),
           HIWORD(fixed->dwFileVersionLS), LOWORD(fixed->dwFileVersionLS));
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        sprintf(path, "\\StringFileInfo\\040904b0\\%s", names[i]);
        if (!VerQueryValueA(block, path, (void **)&text, &length))
            return 2;
        printf("%s: %s\n", names[i], text);
    }
    return 0;
}
