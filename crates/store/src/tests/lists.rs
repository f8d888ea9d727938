//! The short lists, the desk's articles, chores and the ledger.

use super::{article, both, change, language, look, slug};
use crate::{Chore, DeskLine, DeskList, Error, LedgerLine, Member};
use newsroom::article::{LeadPicture, State};
use newsroom::delivery::Promise;
use newsroom::id::{ArticleId, ChoreId, LedgerId, PictureId, StaffId, WorkId};
use newsroom::publication::{Author, Names, Newsletter, Publication, Section, Topic};
use newsroom::staff::{Role, Staff};
use newsroom::subscriber::Address;
use newsroom::time::Timestamp;

fn names() -> Names {
    Names::from([("en".into(), "Haiti".into()), ("ht".into(), "Ayiti".into())])
}

#[tokio::test]
async fn lists_are_read_back_as_they_were_kept() {
    for (store, _folder) in both() {
        let section = Section { slug: slug("haiti"), names: names() };
        let topic = Topic { slug: slug("police"), names: names() };
        let bios = names();
        let author = Author {
            slug: slug("k"),
            name: "K".into(),
            title: "Reporter".into(),
            place: "Nairobi".into(),
            bios,
            picture: Some(newsroom::id::PictureId(7)),
        };
        let newsletter =
            Newsletter { slug: slug("daily"), names: names(), descriptions: Names::new(), promise: Promise::NeverLose };
        let paper = Publication { name: "Global Daily Update".into(), ..Publication::default() };
        let kept = (section.clone(), topic.clone(), author.clone(), newsletter.clone(), paper.clone());
        change(&store, move |change| {
            for _ in 0..2 {
                change.save_section(&Section { slug: slug("last"), names: names() }, 9)?;
                change.save_section(&kept.0, 1)?;
                change.save_topic(&kept.1)?;
                change.save_author(&kept.2)?;
                change.save_newsletter(&kept.3, 1)?;
                change.save_publication(&kept.4)?;
            }
            Ok(())
        })
        .await;
        look(&store, move |view| {
            assert_eq!(view.sections()?[0], section);
            assert_eq!(view.topics()?, std::slice::from_ref(&topic));
            assert_eq!(view.author(&slug("k"))?, Some(author.clone()));
            assert_eq!(view.newsletters()?, std::slice::from_ref(&newsletter));
            assert_eq!(view.publication()?, Some(paper.clone()));
            assert_eq!(view.topic(&slug("none"))?, None);
            Ok(())
        })
        .await;
        let version =
            change(&store, |change| Ok((change.raise_content_version()?, change.raise_content_version()?))).await;
        assert_eq!(version, (1, 2));
        let secret =
            change(&store, |change| Ok((change.set_once("secret", "a")?, change.set_once("secret", "b")?))).await;
        assert_eq!(secret, ("a".to_owned(), "a".to_owned()));
    }
}

#[tokio::test]
async fn a_section_with_articles_cannot_be_deleted() {
    for (store, _folder) in both() {
        super::keep(&store, vec![article(1, "one")]).await;
        change(&store, |change| {
            for name in ["international", "empty"] {
                change.save_section(&Section { slug: slug(name), names: names() }, 1)?;
            }
            assert!(!change.delete_section(&slug("international"))?);
            assert!(change.delete_section(&slug("empty"))?);
            assert!(!change.delete_topic(&slug("haiti"))?);
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn an_article_is_read_back_as_it_was_kept() {
    for (store, _folder) in both() {
        let (mut one, mut words) = article(1, "mission");
        one.embargo_until = Some(Timestamp(77));
        one.withdrawal_reason = Some("no".into());
        words.copy.lead =
            Some(LeadPicture { picture: Some(PictureId(9)), focus: Some((300, 500)), ..LeadPicture::default() });
        words.copy.body = "A text with \u{1f30d} and 'quotes' and NUL\0.".into();
        words.note = "The number of police was corrected.".into();
        super::keep(&store, vec![(one.clone(), words.clone())]).await;
        words.copy.body = words.copy.body.replace('\0', "");
        let again = words.clone();
        let told: Result<(), Error> = store.change(move |change| change.add_revision(&again)).await;
        assert!(told.unwrap_err().violates("revisions_pkey"), "somebody else saved this number");
        look(&store, move |view| {
            assert_eq!(view.article(ArticleId(1))?, Some(one.clone()));
            assert_eq!(view.article_in(WorkId(1), &language("en"))?, Some(one.clone()));
            assert_eq!(view.articles_of_work(WorkId(1))?, [one.clone()]);
            assert_eq!(view.desk_article_at(&one.language, &one.section, &one.slug)?, Some(one.clone()));
            assert_eq!(view.revision(ArticleId(1), 1)?, Some(words.clone()));
            assert_eq!(view.revisions(ArticleId(1), 9)?[0].note, words.note);
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn the_desk_sees_every_state_last_changed_first() {
    for (store, _folder) in both() {
        let ben = Member {
            staff: Staff { id: StaffId(1), name: "Ben".into(), role: Role::Editor },
            address: Address::parse("ben@example.org").unwrap(),
            author: None,
            joined_at: Timestamp(1),
            left_at: None,
        };
        change(&store, move |change| change.add_member(&ben)).await;
        let mut list: Vec<_> = (1..=5).map(|id| article(id, &format!("story {id}"))).collect();
        list[0].0.state = State::Draft;
        list[1].0.state = State::Scheduled;
        list[1].0.scheduled_for = Some(Timestamp(500));
        list[2].0.writer = Some(StaffId(1));
        super::keep(&store, list).await;
        look(&store, |view| {
            let ids = |lines: Vec<DeskLine>| lines.iter().map(|line| line.id.0).collect::<Vec<_>>();
            let page = view.desk_articles(DeskList::All, None, 3)?;
            assert_eq!(page[2].writer_name.as_deref(), Some("Ben"));
            assert_eq!(page[0].headline, "story 5");
            let rest = view.desk_articles(DeskList::All, page.last(), 3)?;
            assert_eq!((ids(page), ids(rest)), (vec![5, 4, 3], vec![2, 1]));
            assert_eq!(ids(view.desk_articles(DeskList::In(State::Draft), None, 9)?), [1]);
            assert_eq!(ids(view.desk_articles(DeskList::By(StaffId(1)), None, 9)?), [3]);
            assert_eq!(view.article_counts()?, [(State::Draft, 1), (State::Live, 3), (State::Scheduled, 1)]);
            assert_eq!(view.scheduled_due(Timestamp(499), 9)?, []);
            assert_eq!(view.scheduled_due(Timestamp(500), 9)?, [ArticleId(2)]);
            assert_eq!(view.next_scheduled_at()?, Some(Timestamp(500)));
            Ok(())
        })
        .await;
        let (mut first, _) = article(1, "story 1");
        first.state = State::Review;
        change(&store, move |change| change.save_article(&first, Timestamp(900_000))).await;
        let top = look(&store, |view| view.desk_articles(DeskList::All, None, 1)).await;
        assert_eq!((top[0].id, top[0].state), (ArticleId(1), State::Review));
    }
}

#[tokio::test]
async fn a_lock_is_one_persons_until_it_runs_out_or_is_taken_over() {
    for (store, _folder) in both() {
        super::keep(&store, vec![article(1, "one")]).await;
        change(&store, |change| {
            for id in [1, 2] {
                change.add_member(&Member {
                    staff: Staff { id: StaffId(id), name: format!("Ben {id}"), role: Role::Editor },
                    address: Address::parse(&format!("ben{id}@example.org")).unwrap(),
                    author: None,
                    joined_at: Timestamp(1),
                    left_at: None,
                })?;
            }
            let one = ArticleId(1);
            let mut lock =
                |staff, now, until| change.lock_article(one, StaffId(staff), Timestamp(now), Timestamp(until));
            assert!(lock(1, 10, 20)?);
            assert!(!lock(2, 19, 29)?);
            assert!(lock(1, 15, 25)?, "renewed");
            assert!(lock(2, 25, 35)?, "run out");
            change.take_over_lock(one, StaffId(1), Timestamp(26), Timestamp(36))?;
            change.unlock_article(one, StaffId(2))?;
            let held = change.lock(one, Timestamp(30))?.unwrap();
            assert_eq!((held.holder_name.as_str(), held.since), ("Ben 1", Timestamp(26)));
            change.unlock_article(one, StaffId(1))?;
            assert_eq!(change.lock(one, Timestamp(30))?, None);
            Ok(())
        })
        .await;
    }
}

const KINDS: [&str; 2] = ["index", "ping"];

#[tokio::test]
async fn a_chore_waits_once_is_claimed_once_and_comes_back_from_lost_nodes() {
    for (store, _folder) in both() {
        let claim = |now: i64| {
            change(&store, move |change| {
                let claimed = change.claim_chores(&KINDS, Timestamp(now), Timestamp(now + 10), 9)?;
                Ok(claimed.iter().map(|chore| (chore.id.0, chore.attempt)).collect::<Vec<_>>())
            })
        };
        change(&store, |change| {
            change.add_chore(ChoreId(1), "index", "article:1", Timestamp(50))?;
            change.add_chore(ChoreId(2), "index", "article:1", Timestamp(20))?;
            change.add_chore(ChoreId(3), "ping", "article:1", Timestamp(15))
        })
        .await;
        assert_eq!(look(&store, |view| view.next_chore_at()).await, Some(Timestamp(15)));
        assert!(!look(&store, |view| view.has_chore(&["other"], Timestamp(99))).await);
        assert!(look(&store, |view| view.has_chore(&["index"], Timestamp(20))).await);
        assert_eq!(claim(20).await, [(3, 1), (1, 1)], "the earlier time holds");
        assert!(!look(&store, |view| view.has_chore(&KINDS, Timestamp(29))).await);
        assert!(look(&store, |view| view.has_chore(&KINDS, Timestamp(30))).await, "its lease is over");
        assert_eq!(claim(21).await, []);
        assert_eq!(claim(30).await, [(3, 2), (1, 2)], "their node went away");
        change(&store, |change| {
            change.finish_chore(ChoreId(3))?;
            change.retry_chore(ChoreId(1), Timestamp(40), "a reason")
        })
        .await;
        assert_eq!(claim(45).await, [(1, 3)]);
        change(&store, |change| {
            change.add_chore(ChoreId(4), "index", "article:1", Timestamp(46))?;
            change.retry_chore(ChoreId(1), Timestamp(47), "again")
        })
        .await;
        assert_eq!(claim(60).await, [(4, 1)], "the newer one is enough");
        change(&store, |change| change.give_up_chore(ChoreId(4), "never")).await;
        let failed: Vec<Chore> = look(&store, |view| view.chores_failed(9)).await;
        assert_eq!(failed[0].last_error.as_deref(), Some("never"));
    }
}

#[tokio::test]
async fn the_ledger_is_read_newest_first() {
    for (store, _folder) in both() {
        let line = |id: i64| LedgerLine {
            id: LedgerId(id),
            at: Timestamp(id / 2),
            who: Some(StaffId(1)),
            verb: "publish".into(),
            subject: format!("article:{}", id % 2),
            detail: String::new(),
        };
        change(&store, move |change| (1..=6).try_for_each(|id| change.write_ledger(&line(id)))).await;
        look(&store, |view| {
            let page = view.ledger(None, 4)?;
            let rest = view.ledger(page.last(), 4)?;
            let ids: Vec<i64> = page.iter().chain(&rest).map(|line| line.id.0).collect();
            assert_eq!(ids, [6, 5, 4, 3, 2, 1]);
            assert_eq!(view.ledger_of("article:1", 2)?.len(), 2);
            Ok(())
        })
        .await;
    }
}
