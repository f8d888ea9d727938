//! The real program, killed and stopped at random while it mails to a relay that keeps a book: nothing lost, nothing
//! knowingly twice, sums right at every look. MASTHEAD_ROWS, _KILLS and _STOPS make it long; the seed is printed.

use mail::smtp::Stage;
use mail::testing::{Act, Conduct, WildRelay};
use newsroom::delivery::{Books, DeliveryState, Occasion, Promise};
use newsroom::slug::Slug;
use newsroom::time::Day;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use store::{Store, StoreSettings};

/// Longest that one edition may take, kills included.
const PATIENCE: Duration = Duration::from_secs(1_800);
const CONNECTIONS: usize = 8;
/// How long the relay takes for a letter, and where a test must come in between.
const A_MOMENT: Duration = Duration::from_millis(2);
const A_WHILE: Duration = Duration::from_millis(20);

/// What the relay has stored: our own id of the delivery → how often.
type RelayBook = Arc<Mutex<HashMap<String, u32>>>;

/// Chance that can be repeated: xorshift64*.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let seed =
            std::env::var("MASTHEAD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(now.as_nanos() as u64);
        eprintln!("MASTHEAD_SEED={seed}");
        Self(seed | 1)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % end.max(1)
    }
}

fn of_environment(name: &str, short: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(short)
}

/// A paper in a folder, or over PostgreSQL, with an edition that waits to leave.
struct House {
    folder: tempfile::TempDir,
    settings: StoreSettings,
    book: RelayBook,
    relay: u16,
    rows: u64,
    newsletter: Slug,
    day: Day,
}

impl House {
    async fn with(rows: u64, promise: Promise, postgres: bool, relay: Option<u16>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let book = RelayBook::default();
        let relay = match relay {
            Some(closed) => closed,
            None => relay_with(book.clone(), 0, A_MOMENT).await,
        };
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let mut config = format!(
            "listen = \"127.0.0.1:0\"\n[[relay]]\nname = \"main\"\nhost = \"127.0.0.1\"\nport = {relay}\ntls = \"none\"\nconnections = {CONNECTIONS}\n"
        );
        let settings = if postgres {
            let url = store::testing::fresh_postgres_url();
            write!(config, "[database]\nurl = \"{url}\"\n").unwrap();
            StoreSettings::Postgres { url }
        } else {
            StoreSettings::Sqlite { path: data.join(masthead::open::DATABASE) }
        };
        std::fs::write(folder.path().join("masthead.toml"), config).unwrap();
        let mut house = Self {
            folder,
            settings,
            book,
            relay,
            rows,
            newsletter: Slug::parse("x").unwrap(),
            day: Day::parse("2026-01-01").unwrap(),
        };
        house.fill(promise).await;
        house
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_masthead"));
        command.args(words).arg("--data").arg(self.folder.path().join("data"));
        command.arg("--config").arg(self.folder.path().join("masthead.toml"));
        command.env_clear().stdin(Stdio::null()).stderr(Stdio::piped()).stdout(Stdio::piped());
        command
    }

    #[track_caller]
    fn run(&self, words: &[&str]) -> String {
        let done = self.command(words).output().unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    async fn fill(&mut self, promise: Promise) {
        self.run(&["init", "--name", "Paper", "--zone", "Africa/Nairobi", "--language", "en"]);
        let articles = self.folder.path().join("articles").join("news");
        std::fs::create_dir_all(&articles).unwrap();
        let hour_ago = desk::Clock::machine().now().plus(-newsroom::time::HOUR).rfc3339();
        for n in 0..10 {
            let text = format!(
                "---\nheadline: Number {n}\nstandfirst: What stands under {n}.\nsection: news\nbylines: [Rose Jean]\npublished: {hour_ago}\n---\n\nText.\n"
            );
            std::fs::write(articles.join(format!("number-{n}.md")), text).unwrap();
        }
        let articles = path(articles.parent().unwrap());
        self.run(&["import", "markdown", &articles, "--make-sections"]);
        let mut list = String::from("address,languages,zone,hour\n");
        for n in 0..self.rows {
            writeln!(list, "reader{n}@d{}.example,en,Africa/Nairobi,7", n % 7).unwrap();
        }
        let file = self.folder.path().join("list.csv");
        std::fs::write(&file, list).unwrap();
        self.run(&[
            "import",
            "subscribers",
            &path(&file),
            "--source",
            "the old list",
            "--method",
            "a form",
            "--agreed",
            "2026-01-01",
        ]);
        let sent: serde_json::Value = serde_json::from_str(&self.run(&["edition", "send", "--json"])).unwrap();
        assert_eq!(sent["made"], self.rows);
        self.newsletter = Slug::parse(sent["newsletter"].as_str().unwrap()).unwrap();
        self.day = Day::parse(sent["date"].as_str().unwrap()).unwrap();
        let newsletter = self.newsletter.clone();
        self.store().change(move |change| change.set_promise(&newsletter, promise)).await.unwrap();
    }

    fn store(&self) -> Store {
        Store::open(&self.settings).unwrap()
    }

    fn occasion(&self) -> Occasion {
        Occasion::Edition(self.newsletter.clone(), self.day)
    }

    /// The desk as the command line has it, beside the program that serves.
    async fn desk(&self) -> desk::Desk {
        let file = Some(self.folder.path().join("masthead.toml"));
        let sources =
            masthead::config::Sources { data: self.folder.path().join("data"), file, environment: Vec::new() };
        let config = masthead::config::Config::load(&sources).unwrap();
        masthead::open::desk(&config).await.unwrap()
    }

    /// As [`House::serve`], for a program that may find the disk full: a write too far then errs and is no signal.
    fn serve_on_a_small_disk(&self) -> Running {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let plain = self.command(&["serve"]);
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(plain.get_program()).args(plain.get_args());
        command.stdin(Stdio::null());
        Running(command.stderr(log.try_clone().unwrap()).stdout(log).spawn().unwrap())
    }

    fn serve(&self) -> Running {
        let log = std::fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let mut command = self.command(&["serve"]);
        Running(command.stderr(log.try_clone().unwrap()).stdout(log).spawn().unwrap())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// The books now; they must add up at every look.
    async fn books(&self, store: &Store) -> Books {
        let occasion = self.occasion();
        let books = store.read(move |view| view.books(&occasion)).await.unwrap();
        let parts = books.sent + books.refused + books.waiting + books.uncertain + books.suppressed + books.expired;
        assert_eq!((parts, books.total), (self.rows, self.rows), "{books:?}");
        books
    }

    /// Looks until `enough` says so.
    async fn until(&self, store: &Store, enough: impl Fn(&Books) -> bool) -> Books {
        let began = Instant::now();
        loop {
            let books = self.books(store).await;
            if enough(&books) {
                return books;
            }
            assert!(began.elapsed() < PATIENCE, "{books:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the program hears signals for the `times`th time; earlier, SIGTERM ends it as it ends any program.
    async fn hears_signals(&self, times: usize) {
        while self.log().matches("serving http").count() < times {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The ids of all deliveries in `state`.
    async fn ids(&self, store: &Store, state: DeliveryState) -> Vec<String> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let occasion = self.occasion();
            let page = store.read(move |view| view.deliveries_in(&occasion, state, after, 1_000)).await.unwrap();
            let Some(last) = page.last() else { return all };
            after = Some(last.delivery.id);
            all.extend(page.iter().map(|line| line.delivery.id.to_string()));
        }
    }

    fn stored(&self) -> HashMap<String, u32> {
        self.book.lock().unwrap().clone()
    }
}

fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A program that is ended with the test.
struct Running(Child);

impl Running {
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").arg(format!("-{name}")).arg(self.0.id().to_string()).status().unwrap().success());
    }

    /// No file may grow beyond so many octets from now on; `unlimited` lifts that.
    fn let_files_grow_to(&self, limit: &str) {
        let limit = format!("--fsize={limit}:unlimited");
        let pid = self.0.id().to_string();
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap().success());
    }

    /// SIGTERM, and how long it took.
    fn stop(&mut self) -> Duration {
        let began = Instant::now();
        self.signal("TERM");
        assert!(self.0.wait().unwrap().success());
        began.elapsed()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// A relay that writes down what it stores, and takes a moment for it.
async fn relay_with(book: RelayBook, port: u16, takes: Duration) -> u16 {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sink = move |arrival: mail::server::Arrival| {
        let book = book.clone();
        async move {
            tokio::time::sleep(takes).await;
            let header = format!("\r\n{}: ", mail::list::DELIVERY_HEADER);
            let text = String::from_utf8_lossy(&arrival.message).into_owned();
            let id = text.split_once(&header).unwrap().1.split("\r\n").next().unwrap().to_owned();
            *book.lock().unwrap().entry(id).or_default() += 1;
            mail::server::Answer::Kept("stored".into())
        }
    };
    tokio::spawn(mail::server::serve(
        listener,
        mail::server::Settings::new("relay.example"),
        sink,
        std::future::pending(),
    ));
    port
}

/// A port where nobody listens yet.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Kills the program again and again; gives the books at the end.
async fn killed(house: &House, kills: u64, chance: &mut Chance) -> Books {
    let store = house.store();
    let mut goals: Vec<u64> = (0..kills).map(|_| chance.below(house.rows)).collect();
    goals.sort_unstable();
    for goal in goals {
        let mut program = house.serve();
        house.until(&store, |books| books.sent >= goal || books.waiting == 0).await;
        std::thread::sleep(Duration::from_micros(chance.below(20_000)));
        program.kill();
    }
    let mut program = house.serve();
    let books = house.until(&store, |books| books.waiting == 0).await;
    program.stop();
    books
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newsletter_that_never_loses_loses_nothing_however_often_it_is_killed() {
    let (rows, kills) = (of_environment("MASTHEAD_ROWS", 400), of_environment("MASTHEAD_KILLS", 3));
    let house = House::with(rows, Promise::NeverLose, false, None).await;
    let books = killed(&house, kills, &mut Chance::new()).await;
    assert_eq!((books.sent, books.uncertain), (rows, 0), "{}", house.log());
    let stored = house.stored();
    assert_eq!(stored.len() as u64, rows, "lost: {}", rows - stored.len() as u64);
    let repeats: u64 = stored.values().map(|count| u64::from(count - 1)).sum();
    eprintln!("{kills} kills, {rows} rows: 0 lost, {repeats} repeats");
    assert!(repeats <= kills * CONNECTIONS as u64, "{repeats} repeats");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newsletter_that_is_never_sent_twice_names_every_doubt_however_often_it_is_killed() {
    let (rows, kills) = (of_environment("MASTHEAD_ROWS", 400), of_environment("MASTHEAD_KILLS", 3));
    let house = House::with(rows, Promise::NeverTwice, false, None).await;
    let books = killed(&house, kills, &mut Chance::new()).await;
    let (store, stored) = (house.store(), house.stored());
    assert!(stored.values().all(|count| *count == 1), "something was sent twice");
    for id in house.ids(&store, DeliveryState::Sent).await {
        assert!(stored.contains_key(&id), "{id} is said to be sent and never was");
    }
    let doubtful = house.ids(&store, DeliveryState::Uncertain).await;
    let lost = doubtful.iter().filter(|id| !stored.contains_key(*id)).count();
    assert_eq!(books.sent + books.uncertain, rows);
    assert_eq!((stored.len() + lost) as u64, rows, "something was lost and nobody is told");
    eprintln!("{kills} kills, {rows} rows: 0 repeats, {} in doubt, {lost} of them not delivered", doubtful.len());
    assert!(doubtful.len() as u64 <= 2 * kills * CONNECTIONS as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_told_to_stop_repeats_nothing_and_leaves_no_doubt() {
    let (rows, stops) = (of_environment("MASTHEAD_ROWS", 400), of_environment("MASTHEAD_STOPS", 3));
    let house = House::with(rows, Promise::NeverTwice, false, None).await;
    let (store, mut chance) = (house.store(), Chance::new());
    let mut goals: Vec<u64> = (0..stops).map(|_| chance.below(rows)).collect();
    goals.sort_unstable();
    for (at, goal) in goals.into_iter().enumerate() {
        let mut program = house.serve();
        house.hears_signals(at + 1).await;
        house.until(&store, |books| books.sent >= goal).await;
        let took = program.stop();
        assert!(took < Duration::from_secs(12), "{took:?}");
        assert_eq!(house.books(&store).await.uncertain, 0);
    }
    let mut program = house.serve();
    house.hears_signals(stops as usize + 1).await;
    house.until(&store, |books| books.waiting == 0).await;
    program.stop();
    let stored = house.stored();
    assert_eq!(stored.len() as u64, rows);
    assert!(stored.values().all(|count| *count == 1), "a repeat");
    assert_eq!(house.books(&store).await.sent, rows);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_is_away_at_the_start_costs_nothing_but_time() {
    let port = free_port();
    let house = House::with(40, Promise::NeverTwice, false, Some(port)).await;
    let store = house.store();
    let mut program = house.serve();
    let began = Instant::now();
    while !house.log().contains("relay main does not work") {
        assert!(began.elapsed() < PATIENCE, "{}", house.log());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(house.books(&store).await.waiting, 40);
    relay_with(house.book.clone(), house.relay, A_MOMENT).await;
    let books = house.until(&store, |books| books.waiting == 0).await;
    program.stop();
    assert_eq!((books.sent, house.stored().len()), (40, 40));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_the_mail_and_nothing_is_lost_or_sent_twice() {
    let rows = of_environment("MASTHEAD_ROWS", 400);
    let house = House::with(rows, Promise::NeverTwice, false, None).await;
    let store = house.store();
    let mut program = house.serve_on_a_small_disk();
    house.until(&store, |books| books.sent >= rows / 4).await;
    program.let_files_grow_to("65536");
    let began = Instant::now();
    while !house.log().contains("is not written down yet") && !house.log().contains("could not be claimed") {
        assert!(began.elapsed() < PATIENCE && house.books(&store).await.waiting > 0, "{}", house.log());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    program.let_files_grow_to("unlimited");
    let books = house.until(&store, |books| books.waiting == 0).await;
    program.stop();
    let stored = house.stored();
    assert_eq!((books.sent, books.uncertain, stored.len() as u64), (rows, 0, rows), "{}", house.log());
    assert!(stored.values().all(|count| *count == 1), "a repeat");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_or_is_suppressed_in_the_middle_of_a_run_gets_nothing_afterwards() {
    let rows = of_environment("MASTHEAD_ROWS", 400);
    let port = free_port();
    let house = House::with(rows, Promise::NeverTwice, false, Some(port)).await;
    relay_with(house.book.clone(), port, A_WHILE).await;
    let (store, desk) = (house.store(), house.desk().await);
    let mut program = house.serve();
    house.until(&store, |books| books.sent > 0).await;
    let mut gone = Vec::new();
    for n in rows - 20..rows {
        let address = format!("reader{n}@d{}.example", n % 7);
        let known = newsroom::subscriber::Address::parse(&address).unwrap();
        let reader = store.read(move |view| view.subscriber_at(&known)).await.unwrap().unwrap();
        match n % 2 {
            0 => desk.suppress_address(&address, "they wrote to us").await.unwrap(),
            _ => drop(desk.unsubscribe(&desk.unsubscribe_token(reader.id), "", "one-click").await.unwrap()),
        }
        let line = store.read(move |view| view.deliveries_of(reader.id, 1)).await.unwrap().remove(0);
        match line.delivery.state {
            DeliveryState::Transmitted | DeliveryState::Sent => {}
            _ => gone.push(line.delivery.id),
        }
    }
    assert!(!gone.is_empty(), "everything had left before anybody did");
    let books = house.until(&store, |books| books.waiting == 0).await;
    program.stop();
    let stored = house.stored();
    for id in &gone {
        let id = *id;
        let line = store.read(move |view| view.delivery(id)).await.unwrap().unwrap();
        assert_eq!((line.delivery.state, stored.get(&id.to_string())), (DeliveryState::Suppressed, None));
    }
    assert_eq!((books.suppressed, stored.len() as u64), (gone.len() as u64, rows - gone.len() as u64));
    assert!(stored.values().all(|count| *count == 1), "a repeat");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_nodes_one_may_freeze_in_the_middle_and_no_letter_is_sent_twice() {
    let rows = of_environment("MASTHEAD_ROWS", 400);
    let house = House::with(rows, Promise::NeverTwice, true, None).await;
    let store = house.store();
    let (mut one, mut other) = (house.serve(), house.serve());
    house.until(&store, |books| books.sent >= rows / 4).await;
    one.signal("STOP");
    // What the frozen node holds is taken when its lease is over, and at once here: every lease counts as over. Rows it has
    // locked in the middle of a transaction are passed over until the server ends that transaction.
    let began = Instant::now();
    while house.books(&store).await.waiting > 0 {
        let (now, over) = (desk::Clock::machine().now(), newsroom::time::Timestamp(0));
        let swept = store.change_guarded(move |change| change.sweep_leases(now, over)).await.unwrap();
        eprintln!("taken from the nodes: {swept:?}");
        assert!(began.elapsed() < PATIENCE, "{}", house.log());
        tokio::time::sleep(Duration::from_secs(3)).await;
    }
    one.signal("CONT");
    std::thread::sleep(Duration::from_millis(500));
    one.stop();
    other.stop();
    let (books, stored) = (house.books(&store).await, house.stored());
    assert_eq!(books.waiting, 0);
    let sent = house.ids(&store, DeliveryState::Sent).await;
    assert!(sent.iter().all(|id| stored.contains_key(id)), "said to be sent and never was");
    let doubtful = house.ids(&store, DeliveryState::Uncertain).await;
    let lost = doubtful.iter().filter(|id| !stored.contains_key(*id)).count();
    assert_eq!((stored.len() + lost) as u64, rows);
    assert!(stored.values().all(|count| *count == 1), "a repeat");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_tells_while_mail_leaves_how_fast_it_goes_where_and_what_was_refused() {
    let relay = WildRelay::start(Conduct::acting(|moment| match moment.stage {
        Stage::Rcpt if moment.recipient.ends_with("@d3.example") => {
            Act::Say(format!("550 5.1.1 <{}>: User unknown\r\n", moment.recipient))
        }
        Stage::Dot => Act::Wait(Duration::from_millis(100)),
        _ => Act::Obey,
    }));
    let relay = relay.await.unwrap();
    let house = House::with(700, Promise::NeverTwice, false, Some(relay.port())).await;
    let store = house.store();
    let mut running = house.serve();
    let began = Instant::now();
    let mail = loop {
        let said: serde_json::Value = serde_json::from_str(&house.run(&["edition", "status", "--json"])).unwrap();
        let mail = said[0]["mail"].clone();
        if mail["per_minute"].as_u64().unwrap() > 0 && mail["refusals"][0].is_object() {
            break mail;
        }
        assert!(began.elapsed() < PATIENCE && house.books(&store).await.waiting > 0, "{said:#}\n{}", house.log());
    };
    assert!(mail["seconds_left"].as_u64().unwrap() > 0, "{mail:#}");
    let count = |of: &serde_json::Value, state: &str| of[state].as_u64().unwrap();
    let by_relay = &mail["by_relay"]["main"];
    assert!(count(by_relay, "sent") > 0 && count(by_relay, "refused") > 0, "{mail:#}");
    assert_eq!(
        (count(&mail["by_domain"]["d3.example"], "sent"), count(&mail["by_domain"]["d0.example"], "total")),
        (0, 100)
    );
    let refused = &mail["refusals"][0];
    assert_eq!((refused["class"].as_str(), refused["words"].as_str()), (Some("address"), Some("550 … User unknown")));
    let node = mail["nodes"].as_object().unwrap().values().next().unwrap();
    assert_eq!(node[0]["name"], "main", "{mail:#}");
    let text = house.run(&["edition", "status"]);
    for words in ["letters a minute, about", "by main: ", "to d3.example: 0 sent", "(address): 550 … User unknown"] {
        assert!(text.contains(words), "no “{words}” in:\n{text}");
    }
    let books = house.until(&store, |books| books.waiting == 0).await;
    assert_eq!((books.sent, books.refused), (600, 100));
    running.stop();
}
