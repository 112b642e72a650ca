//! Whether a process acts with more rights than the user who started it, as a set-user-ID program does.

/// What the system knows of it lasts when the program gives up its rights for a while, or for good.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn is_privileged() -> bool {
    let started_so = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
    let (mut real, mut effective, mut saved) = (0, 0, 0);
    let users = unsafe { libc::getresuid(&mut real, &mut effective, &mut saved) } == 0;
    let same_user = users && real == effective && real == saved;
    let groups = unsafe { libc::getresgid(&mut real, &mut effective, &mut saved) } == 0;
    let same_group = groups && real == effective && real == saved;
    started_so || !same_user || !same_group
}

#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_os = "netbsd",
    target_os = "openbsd",
))]
pub fn is_privileged() -> bool {
    unsafe { libc::issetugid() != 0 }
}

#[cfg(all(
    unix,
    not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        target_os = "freebsd",
        target_os = "dragonfly",
        target_os = "netbsd",
        target_os = "openbsd",
    ))
))]
pub fn is_privileged() -> bool {
    unsafe { libc::getuid() != libc::geteuid() || libc::getgid() != libc::getegid() }
}

/// A program starts with the rights of its user there.
#[cfg(windows)]
pub fn is_privileged() -> bool {
    false
}
