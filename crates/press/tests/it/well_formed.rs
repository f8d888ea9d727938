//! A small, strict reader of HTML that names everything a print must not contain.

const EMPTY: &[&str] = &["br", "hr", "img", "source"];

/// What is wrong with a print: scripts, handlers, unsafe addresses, tags without partners, ids used twice.
pub(crate) fn faults(html: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut ids: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if rest[..at].contains('>') {
            faults.push(format!("a bare > in {:?}", &rest[..at]));
        }
        rest = &rest[at + 1..];
        let Some((tag, after)) = tag(rest) else {
            faults.push(format!("a tag without end: {:?}", rest.chars().take(40).collect::<String>()));
            break;
        };
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                faults.push(format!("</{name}> closes nothing"));
            }
            continue;
        }
        let (name, attributes) = attributes(tag, &mut faults);
        if matches!(
            name.as_str(),
            "script" | "style" | "iframe" | "object" | "embed" | "form" | "base" | "meta" | "svg"
        ) {
            faults.push(format!("<{name}>"));
        }
        if matches!(name.as_str(), "p" | "h2" | "h3" | "h4") && open.iter().any(|o| o == "p") {
            faults.push(format!("<{name}> within <p>"));
        }
        if name == "a" && open.iter().any(|o| o == "a") {
            faults.push("<a> within <a>".into());
        }
        for (key, value) in attributes {
            let address = matches!(key.as_str(), "href" | "src" | "srcset");
            let value_lower = value.trim().to_lowercase();
            if key.starts_with("on")
                || address && (value_lower.starts_with("javascript:") || value_lower.starts_with("data:"))
            {
                faults.push(format!("{key}={value}"));
            }
            if key == "id" {
                if ids.contains(&value) {
                    faults.push(format!("the id {value} twice"));
                }
                ids.push(value);
            }
        }
        if !EMPTY.contains(&name.as_str()) {
            open.push(name);
        }
    }
    faults.extend(open.into_iter().map(|name| format!("<{name}> is never closed")));
    faults
}

/// The inside of a tag up to the `>` that is in no quotes.
fn tag(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

fn attributes(tag: &str, faults: &mut Vec<String>) -> (String, Vec<(String, String)>) {
    let name_end = tag.find(' ').unwrap_or(tag.len());
    let (name, mut rest) = tag.split_at(name_end);
    let mut out = Vec::new();
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        let read = rest.split_once("=\"").and_then(|(key, after)| Some((key, after.split_once('"')?)));
        let Some((key, (value, after))) = read else {
            faults.push(format!("attributes that cannot be read: {rest:?}"));
            break;
        };
        if !key.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
            faults.push(format!("an attribute called {key:?}"));
        }
        out.push((key.to_owned(), value.to_owned()));
        rest = after;
    }
    (name.to_owned(), out)
}
