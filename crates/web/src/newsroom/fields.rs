//! What a form sent: texts by name, and files. Reads the whole form even where a file is too large, so that nothing
//! typed is lost. Believes no file name and no type.

use super::trouble::Trouble;
use axum::extract::{FromRequest, Multipart, RawForm, Request};
use http::header::CONTENT_TYPE;

/// Bytes of one picture; a larger one is left out and said so.
pub(crate) const FILE_BYTES_MAX: usize = 25 * 1024 * 1024;
/// Bytes of a whole form, pictures included.
pub(crate) const FORM_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Texts and files in one form.
const FIELDS_MAX: usize = 400;
/// Characters of a file's name that are kept.
const NAME_CHARACTERS_MAX: usize = 120;

/// A file somebody sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) field: String,
    pub(crate) name: String,
    /// Empty where it was too large.
    pub(crate) bytes: Vec<u8>,
    pub(crate) too_large: bool,
}

/// The fields of a form, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    texts: Vec<(String, String)>,
    pub(crate) files: Vec<File>,
}

impl Fields {
    /// The first value of a name, trimmed; empty where there is none.
    pub(crate) fn first(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The first value of a name as it was typed.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.texts.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a name, trimmed, empty ones too.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.texts.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned()).collect()
    }

    fn add(&mut self, name: &str, value: &[u8]) {
        self.texts.push((name.to_owned(), clean(&String::from_utf8_lossy(value))));
    }

    /// For tests and small forms: names and values.
    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        let mut fields = Self::default();
        for (name, value) in pairs {
            fields.add(name, value.as_bytes());
        }
        fields
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("multipart/form-data") {
            let form = Multipart::from_request(request, state).await.map_err(|_| Trouble::NotAForm)?;
            return read_parts(form).await;
        }
        if kind.is_empty() {
            return Ok(Self::default());
        }
        let RawForm(bytes) = RawForm::from_request(request, state).await.map_err(|_| Trouble::NotAForm)?;
        let mut fields = Self::default();
        for (name, value) in form_urlencoded::parse(&bytes).take(FIELDS_MAX) {
            fields.add(&name, value.as_bytes());
        }
        Ok(fields)
    }
}

async fn read_parts(mut form: Multipart) -> Result<Fields, Trouble> {
    let mut fields = Fields::default();
    while let Some(mut part) = form.next_field().await.map_err(|error| unread(&error))? {
        if fields.texts.len() + fields.files.len() >= FIELDS_MAX {
            return Err(Trouble::NotAForm);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(file_name);
        let mut bytes = Vec::new();
        let mut too_large = false;
        while let Some(chunk) = part.chunk().await.map_err(|error| unread(&error))? {
            too_large = too_large || bytes.len() + chunk.len() > FILE_BYTES_MAX;
            if too_large {
                bytes = Vec::new();
            } else {
                bytes.extend_from_slice(&chunk);
            }
        }
        match file_name {
            // A file field that was left empty.
            Some(_) if bytes.is_empty() && !too_large => {}
            Some(file) => fields.files.push(File { field: name, name: file, bytes, too_large }),
            None if too_large => return Err(Trouble::TooLarge),
            None => fields.add(&name, &bytes),
        }
    }
    Ok(fields)
}

fn unread(error: &axum::extract::multipart::MultipartError) -> Trouble {
    if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE { Trouble::TooLarge } else { Trouble::NotAForm }
}

/// Line ends are `\n`; other control characters but the tab go.
fn clean(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect()
}

/// The last part of what a browser calls the file.
fn file_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|letter| !letter.is_control()).take(NAME_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    async fn read(kind: &str, body: impl Into<Body>) -> Result<Fields, Trouble> {
        let request = Request::post("/").header(CONTENT_TYPE, kind).body(body.into()).unwrap();
        Fields::from_request(request, &()).await
    }

    fn part(name: &str, file: Option<&str>, body: &str) -> String {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{body}\r\n")
    }

    #[tokio::test]
    async fn texts_and_files_are_read_in_their_order() {
        let form = part("body", None, "one\r\n\r\ntwo") + &part("topic", None, "a") + &part("topic", None, "b");
        let form =
            form + &part("lead", Some("C:\\pictures\\boat.jpg"), "JPEG") + &part("none", Some(""), "") + "--x--\r\n";
        let fields = read("multipart/form-data; boundary=x", form).await.unwrap();
        assert_eq!(fields.raw("body"), "one\n\ntwo");
        assert_eq!(fields.all("topic"), ["a", "b"]);
        assert_eq!(fields.files.len(), 1);
        assert_eq!((fields.files[0].name.as_str(), fields.files[0].bytes.as_slice()), ("boat.jpg", b"JPEG".as_slice()));
    }

    #[tokio::test]
    async fn a_picture_that_is_too_large_loses_no_word() {
        let large = "x".repeat(FILE_BYTES_MAX + 1);
        let form = part("lead", Some("a.jpg"), &large) + &part("lead_alt", None, "A boat") + "--x--\r\n";
        let request = Request::post("/").header(CONTENT_TYPE, "multipart/form-data; boundary=x");
        let mut request = request.body(Body::from(form)).unwrap();
        axum::extract::DefaultBodyLimit::max(FORM_BYTES_MAX).apply(&mut request);
        let fields = Fields::from_request(request, &()).await.unwrap();
        assert!(fields.files[0].too_large && fields.files[0].bytes.is_empty());
        assert_eq!(fields.first("lead_alt"), "A boat");
    }

    #[tokio::test]
    async fn a_small_form_is_read_as_browsers_send_it() {
        let fields = read("application/x-www-form-urlencoded", "text=a%0D%0Ab+c&when=at").await.unwrap();
        assert_eq!((fields.raw("text"), fields.first("when"), fields.first("other")), ("a\nb c", "at", ""));
        assert!(read("multipart/form-data; boundary=x", "nonsense").await.is_err());
    }
}
