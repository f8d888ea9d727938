//! How SQLite goes about each statement on a paper without statistics: what is asked often must
//! not read what grows.

use crate::testing;

/// Short lists, or read whole on purpose.
const SMALL: [&str; 22] = [
    "authors",
    "chores",
    "counted",
    "d",
    "editions",
    "imports",
    "mailrooms",
    "meta",
    "migrations",
    "newsletters",
    "one_offs",
    "pauses",
    "pending_confirmations",
    "s",
    "sections",
    "segments",
    "sessions",
    "sign_in_links",
    "sign_ups",
    "sitemap_parts",
    "suppressions",
    "topics",
];
/// Asked by a person who looks at figures.
const FIGURES: [&str; 1] = ["AUDIENCE"];

#[test]
fn no_statement_reads_a_whole_table_that_grows() {
    let folder = tempfile::tempdir().unwrap();
    drop(testing::fresh_sqlite(folder.path()));
    let connection = rusqlite::Connection::open(folder.path().join("masthead.db")).unwrap();
    let mut looked = 0;
    for statement in crate::store::statements() {
        let mut plan = connection.prepare(&format!("explain query plan {}", statement.sqlite())).unwrap();
        let parameters = vec![0_i64; plan.parameter_count()];
        let steps = plan.query_map(rusqlite::params_from_iter(parameters), |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = steps.map(Result::unwrap).collect();
        for step in steps.iter().filter_map(|step| step.strip_prefix("SCAN ")) {
            let table = step.split(' ').next().unwrap_or_default();
            let fine = step.contains("USING") || step.contains("VIRTUAL") || step.contains("CONSTANT");
            let whole = !fine && !SMALL.contains(&table) && !FIGURES.contains(&statement.name);
            assert!(!whole, "{} reads all of {table}: {steps:#?}", statement.name);
            looked += 1;
        }
    }
    assert!(looked > 20);
}
