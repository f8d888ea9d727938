//! The program as people type it: real processes on real folders. Every error is one sentence and a status; what is
//! killed in the middle loses nothing and goes on when it is typed again.

use crate::paper::Engine;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Articles of the import that is killed.
const ARTICLES: usize = 150;

pub fn masthead(data: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_masthead"));
    command.args(words).arg("--data").arg(data);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MASTHEAD_")) {
        command.env_remove(name);
    }
    command
}

pub fn output(data: &Path, words: &[&str]) -> Output {
    masthead(data, words).stdin(Stdio::null()).output().unwrap()
}

/// What it said on stdout; it must have gone well.
#[track_caller]
pub fn fine(data: &Path, words: &[&str]) -> String {
    let output = output(data, words);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// It must have failed with one sentence on stderr that holds all these words, and without a trace of its insides.
#[track_caller]
fn refused(data: &Path, words: &[&str], sentence: &[&str]) {
    let output = output(data, words);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{words:?} went well: {}", String::from_utf8_lossy(&output.stdout));
    for part in sentence {
        assert!(said.contains(part), "{words:?} did not say “{part}”:\n{said}");
    }
    assert!(said.trim().lines().count() == 1, "{words:?} said more than one line:\n{said}");
    assert!(!said.contains("panicked") && !said.contains("Error {") && !said.contains("Os {"), "{said}");
}

fn paper(folder: &Path) -> std::path::PathBuf {
    let data = folder.join("paper");
    fine(&data, &["init", "--name", "The Morning", "--zone", "Africa/Nairobi", "--owner", "ann@paper.example"]);
    data
}

fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn article(headline: &str) -> String {
    format!(
        "---\nheadline: \"{headline}\"\nstandfirst: \"What stands under it.\"\nauthor: Rose Jean\n\
         published: 2025-08-21T09:00:00+03:00\n---\n\n{}\n",
        "The quay was full of lorries before the sun was up. ".repeat(60)
    )
}

#[test]
fn what_cannot_be_done_is_one_sentence_and_a_status() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("nothing");
    let data = paper(folder.path());
    write(folder.path(), "list.csv", "name,town\nRose,Nairobi\n");
    write(folder.path(), "empty/readme.txt", "no article");
    let list = folder.path().join("list.csv").display().to_string();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().to_string();

    refused(&nothing, &["serve"], &["There is no paper in", "masthead init"]);
    refused(&nothing, &["edition", "status"], &["There is no paper in", "masthead init"]);
    refused(&nothing, &["init", "--name", "X", "--owner", "nobody"], &["not an email address", "name@example.org"]);
    assert!(!nothing.exists(), "a refused command made a folder");
    refused(&data, &["init", "--name", "Again"], &["already"]);
    refused(&data, &["import", "markdown", "/no/such/folder"], &["/no/such/folder"]);
    let consent = ["--source", "an old list", "--method", "double opt-in", "--agreed", "2024-05-31"];
    let import = |file| ["import", "subscribers", file].into_iter().chain(consent).collect::<Vec<&str>>();
    refused(&data, &import("/no/such/list.csv"), &["/no/such/list.csv"]);
    refused(&data, &import(&list), &["no column of addresses", "“name”, “town”"]);
    refused(&data, &["staff", "add", "ann@paper.example"], &["already", "“ann”"]);
    refused(&data, &["staff", "reset", "nobody@paper.example"], &["Nobody here", "masthead staff list"]);
    refused(&data, &["edition", "approve", "--newsletter", "weekly"], &["weekly"]);
    refused(&data, &["export", data.to_str().unwrap()], &["not empty"]);
    refused(&data, &["demo", "--listen", "127.0.0.1:0"], &["holds a real paper", "--data"]);
    let output = masthead(&data, &["serve"]).env("MASTHEAD_LISTEN", &port).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains(&port) && said.contains("taken by another program"), "{said}");
}

#[test]
fn a_wrong_setting_is_named_by_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = paper(folder.path());
    write(&data, "masthead.toml", "listen = \"127.0.0.1:0\"\n\nlistn = \"127.0.0.1:1\"\n");
    refused(&data, &["check"], &["masthead.toml", "3", "listn", "listen"]);
    write(&data, "masthead.toml", "[mail]\nfrom = \"no address\"\n");
    refused(&data, &["check"], &["masthead.toml", "2", "from"]);
    write(&data, "masthead.toml", "[[relay]\nhost = \n");
    refused(&data, &["check"], &["masthead.toml", "1"]);
}

#[test]
fn a_relay_that_is_down_or_refuses_is_named_with_what_it_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = paper(folder.path());
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let unwilling = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = unwilling.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for peer in unwilling.incoming().flatten() {
            let _ = std::io::Write::write_all(&mut { peer }, b"554 5.7.1 No service for 127.0.0.1\r\n");
        }
    });
    let relay = |name: &str, port: u16| {
        format!("[[relay]]\nname = \"{name}\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n")
    };
    write(&data, "masthead.toml", relay("sleeping", free) + &relay("unwilling", port));
    let output = output(&data, &["check", "--json"]);
    assert!(!output.status.success());
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["fine"], false);
    let about = |name: &str| {
        let findings = said["findings"].as_array().unwrap();
        let found = findings.iter().find(|it| it["sentence"].as_str().unwrap().contains(name));
        found.unwrap_or_else(|| panic!("{name}: {said}"))["sentence"].as_str().unwrap().to_owned()
    };
    assert!(about("sleeping").contains("refused"), "{}", about("sleeping"));
    assert!(about("unwilling").contains("No service"), "{}", about("unwilling"));
}

#[test]
fn files_that_cannot_be_taken_are_named_and_the_rest_comes_in_whole() {
    let folder = tempfile::tempdir().unwrap();
    let data = paper(folder.path());
    let articles = folder.path().join("articles");
    write(&articles, "news/good.md", article("The harbour opens again"));
    write(&articles, "news/again.md", article("Another headline").replace("---\n\n", "slug: good\n---\n\n"));
    write(&articles, "news/broken.md", "---\nheadline: [unclosed\n---\n\ntext\n");
    write(&articles, "nowhere/lost.md", article("Lost"));
    write(&articles, "news/latin.md", b"---\nheadline: Caf\xe9\n---\n\ntext\n");
    write(&articles, "news/huge.md", article("Huge") + &"x".repeat(50 << 20));
    write(&articles, "news/text.md", article("A text for a picture") + "\n![A quay](text.jpg)\n");
    write(&articles, "news/text.jpg", "this is no picture");
    write(&articles, "news/bomb.md", article("A bomb") + "\n![A quay](bomb.png)\n");
    write(&articles, "news/bomb.png", bomb());
    let path = articles.display().to_string();
    let report: serde_json::Value =
        serde_json::from_str(&fine(&data, &["import", "markdown", &path, "--json"])).unwrap();
    let skipped = report["skipped"].as_array().unwrap();
    let reason = |name: &str| {
        let found = skipped.iter().find(|skip| skip["place"].as_str().unwrap().contains(name));
        found.unwrap_or_else(|| panic!("{name} was taken: {report}"))["sentence"].as_str().unwrap().to_owned()
    };
    for (name, words) in [
        ("broken.md", "ine "),
        ("lost.md", "nowhere"),
        ("latin.md", "Line 2 is not UTF-8"),
        ("huge.md", "KB"),
        ("text.md", "text.jpg"),
        ("bomb.md", "bomb.png"),
    ] {
        assert!(reason(name).contains(words), "{name}: {}", reason(name));
    }
    let twin = skipped.iter().filter(|skip| {
        let place = skip["place"].as_str().unwrap();
        place.contains("good.md") || place.contains("again.md")
    });
    assert_eq!((twin.count(), &report["added"]), (1, &1.into()), "one of two at the same address: {report}");
    assert_eq!(skipped.len(), 7, "{report}");
}

/// A PNG that promises 60,000 × 60,000 pixels in a few bytes.
fn bomb() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(60_000_u32.to_be_bytes());
    bytes.extend(60_000_u32.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0]);
    let mut sum = u32::MAX;
    for byte in &bytes[12..] {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 };
        }
    }
    bytes.extend((!sum).to_be_bytes());
    bytes
}

/// Ends the process when the test does.
pub struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `serve` on any port and gives the line in which it says that it serves.
pub fn serve(data: &Path) -> (Running, String) {
    serve_on(data, "127.0.0.1:0")
}

pub fn serve_on(data: &Path, listen: &str) -> (Running, String) {
    let mut command = masthead(data, &["serve"]);
    command.env("MASTHEAD_LISTEN", listen).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let errors = std::io::BufReader::new(child.stderr.take().unwrap());
    let (says, said) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in std::io::BufRead::lines(errors).map_while(Result::ok) {
            let _ = says.send(line);
        }
    });
    let running = Running(child);
    let mut heard = Vec::new();
    while let Ok(line) = said.recv() {
        if line.contains("serving") {
            return (running, line);
        }
        heard.push(line);
    }
    panic!("it never served: {heard:#?}");
}

#[test]
fn two_servers_never_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = paper(folder.path());
    let (first, _) = serve(&data);
    let second = masthead(&data, &["serve"]).env("MASTHEAD_LISTEN", "127.0.0.1:0").output().unwrap();
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(!second.status.success() && said.contains("already"), "{said}");
    drop(first);
    let (_again, _) = serve(&data);
}

#[test]
fn a_folder_of_a_newer_version_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let data = paper(folder.path());
    let program = std::process::Command::new("python3")
        .args(["-c", "import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute(\"insert into migrations (number, name, checksum, applied_at) values (9999, 'of tomorrow', 'x', 0)\"); d.commit()"])
        .arg(data.join("paper.sqlite"))
        .status()
        .unwrap();
    assert!(program.success());
    for words in [&["serve"][..], &["migrate"], &["edition", "status"], &["staff", "list"]] {
        refused(&data, words, &["newer"]);
    }
}

/// Six kills, each at another moment: what is in is whole, and the next import brings the rest.
fn an_import_is_killed(engine: Engine) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("paper");
    let url = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(store::testing::fresh_postgres_url()),
    };
    std::fs::create_dir_all(&data).unwrap();
    if let Some(url) = &url {
        let file = folder.path().join("database-url");
        std::fs::write(&file, url).unwrap();
        write(&data, "masthead.toml", format!("[database]\nurl_file = \"{}\"\n", file.display()));
    }
    fine(&data, &["init", "--name", "The Morning", "--zone", "Africa/Nairobi"]);
    let articles = folder.path().join("articles");
    for number in 0..ARTICLES {
        write(&articles, &format!("news/article-{number}.md"), article(&format!("Headline number {number}")));
    }
    let path = articles.display().to_string();
    let import = ["import", "markdown", path.as_str(), "--json"];
    let report = |text: &str| -> serde_json::Value { serde_json::from_str(text).unwrap() };
    let mut cut = 0;
    for moment in 0..6_u64 {
        let mut child = masthead(&data, &import).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The kill falls where the machine happens to be after this many looks at whether it is done.
        let mut looks = 0;
        let ended = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            looks += 1;
            if looks > 20 + moment * 30 {
                break None;
            }
            std::thread::yield_now();
            std::thread::park_timeout(std::time::Duration::from_millis(1));
        };
        if ended.is_none() {
            child.kill().unwrap();
            child.wait().unwrap();
            cut += 1;
        }
    }
    assert!(cut > 0, "the import was never cut");
    let last = report(&fine(&data, &import));
    let count = |name: &str| last[name].as_u64().unwrap();
    assert_eq!(count("added") + count("unchanged"), ARTICLES as u64, "{last}");
    assert_eq!((count("changed"), last["skipped"].as_array().unwrap().len()), (0, 0), "{last}");
    let out = folder.path().join("out");
    fine(&data, &["export", out.to_str().unwrap()]);
    let texts: Vec<String> = files(&out)
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "md") && path.starts_with(out.join("articles")))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for number in 0..ARTICLES {
        let headline = format!("Headline number {number}\n");
        let with_it: Vec<_> = texts.iter().filter(|text| text.replace('"', "").contains(&headline)).collect();
        assert_eq!(with_it.len(), 1, "{headline}");
        assert_eq!(with_it[0].matches("The quay was full of lorries").count(), 60, "{headline} is not whole");
    }
    let again = report(&fine(&data, &import));
    assert_eq!(again["unchanged"], ARTICLES as u64, "{again}");
}

#[test]
fn an_import_killed_in_the_middle_goes_on_when_it_is_typed_again_on_sqlite() {
    an_import_is_killed(Engine::Sqlite);
}

#[test]
fn an_import_killed_in_the_middle_goes_on_when_it_is_typed_again_on_postgres() {
    an_import_is_killed(Engine::Postgres);
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

#[test]
fn the_operator_walks_from_one_signing_key_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let data = paper(folder.path());
    refused(&data, &["dkim", "use"], &["No key is prepared", "masthead dkim rotate"]);
    let prepared: serde_json::Value = serde_json::from_str(&fine(&data, &["dkim", "rotate", "--json"])).unwrap();
    assert_eq!(prepared["state"], "prepared");
    assert!(prepared["records"][0]["txt"].as_str().unwrap().starts_with("v=DKIM1; k=rsa; p="), "{prepared}");
    fine(&data, &["dkim", "use"]);
    let keys: Vec<serde_json::Value> = serde_json::from_str(&fine(&data, &["dkim", "show", "--json"])).unwrap();
    let states: Vec<&str> = keys.iter().map(|key| key["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["retired", "in-use"]);
    assert_eq!(keys[1]["records"], prepared["records"], "what was published is what signs");
}
