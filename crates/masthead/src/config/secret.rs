//! Reads a secret from its file. The file's contents never appear in a sentence.

use std::path::Path;

use super::reason;
use mail::Secret;

/// Most bytes of a secret's file; more is surely another file.
const SECRET_BYTES_MAX: usize = 64 * 1024;

/// The secret in the file at `path` without the line end that editors add, and a remark if others may read the file.
/// Errs with a sentence that names the file.
pub(super) fn read(path: &Path) -> Result<(Secret, Option<String>), String> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| format!("names the file {shown}, but {}.", reason(&error)))?;
    if bytes.len() > SECRET_BYTES_MAX {
        return Err(format!("names the file {shown}, which has {} KB; no secret is that long.", bytes.len() / 1024));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("names the file {shown}, which is not UTF-8 text."))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() {
        return Err(format!("names the file {shown}, which is empty. Write the secret into it."));
    }
    if text.contains(['\n', '\r', '\0']) {
        return Err(format!("names the file {shown}, which has more than one line. Keep only the secret in it."));
    }
    Ok((Secret::new(text), remark(path)))
}

/// Only a remark: secrets mounted by container platforms are readable to all by default.
#[cfg(unix)]
fn remark(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let shown = path.display();
    (mode & 0o004 != 0)
        .then(|| format!("The file {shown} can be read by every account on this machine: chmod 600 {shown}"))
}

#[cfg(not(unix))]
fn remark(_path: &Path) -> Option<String> {
    None
}
