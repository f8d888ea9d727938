//! The picture library: what comes in is written anew in a few sizes; the original's metadata is dropped.

use crate::desk::Desk;
use crate::error::Error;
use crate::ledger::{Entry, Who};
use newsroom::id::PictureId;
use newsroom::refusal::Refusal;
use newsroom::staff::{May, Staff};
use press::picture::{self, Picture as Prepared, PictureFormat};
use store::blobs;

impl Desk {
    /// Takes a picture into the library; one that is there already is found again by its bytes.
    pub async fn add_picture(&self, by: Option<&Staff>, name: &str, bytes: Vec<u8>) -> Result<PictureId, Error> {
        if let Some(by) = by {
            by.allowed(May::Write)?;
        }
        let hash = blobs::hash(&bytes);
        let known = hash.clone();
        if let Some(known) = self.look(move |view| Ok(view.picture_of_hash(&known)?)).await? {
            return Ok(known.id);
        }
        let disk = self.blobs().clone();
        let prepared = tokio::task::spawn_blocking(move || prepare(&disk, &bytes))
            .await
            .map_err(|error| Error::Broken(format!("Preparing a picture stopped: {error}.")))??;
        let (id, now, desk) = (PictureId(self.id()), self.now(), self.clone());
        let (by, name) = (by.cloned(), name.chars().filter(|c| !c.is_control()).take(200).collect::<String>());
        self.change(move |change| {
            if let Some(known) = change.picture_of_hash(&hash)? {
                return Ok(known.id);
            }
            change.add_picture(&store::Picture {
                id,
                hash: hash.clone(),
                format: prepared.format.to_owned(),
                bytes: prepared.bytes,
                width: prepared.width,
                height: prepared.height,
                colour: prepared.colour.clone(),
                name: name.clone(),
                alt: String::new(),
                credit: String::new(),
                made_at: now,
                made_by: by.as_ref().map(|staff| staff.id),
            })?;
            for rendition in &prepared.renditions {
                change.add_rendition(&store::Rendition { picture: id, ..rendition.clone() })?;
            }
            let who = by.as_ref().map_or(Who::Operator, Who::Staff);
            desk.note(change, who, Entry::new("added a picture", id, &name))?;
            Ok(id)
        })
        .await
    }
}

struct Kept {
    format: &'static str,
    bytes: u64,
    width: u32,
    height: u32,
    colour: String,
    renditions: Vec<store::Rendition>,
}

/// Decodes, resizes and keeps the bytes on the disk; the original is kept for later sizes and never served.
fn prepare(disk: &blobs::Disk, bytes: &[u8]) -> Result<Kept, Error> {
    let Prepared { width, height, colour, renditions } =
        picture::prepare(bytes).map_err(|refusal| Refusal::Picture(refusal.to_string()))?;
    disk.keep(bytes)?;
    let mut kept = Vec::with_capacity(renditions.len());
    for rendition in renditions {
        kept.push(store::Rendition {
            picture: PictureId(0),
            width: rendition.width,
            height: rendition.height,
            format: format_name(rendition.format).to_owned(),
            hash: disk.keep(&rendition.bytes)?,
            bytes: rendition.bytes.len() as u64,
        });
    }
    Ok(Kept { format: original_format(bytes), bytes: bytes.len() as u64, width, height, colour, renditions: kept })
}

fn format_name(format: PictureFormat) -> &'static str {
    match format {
        PictureFormat::Jpeg => "jpeg",
        PictureFormat::WebP => "webp",
    }
}

/// By its first bytes; what the press took is one of these four.
fn original_format(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x89, b'P', ..] => "png",
        [b'G', b'I', b'F', ..] => "gif",
        [b'R', b'I', b'F', b'F', ..] => "webp",
        _ => "jpeg",
    }
}
