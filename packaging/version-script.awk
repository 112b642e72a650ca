# abi/exports.txt as a linker's version script: one node for each release that brought functions, oldest first.
$2 != release {
    if (release != "") {
        print "}" parent ";"
        parent = " " node
    }
    release = $2
    node = "ETOAUTH_" abi "." release
    print node " { global:"
}
{ print "    " $1 ";" }
END { print "local: *; }" parent ";" }
