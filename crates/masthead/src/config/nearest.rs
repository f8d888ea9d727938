//! Finds what somebody probably meant.

/// Most letters that may differ.
const DISTANCE_MAX: usize = 3;

/// The name closest to `typed`, if few enough letters differ for it to be a slip.
pub(super) fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = DISTANCE_MAX.min(typed.chars().count().div_ceil(3));
    names
        .into_iter()
        .map(|name| (distance(typed, name), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein's distance, in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(a != *b)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        fn check(typed: &str, meant: Option<&str>) {
            let names = ["listen", "public_url", "relay", "host", "port", "password", "password_file"];
            assert_eq!(nearest(typed, names), meant, "{typed}");
        }
        check("lissten", Some("listen"));
        check("publicurl", Some("public_url"));
        check("public-url", Some("public_url"));
        check("pasword", Some("password"));
        check("relays", Some("relay"));
        check("prot", Some("port"));
        check("hist", Some("host"));
        check("colour", None);
        check("x", None);
        check("", None);
    }
}
