//! A folder of files to import: on the disk, or inside the program.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Most files of one import.
const FILES_MAX: usize = 200_000;
/// How deep folders may stand in each other.
const LEVELS_MAX: usize = 16;

/// Names are relative, with `/` between their parts, in the order of the alphabet.
pub enum Folder {
    Disk { root: PathBuf, names: Vec<String> },
    Memory(BTreeMap<String, Cow<'static, [u8]>>),
}

impl Folder {
    /// Lists a folder on the disk. Symbolic links and hidden files are left out.
    pub fn on_disk(root: &Path) -> Result<Self, String> {
        if !root.is_dir() {
            return Err(format!("There is no folder {}.", root.display()));
        }
        let mut names = Vec::new();
        list(root, root, 0, &mut names)?;
        names.sort();
        Ok(Self::Disk { root: root.to_owned(), names })
    }

    /// Every file name.
    pub fn names(&self) -> Vec<String> {
        match self {
            Self::Disk { names, .. } => names.clone(),
            Self::Memory(files) => files.keys().cloned().collect(),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Disk { names, .. } => names.binary_search_by(|known| known.as_str().cmp(name)).is_ok(),
            Self::Memory(files) => files.contains_key(name),
        }
    }

    /// The whole file, if it has at most `bytes_max` bytes; else a sentence.
    pub fn read(&self, name: &str, bytes_max: u64) -> Result<Cow<'_, [u8]>, String> {
        let too_large = |bytes: u64| {
            format!(
                "The file has {} KB; the most is {} KB. Split or shrink it.",
                bytes.div_ceil(1024),
                bytes_max / 1024
            )
        };
        match self {
            Self::Memory(files) => match files.get(name) {
                Some(bytes) if bytes.len() as u64 <= bytes_max => Ok(Cow::Borrowed(bytes)),
                Some(bytes) => Err(too_large(bytes.len() as u64)),
                None => Err("There is no such file.".into()),
            },
            Self::Disk { root, .. } => {
                let path = root.join(name);
                let cannot = |error: std::io::Error| format!("The file cannot be read: {error}.");
                let bytes = fs::metadata(&path).map_err(cannot)?.len();
                if bytes > bytes_max {
                    return Err(too_large(bytes));
                }
                fs::read(&path).map(Cow::Owned).map_err(cannot)
            }
        }
    }

    /// The file that `wanted` names from inside `from`: beside it, in `pictures/` beside it or above it, or from
    /// the root. Never outside the folder.
    pub fn resolve(&self, from: &str, wanted: &str) -> Option<String> {
        let wanted = wanted.trim_start_matches("./");
        if wanted.split('/').any(|part| part == "..") && !wanted.starts_with("../") {
            return None;
        }
        let mut folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut rest = wanted;
        while let Some(shorter) = rest.strip_prefix("../") {
            rest = shorter;
            folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        }
        let rest = rest.trim_start_matches('/');
        loop {
            for name in
                [join(folder, rest), join(folder, &format!("pictures/{rest}")), join(folder, &format!("images/{rest}"))]
            {
                if self.has(&name) {
                    return Some(name);
                }
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        }
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn list(root: &Path, folder: &Path, level: usize, names: &mut Vec<String>) -> Result<(), String> {
    let cannot = |error: std::io::Error| format!("The folder {} cannot be read: {error}.", folder.display());
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(cannot)?);
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_dir() && level < LEVELS_MAX {
            list(root, &path, level + 1, names)?;
        } else if kind.is_file() {
            let inside = path.strip_prefix(root).unwrap_or(&path);
            names.push(inside.to_string_lossy().replace('\\', "/"));
        }
        if names.len() > FILES_MAX {
            return Err(format!("There are more than {FILES_MAX} files; import one part at a time."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_found_beside_its_article_or_above_and_never_outside() {
        let names = ["articles/economy/a.md", "articles/economy/x.png", "articles/pictures/y.png", "pictures/z.png"];
        let folder = Folder::Memory(names.into_iter().map(|n| (n.to_owned(), Cow::Borrowed(&b""[..]))).collect());
        let find = |wanted: &str| folder.resolve("articles/economy/a.md", wanted);
        assert_eq!(find("x.png").as_deref(), Some("articles/economy/x.png"));
        assert_eq!(find("./x.png").as_deref(), Some("articles/economy/x.png"));
        assert_eq!(find("y.png").as_deref(), Some("articles/pictures/y.png"));
        assert_eq!(find("../../pictures/z.png").as_deref(), Some("pictures/z.png"));
        assert_eq!(find("z.png").as_deref(), Some("pictures/z.png"));
        for outside in ["../../../etc/passwd", "/etc/passwd", "a/../../b.png", "q.png"] {
            assert_eq!(find(outside), None, "{outside}");
        }
    }
}
