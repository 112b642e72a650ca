# The programs that are built from an archive for another machine, and what they say there. For musl.sh and arm64.sh,
# which have a function that runs one beside a sandbox: says WORDS PROGRAM ARGUMENTS...

programs="sign.c ../c/vectors.c ../c/handles.c ../c/nulls.c ../c/prepared.c ../c/lifecycle.c"

run_programs() { # LINKAGE CASES
    says "^signed with $version" sign
    says "^$(wc -l <"$2") signatures and base strings" vectors <"$2"
    says "no handle was mistaken" "handles 10000"
    says "NULL is refused everywhere" nulls
    says "no time or argument was mistaken" prepared
    says "^logged in, renewed, revoked" 'lifecycle "$SANDBOX_TLS_URL" "$SANDBOX_CA_FILE"'
    echo "$1: vectors, wrong calls, prepared requests, a login over TLS"
}
