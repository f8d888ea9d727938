//! Migrations only add, and only what was released.

use crate::db::migrate::{MIGRATIONS, Migration, migrate, pending};
use crate::{Store, StoreSettings, testing};
use newsroom::time::Timestamp;

fn settings() -> [(StoreSettings, Option<tempfile::TempDir>); 2] {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = StoreSettings::Sqlite { path: folder.path().join("masthead.db") };
    [(sqlite, Some(folder)), (StoreSettings::Postgres { url: testing::fresh_postgres_url() }, None)]
}

#[test]
fn migrations_run_twice_safely() {
    for (settings, _folder) in settings() {
        let store = Store::open(&settings).unwrap();
        assert_eq!(store.migrations_pending().unwrap(), MIGRATIONS.len());
        assert_eq!(store.migrate(Timestamp(1)).unwrap(), MIGRATIONS.len());
        assert_eq!(store.migrate(Timestamp(2)).unwrap(), 0);
        assert_eq!(Store::open(&settings).unwrap().migrations_pending().unwrap(), 0);
    }
}

#[test]
fn two_nodes_that_start_together_migrate_once() {
    for (settings, _folder) in settings() {
        let nodes: Vec<_> = (0..4)
            .map(|_| {
                let settings = settings.clone();
                std::thread::spawn(move || Store::open(&settings).unwrap().migrate(Timestamp(1)).unwrap())
            })
            .collect();
        let taken: usize = nodes.into_iter().map(|node| node.join().unwrap()).sum();
        assert_eq!(taken, MIGRATIONS.len());
    }
}

#[test]
fn a_newer_schema_is_refused() {
    for (settings, _folder) in settings() {
        let store = Store::open(&settings).unwrap();
        store.migrate(Timestamp(1)).unwrap();
        let mut steps = MIGRATIONS.to_vec();
        steps.push(Migration { number: 99, name: "the future", text: "create table future (id {{id}}) {{strict}};" });
        assert_eq!(store.with_own_link(|link| migrate(link, &steps, Timestamp(2))), Ok(1));
        let told = Store::open(&settings).err().unwrap().to_string();
        assert!(told.contains("step 99 (“the future”)"), "{told}");
    }
}

#[test]
fn a_changed_checksum_is_refused() {
    for (settings, _folder) in settings() {
        let store = Store::open(&settings).unwrap();
        store.migrate(Timestamp(1)).unwrap();
        let mut steps = MIGRATIONS.to_vec();
        steps[0].text = "create table other (id {{id}}) {{strict}};";
        let told = store.with_own_link(|link| pending(link, &steps)).unwrap_err().to_string();
        assert!(told.contains("A released step never changes"), "{told}");
    }
}

#[test]
fn a_step_that_fails_leaves_nothing_behind() {
    for (settings, _folder) in settings() {
        let store = Store::open(&settings).unwrap();
        store.migrate(Timestamp(1)).unwrap();
        let mut steps = MIGRATIONS.to_vec();
        let text = "create table half (id {{id}}) {{strict}}; create table half (id {{id}}) {{strict}};";
        let number = u32::try_from(steps.len() + 1).unwrap();
        steps.push(Migration { number, name: "half", text });
        assert!(store.with_own_link(|link| migrate(link, &steps, Timestamp(2))).is_err());
        steps.last_mut().unwrap().text = "create table half (id {{id}}) {{strict}};";
        assert_eq!(store.with_own_link(|link| migrate(link, &steps, Timestamp(2))), Ok(1));
    }
}
