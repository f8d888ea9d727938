//! A private PostgreSQL for tests: made in a temporary folder, spoken to over a unix socket,
//! gone when the test process ends, however it ends. Never used outside tests.

use crate::{Store, StoreSettings};
use newsroom::time::Timestamp;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Starts a cluster from a template that is made once per machine, says `ready FOLDER`, and stops
/// when its input ends: that is when the test process does.
const SCRIPT: &str = r#"
set -e
bin=$1
base=${TMPDIR:-/tmp}/masthead-tests-$(id -u)-$(basename "$(dirname "$bin")")
mkdir -p "$base"
cd "$base"
(
  flock 9
  if [ ! -e template ]; then
    rm -rf new
    "$bin/initdb" -D new -U masthead -A trust -E UTF8 --locale=C --no-sync >&2
    mv new template
  fi
) 9>lock
dir=$(mktemp -d "$base/run.XXXXXX")
trap 'rm -rf "$dir"' EXIT
cp -r template "$dir/data"
chmod 700 "$dir/data"
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c full_page_writes=off \
  -c synchronous_commit=off -c max_connections=60 -c shared_buffers=32MB </dev/null >"$dir/log" 2>&1 &
pid=$!
tries=0
until "$bin/pg_isready" -q -h "$dir"; do
  tries=$((tries + 1))
  if [ $tries -gt 400 ] || ! kill -0 $pid 2>/dev/null; then cat "$dir/log" >&2; exit 1; fi
  sleep 0.05
done
echo "ready $dir"
cat >/dev/null || true
kill -INT $pid
wait $pid || true
"#;

struct Server {
    folder: PathBuf,
    databases: AtomicU32,
    /// Its input stays open as long as this process lives.
    _script: Child,
}

/// The URL of an empty database of its own on this process's private PostgreSQL, which is started
/// by the first call. Panics with a sentence if there is no PostgreSQL on this machine.
pub fn fresh_postgres_url() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let server = SERVER.get_or_init(start);
    let name = format!("t{}", server.databases.fetch_add(1, Ordering::Relaxed));
    let folder = server.folder.display().to_string();
    let admin = format!("host={folder} user=masthead dbname=postgres");
    let make = format!("create database {name}");
    let made = std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a test may have a loop");
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&admin, tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute(&make).await
        })
    });
    made.join().expect("the thread only asks").expect("the private PostgreSQL makes a database");
    format!("postgresql://masthead@{}/{name}", folder.replace('/', "%2F"))
}

/// A migrated store in a private PostgreSQL database of its own.
pub fn fresh_postgres() -> Store {
    migrated(&StoreSettings::Postgres { url: fresh_postgres_url() })
}

/// A migrated SQLite store in `folder`.
pub fn fresh_sqlite(folder: &Path) -> Store {
    migrated(&StoreSettings::Sqlite { path: folder.join("masthead.db") })
}

fn migrated(settings: &StoreSettings) -> Store {
    let store = Store::open(settings).expect("a fresh store opens");
    store.migrate(Timestamp(0)).expect("a fresh store migrates");
    store
}

fn start() -> Server {
    let Some(bin) = binaries() else {
        panic!("The tests need PostgreSQL on this machine (Debian: apt-get install postgresql); bin/test installs it.");
    };
    let mut command = if is_root() { Command::new("runuser") } else { Command::new("sh") };
    if is_root() {
        command.args(["-u", "postgres", "--", "sh"]);
    }
    command.args(["-c", SCRIPT, "sh"]).arg(&bin);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut script = command.spawn().expect("a shell starts the private PostgreSQL");
    let mut line = String::new();
    let output = script.stdout.as_mut().expect("it is piped");
    BufReader::new(output).read_line(&mut line).expect("a shell speaks UTF-8");
    let Some(folder) = line.trim().strip_prefix("ready ") else {
        let mut words = String::new();
        let _ = script.stderr.as_mut().map(|errors| errors.read_to_string(&mut words));
        panic!("The private PostgreSQL of the tests did not start: {words}");
    };
    Server { folder: folder.into(), databases: AtomicU32::new(0), _script: script }
}

fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .max();
    let on_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder| folder.join("postgres").exists() && folder.join("initdb").exists())
    };
    newest.map(|(_, bin)| bin).or_else(on_path)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
