//! Bytes kept under the name of their SHA-256: pictures and their renditions.
//! A name is its content, so nothing is ever overwritten. Knows no picture.

use crate::Error;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// SHA-256 in lower-case hexadecimal: 64 characters.
pub fn hash(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::with_capacity(64), |mut out, byte| {
        out.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
        out.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
        out
    })
}

/// A folder of blobs: `ab/cd/abcd…`.
#[derive(Debug, Clone)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Opens the folder, making it if it is not there.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder = folder.into();
        fs::create_dir_all(&folder)
            .map_err(|cause| Error::Broken(format!("The folder {} cannot be made: {cause}.", folder.display())))?;
        Ok(Self { folder })
    }

    /// Keeps `bytes` and gives their name. When it answers they are on the disk, whole, even if the
    /// power goes; keeping the same bytes again costs nothing.
    pub fn keep(&self, bytes: &[u8]) -> Result<String, Error> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = hash(bytes);
        let path = self.path(&name)?;
        if path.exists() {
            return Ok(name);
        }
        let folder = path.parent().unwrap_or(&self.folder);
        let unfinished =
            folder.join(format!(".{name}.{}.{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = File::create_new(&unfinished)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            sync_folder(folder)
        };
        write().map_err(|cause| {
            // What is half written is worth nothing; a second fault would hide the first.
            let _ = fs::remove_file(&unfinished);
            Error::Broken(format!("{} cannot be written: {cause}.", path.display()))
        })?;
        Ok(name)
    }

    /// The bytes of `name`. `None` if they are not here.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path(name)?;
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(Error::Broken(format!("{} cannot be read: {cause}.", path.display()))),
        }
    }

    /// Whether the bytes of `name` are here.
    pub fn has(&self, name: &str) -> Result<bool, Error> {
        Ok(self.path(name)?.exists())
    }

    /// Lets the bytes of `name` go; that they are not here is no error.
    pub fn delete(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name)?;
        match fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(()),
            Err(cause) => Err(Error::Broken(format!("{} cannot be deleted: {cause}.", path.display()))),
        }
    }

    /// Where `name` lies. Errs unless it is 64 lower-case hexadecimal digits, so that no name leads
    /// out of the folder.
    pub fn path(&self, name: &str) -> Result<PathBuf, Error> {
        let fine = name.len() == 64 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if fine {
            Ok(self.folder.join(&name[..2]).join(&name[2..4]).join(name))
        } else {
            Err(Error::Broken("A blob was asked for by something that is no SHA-256.".into()))
        }
    }

    /// Where the blobs lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_found_under_the_hash_of_themselves() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path().join("media")).unwrap();
        let name = disk.keep(b"abc").unwrap();
        assert_eq!(name, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(disk.keep(b"abc").unwrap(), name);
        assert!(disk.path(&name).unwrap().ends_with(format!("ba/78/{name}")));
        assert_eq!(disk.read(&name).unwrap().unwrap(), b"abc");
        let siblings = fs::read_dir(disk.path(&name).unwrap().parent().unwrap()).unwrap().count();
        assert_eq!(siblings, 1, "nothing unfinished stays behind");
        disk.delete(&name).unwrap();
        disk.delete(&name).unwrap();
        assert!(!disk.has(&name).unwrap());
        assert_eq!(disk.read(&name).unwrap(), None);
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::open(folder.path()).unwrap();
        let long = "A".repeat(64);
        let dots = format!("{}/", "../".repeat(21));
        for odd in ["", "..", "../../etc/passwd", "abc", long.as_str(), dots.as_str(), &"é".repeat(32)] {
            assert!(disk.read(odd).is_err(), "{odd}");
        }
    }
}
