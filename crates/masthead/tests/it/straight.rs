//! Letters without a relay: straight to the servers that readers' domains name, and what becomes of those that name none.

use crate::morning::{books, three_articles};
use crate::paper::Paper;
use desk::RelayPlan;
use mail::smtp::Stage;
use mail::testing::{Act, Conduct, WildRelay};
use newsroom::delivery::Books;
use newsroom::staff::Role;
use tokio::net::TcpListener;

const DAY: &str = "2025-08-23";

/// Servers of two providers at one port of this machine, and a paper that goes straight to them.
struct World {
    haiti: WildRelay,
    lebanon: WildRelay,
}

impl World {
    async fn around(paper: &Paper, zone: &str, readers: &[&str]) -> Self {
        let haiti = TcpListener::bind("127.0.0.3:0").await.unwrap();
        let port = haiti.local_addr().unwrap().port();
        let lebanon = TcpListener::bind(("127.0.0.4", port)).await.unwrap();
        let world = Self {
            haiti: WildRelay::start_on(haiti, Conduct::default()).unwrap(),
            lebanon: WildRelay::start_on(lebanon, Conduct::default()).unwrap(),
        };
        paper.names.say(zone);
        three_articles(paper).await;
        for reader in readers {
            paper.subscribe(reader, &[("zone", "Africa/Nairobi"), ("hour", "7")]).await;
        }
        let like = mail::RelaySettings::new("", port, "paper.example");
        paper.desk.set_relays(vec![RelayPlan::straight("direct", like)]);
        world
    }
}

async fn edition(paper: &Paper) -> Books {
    paper.morning(DAY, "2025-08-23T07:00:00+03:00").await;
    books(paper, DAY).await
}

async fn later(paper: &Paper, time: &str) -> Books {
    paper.at(time).round().await;
    books(paper, DAY).await
}

crate::on_both! {
    async fn each_letter_goes_to_the_best_server_that_its_domain_names(paper) {
        let zone = "example.ht MX 10 mx1.haiti.example\nexample.ht MX 20 mx2.haiti.example\n\
                    mx1.haiti.example A 127.0.0.2\nmx2.haiti.example A 127.0.0.3\nexample.lb A 127.0.0.4\n";
        let world = World::around(&paper, zone, &["rose@example.ht", "jean@example.ht", "samir@example.lb"]).await;
        let books = edition(&paper).await;
        assert_eq!((books.sent, books.total), (3, 3));
        assert_eq!((world.haiti.book().kept(), world.lebanon.book().kept()), (2, 1));
        let relays = paper.desk.mail_of(occasion()).await.unwrap().by_relay;
        assert_eq!(relays["direct"].sent, 3);
    }

    async fn a_domain_that_takes_no_mail_gets_none_again_and_one_that_is_not_found_is_only_refused(paper) {
        let zone = "null.example MX 0 .\nbroken.example FAILS\nexample.lb A 127.0.0.4\n";
        let readers = ["a@null.example", "b@gone.example", "c@broken.example", "samir@example.lb"];
        let world = World::around(&paper, zone, &readers).await;
        let books = edition(&paper).await;
        assert_eq!((books.sent, books.refused, books.waiting, books.total), (1, 2, 1, 4));
        assert_eq!(world.lebanon.book().kept(), 1);
        let suppressed = paper.desk.suppressions(None, 10).await.unwrap();
        let mut who: Vec<String> = suppressed.into_iter().filter_map(|one| Some(one.address?.as_str().to_owned())).collect();
        who.sort();
        assert_eq!(who, ["a@null.example"], "what a name server did not know cost somebody the paper");
        paper.names.say("broken.example A 127.0.0.4\n");
        paper.desk.outgoing().names().forget();
        assert_eq!(later(&paper, "2025-08-23T07:30:00+03:00").await.sent, 2);
    }

    async fn a_provider_that_is_down_or_refuses_us_holds_up_nobody_and_gets_its_letters_later(paper) {
        let zone = "example.ht A 127.0.0.3\nexample.lb A 127.0.0.4\n";
        let world = World::around(&paper, zone, &["rose@example.ht", "samir@example.lb"]).await;
        world.haiti.behave(Conduct::saying(Stage::Greeting, "554 5.7.1 not from there"));
        let books = edition(&paper).await;
        assert_eq!((books.sent, books.waiting, books.refused), (1, 1, 0));
        world.haiti.behave(Conduct::default());
        assert_eq!(later(&paper, "2025-08-23T07:30:00+03:00").await.sent, 2);
        assert_eq!(world.haiti.book().repeats(), 0);
    }

    async fn who_is_greylisted_gets_the_letter_at_the_next_try(paper) {
        let world = World::around(&paper, "example.ht A 127.0.0.3\n", &["rose@example.ht", "jean@example.ht"]).await;
        world.haiti.behave(Conduct::saying(Stage::Rcpt, "450 4.2.0 Greylisted, come back later"));
        let books = edition(&paper).await;
        assert_eq!((books.sent, books.waiting, books.refused), (0, 2, 0));
        world.haiti.behave(Conduct::default());
        assert_eq!(later(&paper, "2025-08-23T07:01:30+03:00").await.sent, 2);
    }

    async fn a_letter_that_a_server_took_without_an_answer_is_a_doubt_here_too(paper) {
        let world = World::around(&paper, "example.ht A 127.0.0.3\n", &["rose@example.ht"]).await;
        world.haiti.behave(Conduct::acting(|moment| match moment.stage {
            Stage::Dot => Act::KeepAndHangUp,
            _ => Act::Obey,
        }));
        let books = edition(&paper).await;
        assert_eq!((books.sent, books.uncertain, books.total), (0, 1, 1));
        world.haiti.behave(Conduct::default());
        assert_eq!(later(&paper, "2025-08-23T09:00:00+03:00").await.uncertain, 1);
        assert_eq!(world.haiti.book().repeats(), 0);
    }

    async fn a_reader_cannot_send_us_to_a_machine_that_is_not_public(paper) {
        let zone = "example.ht MX 10 inside.example\ninside.example A 10.0.0.1\ninside.example A 169.254.169.254\n\
                    example.lb A 127.0.0.4\n";
        let world = World::around(&paper, zone, &["rose@example.ht", "samir@example.lb"]).await;
        let books = edition(&paper).await;
        assert_eq!((books.sent, books.waiting), (1, 1));
        assert_eq!(world.lebanon.book().kept(), 1);
    }

    async fn a_trial_goes_to_the_server_of_whoever_presses_the_button(paper) {
        let world = World::around(&paper, "paper.example MX 10 mx.haiti.example\nmx.haiti.example A 127.0.0.3\n", &[]).await;
        paper.desk.invite(None, "Ada", "ada@paper.example", Role::Administrator).await.unwrap();
        let ada = paper.staff("Ada").await;
        let steps = paper.desk.try_relay(&ada, "direct").await.unwrap();
        assert!(steps.last().unwrap().went, "{steps:?}");
        assert_eq!(world.haiti.book().kept(), 1);
        paper.names.say("paper.example A 192.168.1.9\n");
        paper.desk.outgoing().names().forget();
        let steps = paper.desk.try_relay(&ada, "direct").await.unwrap();
        assert!(steps.len() == 1 && steps[0].words.contains("no public address"), "{steps:?}");
    }
}

fn occasion() -> newsroom::delivery::Occasion {
    newsroom::delivery::Occasion::parse("edition:daily-updates:2025-08-23").unwrap()
}
