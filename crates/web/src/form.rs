//! What a form sent, as names and values: bounded, and nothing more is believed about it.

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request};

/// Bytes of a form on the readers' side.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// Fields of a form.
const FIELDS_MAX: usize = 500;
/// Bytes of one value; the rest is cut off at a letter.
const VALUE_BYTES_MAX: usize = 2_000;

/// Why a form was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// More than [`FORM_BYTES_MAX`]: 413.
    TooLarge,
    /// Not a form: 415.
    OtherType,
}

/// The fields of a form, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a request.
    pub async fn read(request: Request<Body>) -> Result<Form, Unread> {
        let (parts, body) = request.into_parts();
        let bytes = axum::body::to_bytes(body, FORM_BYTES_MAX).await.map_err(|_| Unread::TooLarge)?;
        if bytes.is_empty() {
            return Ok(Form::default());
        }
        match media_type(&parts.headers).as_str() {
            "application/x-www-form-urlencoded" => Ok(Form::parse(&bytes)),
            // RFC 8058 §3.2 lets a mail provider choose; of such a form only this one field is wanted.
            "multipart/form-data" if is_one_click(&bytes) => {
                Ok(Form(vec![("List-Unsubscribe".into(), "One-Click".into())]))
            }
            _ => Err(Unread::OtherType),
        }
    }

    /// Reads `a=1&b=2` (WHATWG URL §5.1). Letters that are not UTF-8 become �, control characters but line ends go.
    pub fn parse(bytes: &[u8]) -> Form {
        let clean = |text: &str| -> String {
            let mut end = text.len().min(VALUE_BYTES_MAX);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text[..end].chars().filter(|letter| !letter.is_control() || *letter == '\n').collect()
        };
        let pairs = form_urlencoded::parse(bytes).take(FIELDS_MAX);
        Form(pairs.map(|(name, value)| (clean(&name), clean(&value))).collect())
    }

    /// The first value of a name, trimmed; empty where there is none.
    pub fn first(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The first value of a name, if it says anything.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.first(name)).filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// All values of a name that say anything.
    pub fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned());
        values.filter(|value| !value.is_empty()).collect()
    }

    /// Whether the name was sent at all.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let line = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    line.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_one_click(multipart: &[u8]) -> bool {
    let text = String::from_utf8_lossy(multipart);
    text.contains("name=\"List-Unsubscribe\"") && text.contains("One-Click")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(content_type: &str, body: impl Into<Body>) -> Result<Form, Unread> {
        let request = Request::post("/").header(CONTENT_TYPE, content_type).body(body.into()).unwrap();
        Form::read(request).await
    }

    #[test]
    fn a_form_is_read_as_it_was_typed() {
        let form = Form::parse("email=+rose%40example.ht&section=a&section=&section=b&name=Zo%C3%A9+K".as_bytes());
        assert_eq!(form.first("email"), "rose@example.ht");
        assert_eq!(form.all("section"), ["a", "b"]);
        assert_eq!(form.first("name"), "Zoé K");
        assert_eq!((form.some("none"), form.has("section"), form.has("none")), (None, true, false));
    }

    #[test]
    fn what_no_keyboard_sends_does_no_harm() {
        let form = Form::parse(b"email=a%00%0d%0aBcc:x&x=%ff%fe&&&=&%=%&y");
        assert_eq!(form.first("email"), "a\nBcc:x");
        assert_eq!(form.first("x"), "��");
        assert!(Form::parse(&b"a=1&".repeat(5000)).all("a").len() == FIELDS_MAX);
        assert!(Form::parse(format!("a={}", "é".repeat(5000)).as_bytes()).first("a").len() <= VALUE_BYTES_MAX);
    }

    #[tokio::test]
    async fn only_forms_of_a_sensible_size_are_read() {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(read(form, "a=1").await.unwrap().first("a"), "1");
        assert_eq!(read(form, "a".repeat(FORM_BYTES_MAX + 1)).await, Err(Unread::TooLarge));
        assert_eq!(read("application/json", "{}").await, Err(Unread::OtherType));
        assert_eq!(read("", "").await, Ok(Form::default()));
    }

    #[tokio::test]
    async fn a_mail_provider_may_send_one_click_either_way() {
        let urlencoded = read("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click").await.unwrap();
        let parts = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n";
        let multipart = read("multipart/form-data; boundary=x", parts).await.unwrap();
        assert_eq!(urlencoded, multipart);
    }
}
