//! The keys that sign letters: prepared, published, put to use, and the old one kept while its letters are under way.

use crate::paper::{Caught, Mood, Paper};
use desk::DkimKeyState;

/// The selectors of the signatures of a letter.
fn selectors(mail: &Caught) -> Vec<String> {
    let signatures = mail.letter.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("DKIM-Signature"));
    let selector = |value: &str| value.split("s=").nth(1).and_then(|rest| rest.split(';').next()).unwrap().to_owned();
    signatures.map(|(_, value)| selector(value)).collect()
}

async fn asks_to_subscribe(paper: &Paper, address: &str) {
    let stamp = paper.desk.stamp();
    paper.post("/subscribe", &[("email", address), ("stamp", &stamp), ("url", "")]).await.says("inbox");
}

async fn signed_by(paper: &Paper, address: &str) -> Vec<String> {
    asks_to_subscribe(paper, address).await;
    paper.round().await;
    selectors(&paper.mail_to(address).pop().unwrap())
}

crate::on_both! {
    async fn a_new_key_signs_when_it_is_put_to_use_and_not_before(paper) {
        assert!(paper.desk.use_prepared_dkim_key().await.unwrap().is_none(), "nothing was prepared");
        assert_eq!(signed_by(&paper, "rose@example.ht").await, ["masthead"]);
        let prepared = paper.desk.rotate_dkim(true).await.unwrap();
        assert_eq!((prepared.state, prepared.selector.as_str()), (DkimKeyState::Prepared, "m20250822"));
        let names: Vec<&str> = prepared.records.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["m20250822._domainkey.paper.example", "m20250822e._domainkey.paper.example"]);
        let again = paper.desk.rotate_dkim(false).await.unwrap();
        assert_eq!(again.records, prepared.records, "asked twice, it is the same key");
        assert_eq!(signed_by(&paper, "ben@example.ht").await, ["masthead"]);
        paper.at("2025-08-22T13:00:00+03:00");
        paper.desk.use_prepared_dkim_key().await.unwrap().unwrap();
        assert_eq!(signed_by(&paper, "nora@example.ht").await, ["m20250822", "m20250822e"]);
        let states = paper.desk.dkim_keys().await.unwrap();
        assert!(matches!(states[0].state, DkimKeyState::Retired { .. }), "{states:?}");
        paper.at("2025-08-30T13:00:00+03:00");
        paper.desk.rotate_dkim(false).await.unwrap();
        paper.desk.use_prepared_dkim_key().await.unwrap().unwrap();
        let left: Vec<String> = paper.desk.dkim_keys().await.unwrap().into_iter().map(|key| key.selector).collect();
        assert_eq!(left, ["m20250822", "m20250830"], "the first key is forgotten after its week");
    }

    async fn a_letter_sent_again_after_a_rotation_keeps_its_signature(paper) {
        *paper.mood.lock().unwrap() = Mood::SaysLater;
        asks_to_subscribe(&paper, "rose@example.ht").await;
        paper.round().await;
        paper.at("2025-08-22T12:30:00+03:00");
        paper.desk.rotate_dkim(false).await.unwrap();
        paper.desk.use_prepared_dkim_key().await.unwrap().unwrap();
        *paper.mood.lock().unwrap() = Mood::Takes;
        paper.at("2025-08-22T13:30:00+03:00").round().await;
        assert_eq!(selectors(&paper.mail_to("rose@example.ht").pop().unwrap()), ["masthead"]);
    }
}
