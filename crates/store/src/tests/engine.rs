//! Transactions, failures and threads.

use super::{both, change, look};
use crate::db::Statement;
use crate::{Error, Store, StoreSettings, testing};
use newsroom::time::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[tokio::test]
async fn all_statements_prepare_on_both_engines() {
    for (store, _folder) in both() {
        assert_eq!(store.migrate(Timestamp(9)).unwrap(), 0);
        assert!(crate::store::statements().count() > 150);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_that_wait_share_a_commit_and_all_are_kept() {
    for (store, _folder) in both() {
        let tasks: Vec<_> = (0..200)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    change(&store, move |change| change.set(&format!("key {number}"), "x")).await;
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let kept = look(&store, |view| view.settings()).await.len();
        assert_eq!(kept, 200, "{}", store.engine_name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_read_in_a_change_is_still_true_when_it_is_kept() {
    for (store, _folder) in both() {
        change(&store, |change| change.set("count", "0")).await;
        let tasks: Vec<_> = (0..40)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    change(&store, |change| {
                        let count: u32 = change.setting("count")?.unwrap().parse().unwrap();
                        change.set("count", &(count + 1).to_string())
                    })
                    .await;
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let count = look(&store, |view| view.setting("count")).await;
        assert_eq!(count.as_deref(), Some("40"), "{}", store.engine_name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failing_job_rolls_back_alone() {
    for (store, _folder) in both() {
        let tasks: Vec<_> = (0..30)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .change(move |change| {
                            change.set(&format!("key {number:02}"), "x")?;
                            if number % 3 == 0 { Err(Error::Broken("no".into())) } else { Ok(()) }
                        })
                        .await
                })
            })
            .collect();
        for (number, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap().is_err(), number % 3 == 0);
        }
        let kept = look(&store, |view| view.settings()).await;
        assert_eq!(kept.len(), 20);
        assert!(kept.iter().all(|(key, _)| key[4..].parse::<u32>().unwrap() % 3 != 0));
    }
}

#[tokio::test]
async fn a_panic_undoes_its_change_and_the_next_one_is_served() {
    for (store, _folder) in both() {
        let told = store
            .change(|change| -> Result<(), Error> {
                change.set("a", "1")?;
                panic!("six in the morning")
            })
            .await;
        assert_eq!(told, Err(Error::Panicked("six in the morning".into())));
        let told = store.read(|_| -> Result<(), Error> { panic!("at night") }).await;
        assert_eq!(told, Err(Error::Panicked("at night".into())));
        change(&store, |change| change.set("b", "2")).await;
        assert_eq!(look(&store, |view| view.settings()).await, [("b".to_owned(), "2".to_owned())]);
    }
}

#[tokio::test]
async fn a_failed_statement_spoils_the_change_even_if_nobody_says_so() {
    for (store, _folder) in both() {
        let told = store
            .change(|change| {
                change.set("a", "1")?;
                let _ = change.keep_sign_in_link("x", newsroom::id::StaffId(404), Timestamp(1), Timestamp(2));
                Ok::<_, Error>(())
            })
            .await;
        assert!(told.is_err(), "{}", store.engine_name());
        assert!(look(&store, |view| view.settings()).await.is_empty());
    }
}

#[tokio::test]
async fn a_look_cannot_write() {
    static WRITE: Statement =
        Statement::new("WRITE", "insert into meta (key, value) values ('a', 'b') returning key", None);
    let folder = tempfile::tempdir().unwrap();
    let store = testing::fresh_sqlite(folder.path());
    let told = store.read(|view| view.any(&WRITE, &[])).await;
    assert!(told.is_err());
    assert!(store.read_now(|view| view.any(&WRITE, &[])).is_err());
}

#[tokio::test]
async fn what_is_there_already_is_named_alike_on_both_engines() {
    for (store, _folder) in both() {
        let (first, _) = super::article(1, "one");
        let (mut second, _) = super::article(2, "one");
        change(&store, move |change| change.add_article(&first)).await;
        let same = second.clone();
        let told: Result<(), Error> = store.change(move |change| change.add_article(&same)).await;
        assert!(told.clone().unwrap_err().violates("articles_address"), "{told:?}");
        second.slug = super::slug("two");
        second.work = newsroom::id::WorkId(1);
        let same = second.clone();
        let told: Result<(), Error> = store.change(move |change| change.add_article(&same)).await;
        assert!(told.clone().unwrap_err().violates("articles_translation"), "{told:?}");
        second.id = newsroom::id::ArticleId(1);
        let told: Result<(), Error> = store.change(move |change| change.add_article(&second)).await;
        assert!(told.clone().unwrap_err().violates("articles_pkey"), "{told:?}");
    }
}

#[tokio::test]
async fn a_change_that_others_are_in_the_way_of_is_tried_again() {
    let store = testing::fresh_postgres();
    let tries = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&tries);
    change(&store, |change| change.set("a", "0")).await;
    let other = store.clone();
    change(&store, move |change| {
        let first = seen.fetch_add(1, Ordering::SeqCst) == 0;
        let value = change.setting("a")?.unwrap();
        if first {
            let other = other.clone();
            let loop_of_its_own = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(other.change(|change| change.set("a", "other")))
            });
            loop_of_its_own.join().unwrap()?;
        }
        change.set("a", &format!("{value}+1"))
    })
    .await;
    assert_eq!(tries.load(Ordering::SeqCst), 2);
    assert_eq!(look(&store, |view| view.setting("a")).await.as_deref(), Some("other+1"));
}

#[tokio::test]
async fn the_store_comes_back_after_the_server_did() {
    static KICK: Statement = Statement::new(
        "KICK",
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
        None,
    );
    let store = testing::fresh_postgres();
    for round in 0..20 {
        change(&store, move |change| change.set("a", &round.to_string())).await;
    }
    look(&store, |view| view.any(&KICK, &[])).await;
    for round in 20..40 {
        change(&store, move |change| change.set("a", &round.to_string())).await;
    }
    assert_eq!(look(&store, |view| view.setting("a")).await.as_deref(), Some("39"));
}

#[tokio::test]
async fn only_one_process_serves_from_a_folder_while_others_may_work_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = testing::fresh_sqlite(folder.path());
    let settings = StoreSettings::Sqlite { path: folder.path().join("masthead.db") };
    let second = Store::open(&settings).unwrap();
    store.claim_serving().unwrap();
    store.claim_serving().unwrap();
    let told = second.claim_serving().unwrap_err().to_string();
    assert!(told.starts_with("Another Masthead serves from"), "{told}");
    change(&second, |change| change.set("a", "1")).await;
    assert_eq!(look(&store, |view| view.setting("a")).await.as_deref(), Some("1"));
    drop(store);
    second.claim_serving().unwrap();
}

#[tokio::test]
async fn a_backup_is_whole_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = testing::fresh_sqlite(folder.path());
    change(&store, |change| change.set("a", "1")).await;
    let copy = folder.path().join("copy.db");
    store.backup_sqlite(&copy).await.unwrap();
    change(&store, |change| change.set("a", "2")).await;
    assert!(store.backup_sqlite(&copy).await.is_err(), "nothing is overwritten");
    let copy = Store::open(&StoreSettings::Sqlite { path: copy }).unwrap();
    assert_eq!(copy.read_now(|view| view.setting("a")), Ok(Some("1".to_owned())));
}

#[test]
fn what_cannot_be_opened_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "no database, but some text that is long enough to be read as one").unwrap();
    let sqlite = |path: &std::path::Path| Store::open(&StoreSettings::Sqlite { path: path.to_owned() }).err().unwrap();
    assert!(sqlite(&file).to_string().contains("cannot be opened"), "{}", sqlite(&file));
    assert!(sqlite(&file.join("below")).to_string().contains("cannot be made"));
    let postgres = |url: &str| Store::open(&StoreSettings::Postgres { url: url.into() }).err().unwrap().to_string();
    assert!(postgres("postgresql://x@localhost/x?sslmode=require").contains("sslmode=disable"));
    assert!(postgres("host=/nowhere user=x").contains("Is it running?"));
    assert!(postgres("colour=green").contains("URL is not right"));
}

#[tokio::test]
async fn a_closed_store_says_so() {
    for (store, _folder) in both() {
        change(&store, |change| change.set("a", "1")).await;
        store.close();
        let told: Result<(), Error> = store.change(|change| change.set("a", "2")).await;
        assert_eq!(told, Err(Error::Gone("the store is closed".into())));
    }
}
