# abi/exports.txt as Debian's symbols file: each function with the release that brought it.
BEGIN { print "libetoauth.so." abi " libetoauth" abi " #MINVER#\n* Build-Depends-Package: libetoauth-dev" }
!seen[$2]++ { print " ETOAUTH_" abi "." $2 "@ETOAUTH_" abi "." $2, $2 }
{ print " " $1 "@ETOAUTH_" abi "." $2, $2 }
