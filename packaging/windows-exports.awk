# windows-exports.awk -v arch=ARCHITECTURE -v out=DIRECTORY LISTS... SYMBOLS: writes, of the functions in abi's lists,
# etoauth.def (their names), link.def (on x86 with the sizes that stdcall puts into a symbol's name) and roots (options
# of the linker). A function that the library lacks is an error.
FILENAME ~ /\.txt$/ {
    names[++count] = $1
    next
}
NF == 3 {
    plain = $3
    if (arch == "i686")
        sub(/^_/, "", plain)
    symbol[plain] = plain
    if (arch == "i686" && plain ~ /@[0-9]+$/) {
        decorated = plain
        sub(/@[0-9]+$/, "", plain)
        symbol[plain] = decorated
    }
}
END {
    print "LIBRARY etoauth.dll\nEXPORTS" >(out "/etoauth.def")
    print "LIBRARY etoauth.dll\nEXPORTS" >(out "/link.def")
    for (i = 1; i <= count; i++) {
        name = names[i]
        if (!(name in symbol)) {
            print "the library has no " name >"/dev/stderr"
            exit 1
        }
        print "    " name >(out "/etoauth.def")
        print "    " symbol[name] >(out "/link.def")
        print "-Wl,-u," (arch == "i686" ? "_" : "") symbol[name] >(out "/roots")
    }
}
