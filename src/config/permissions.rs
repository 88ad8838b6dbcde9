//! Whether a file that holds a secret can be read by others than its owner.

use std::path::Path;

/// The warning, when group or others may read the file; with the command that mends it.
#[cfg(unix)]
pub(super) fn warning(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;

    /// Read rights of group and others.
    const READ_BY_OTHERS: u32 = 0o044;
    // Whether the file can be read at all was told by reading it.
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & READ_BY_OTHERS != 0).then(|| {
        format!(
            "{} holds a secret and can be read by other users of this machine (mode {:03o}): chmod 600 {}",
            path.display(),
            mode & 0o777,
            for_a_shell(path),
        )
    })
}

/// Elsewhere than on Unix there is no mode to look at.
#[cfg(not(unix))]
pub(super) fn warning(_path: &Path) -> Option<String> {
    None
}

/// The path as a shell takes it.
#[cfg(unix)]
fn for_a_shell(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+@".contains(letter);
    if path.chars().all(plain) {
        path
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
