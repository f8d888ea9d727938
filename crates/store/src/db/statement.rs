//! Statements: one text for both engines, written once, prepared once per connection.
//! Owns the few tokens in which the engines differ. Runs nothing.

use std::sync::OnceLock;

/// One SQL statement with parameters `?1`, `?2` … and the tokens `{{ids ?1}}` (a JSON array of
/// numbers as a set), `{{texts ?1}}` (of texts) and `{{rows ?1}}` (a JSON array of arrays, read as `value->>0`, `value->>1` …).
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) name: &'static str,
    text: &'static str,
    override_postgres: Option<&'static str>,
    sqlite: OnceLock<String>,
    postgres: OnceLock<String>,
}

impl Statement {
    pub(crate) const fn new(name: &'static str, text: &'static str, postgres: Option<&'static str>) -> Self {
        Self { name, text, override_postgres: postgres, sqlite: OnceLock::new(), postgres: OnceLock::new() }
    }

    #[cfg(test)]
    pub(crate) fn text(&self) -> &'static str {
        self.text
    }

    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite.get_or_init(|| {
            replace(self.text, |kind, parameter| match kind {
                "ids" | "texts" => format!("(select value from json_each({parameter}))"),
                _ => format!("json_each({parameter})"),
            })
        })
    }

    pub(crate) fn postgres(&self) -> &str {
        self.postgres.get_or_init(|| {
            let text = replace(self.override_postgres.unwrap_or(self.text), |kind, parameter| match kind {
                "ids" => format!("(select cast(value as bigint) from json_array_elements_text(cast({parameter} as json)) as ids(value))"),
                "texts" => format!("(select value from json_array_elements_text(cast({parameter} as json)) as texts(value))"),
                _ => format!("json_array_elements(cast({parameter} as json)) as each_row(value)"),
            });
            dollars(&text)
        })
    }
}

/// Puts `with(kind, parameter)` in place of each `{{kind parameter}}`.
fn replace(text: &str, with: impl Fn(&str, &str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (token, tail) = after.split_once("}}").expect("every token in a statement is closed; a test prepares all");
        let (kind, parameter) = token.split_once(' ').expect("every token names its parameter; a test prepares all");
        out.push_str(before);
        out.push_str(&with(kind, parameter));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// `?1` as PostgreSQL writes it: `$1`. Quoted text is left alone.
fn dollars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut quoted = false;
    for letter in text.chars() {
        quoted ^= letter == '\'';
        out.push(if letter == '?' && !quoted { '$' } else { letter });
    }
    out
}

/// Declares statements and lists them in `ALL`, so that each is prepared on both engines at start
/// and in a test.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr $(, postgres $postgres:expr)?;)*) => {
        $($(#[$doc])* static $name: $crate::db::Statement = $crate::db::Statement::new(
            stringify!($name), $text, $crate::db::statement::statements!(@or $($postgres)?),
        );)*
        pub(crate) static ALL: &[&$crate::db::Statement] = &[$(&$name),*];
    };
    (@or) => { None };
    (@or $postgres:expr) => { Some($postgres) };
}
pub(crate) use statements;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_becomes_the_sql_of_both_engines() {
        let statement = Statement::new("T", "select '?' from t where id in {{ids ?1}} and at < ?2", None);
        assert_eq!(statement.sqlite(), "select '?' from t where id in (select value from json_each(?1)) and at < ?2");
        assert_eq!(
            statement.postgres(),
            "select '?' from t where id in (select cast(value as bigint) from json_array_elements_text(cast($1 as json)) as ids(value)) and at < $2"
        );
    }
}
