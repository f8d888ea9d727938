//! What can be typed: every command, its words of help and an example. Does nothing by itself.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use newsroom::id::DeliveryId;
use newsroom::language::Language;
use newsroom::staff::Role;
use newsroom::time::{Day, Zone};

/// Runs a daily news publication: its desk, its website and its letters.
#[derive(Debug, Parser)]
#[command(name = "masthead", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "To look around: masthead demo\nTo begin a paper: masthead init --name \"Island Post\"")]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct Cli {
    /// The folder that holds the paper: settings, database, pictures
    #[arg(long, global = true, value_name = "DIR", default_value = "./masthead-data", env = "MASTHEAD_DATA")]
    pub data: PathBuf,
    /// The settings file, instead of masthead.toml in the data folder
    #[arg(long, global = true, value_name = "FILE", env = "MASTHEAD_CONFIG")]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try everything: a whole sample paper whose letters land in a tray on this machine
    ///
    /// In an empty folder it makes “Global Daily Update” with articles, staff and subscribers, starts the site and
    /// prints where everything is. Started again on the same folder, it goes on where it stopped. Nothing leaves
    /// this machine.
    #[command(after_help = "Example:\n  masthead demo --data /tmp/paper --listen 127.0.0.1:8080")]
    Demo(Demo),
    /// Run the paper: the site, the desk, the rounds of the clock and the mail
    #[command(after_help = "Example:\n  masthead serve --data /var/lib/masthead")]
    Serve,
    /// Begin a paper in the data folder
    ///
    /// Makes the folder, a settings file with every setting explained, the database, four sections and the daily
    /// newsletter. With --owner it prints the link by which the owner signs in for the first time.
    #[command(after_help = "Example:\n  masthead init --name \"Island Post\" --language ht --zone \
                            America/Port-au-Prince --owner editor@example.ht")]
    Init(Init),
    /// Look at settings, database, clock, disk and relays, and say what is wrong
    #[command(after_help = "Example:\n  masthead check --json")]
    Check(Json),
    /// Bring the database up to this version of the program
    ///
    /// Serving does this by itself; here it can be done before, while the old version still runs.
    #[command(after_help = "Example:\n  masthead migrate --data /var/lib/masthead")]
    Migrate(Json),
    /// The people of the newsroom
    #[command(subcommand)]
    Staff(Staff),
    /// Bring articles or subscribers in
    #[command(subcommand)]
    Import(Import),
    /// Write everything the paper holds into a folder
    ///
    /// Articles as Markdown with their pictures, subscribers as CSV, the publication's settings. The folder must be
    /// empty or new. What was exported can be imported again.
    #[command(after_help = "Example:\n  masthead export /tmp/paper-2026-11-24")]
    Export(Export),
    /// The daily letter: how it stands, what is in it, and its way out
    #[command(subcommand)]
    Edition(Edition),
    /// A publisher's theme: the look of the pages
    #[command(subcommand)]
    Theme(Theme),
    /// The keys that sign letters (DKIM), and the way from one to the next
    #[command(subcommand)]
    Dkim(Dkim),
    /// What came back for letters, and who gets none any more
    #[command(subcommand)]
    Mail(Mail),
    /// Let nothing leave this installation
    ///
    /// Letters are made and wait. A restored copy of a paper should begin like this.
    #[command(after_help = "Example:\n  masthead hold --data /var/lib/masthead")]
    Hold(Json),
    /// Let letters leave again after a hold
    #[command(after_help = "Example:\n  masthead release --data /var/lib/masthead")]
    Release(Json),
}

/// How a command reports.
#[derive(Clone, Copy, Debug, Args)]
pub struct Json {
    /// Report as JSON, for programs
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Theme {
    /// Print every sample page and letter with a theme folder and say what breaks
    ///
    /// Names file and line: templates that fail, words that are missing, pages over 14 KB, colours that cannot be
    /// read, escaping taken away, pages without heading or language. Ends with a non-zero status if there is anything.
    #[command(after_help = "Example:\n  masthead theme check ./theme")]
    Check(ThemeCheck),
}

#[derive(Debug, Args)]
pub struct ThemeCheck {
    /// The theme's folder
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Report as JSON, for programs
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Where the site answers
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the mail tray takes letters (SMTP)
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:2525")]
    pub smtp: SocketAddr,
    /// Where the mail tray shows letters
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8025")]
    pub tray: SocketAddr,
    /// Print the addresses as one line of JSON; port 0 above means any free port
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Init {
    /// What the paper is called
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The language of its addresses without a prefix, such as en, fr or ht
    #[arg(long, value_name = "CODE", default_value = "en", value_parser = language)]
    pub language: Language,
    /// The newsroom's time zone
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    pub zone: String,
    /// The owner's mail address
    #[arg(long, value_name = "ADDRESS")]
    pub owner: Option<String>,
    /// Report as JSON, for programs
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Dkim {
    /// Print every key with the record your name server needs
    #[command(after_help = "Example:\n  masthead dkim show --json")]
    Show(Json),
    /// Prepare the next key and print its record; it signs nothing yet
    ///
    /// Publish the record, wait until your name server answers with it, then run “masthead dkim use”.
    #[command(after_help = "Example:\n  masthead dkim rotate --ed25519")]
    Rotate {
        /// Also make an Ed25519 key, for a second, short signature
        #[arg(long)]
        ed25519: bool,
        #[command(flatten)]
        report: Json,
    },
    /// Sign with the prepared key from now on
    ///
    /// What is dated earlier keeps its old signature, so leave the old record in place for a week.
    #[command(after_help = "Example:\n  masthead dkim use")]
    Use(Json),
}

#[derive(Debug, Subcommand)]
pub enum Staff {
    /// Add somebody, and print the link by which they sign in for the first time
    #[command(after_help = "Example:\n  masthead staff add ben@example.ke --name \"Ben Otieno\" --role editor")]
    Add {
        /// Their mail address
        address: String,
        /// Their name; without it, what stands before the @
        #[arg(long, default_value = "")]
        name: String,
        /// What they may do
        #[arg(long, value_enum, default_value = "writer")]
        role: RoleName,
        #[command(flatten)]
        report: Json,
    },
    /// List everybody
    #[command(after_help = "Example:\n  masthead staff list --json")]
    List(Json),
    /// End somebody's sessions and print a new sign-in link
    #[command(after_help = "Example:\n  masthead staff reset ben@example.ke")]
    Reset {
        /// Their mail address
        address: String,
        #[command(flatten)]
        report: Json,
    },
}

/// Roles as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    Writer,
    Editor,
    AudienceManager,
    Administrator,
    Owner,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Writer => Self::Writer,
            RoleName::Editor => Self::Editor,
            RoleName::AudienceManager => Self::AudienceManager,
            RoleName::Administrator => Self::Administrator,
            RoleName::Owner => Self::Owner,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// Bring in a folder of Markdown articles with front matter and their pictures
    ///
    /// Each article is taken whole or not at all; what was left out is listed with its file and line. Doing it again
    /// takes only what changed.
    #[command(after_help = "Example:\n  masthead import markdown articles/")]
    Markdown {
        /// The folder
        dir: PathBuf,
        /// Add sections that the articles name and the paper does not have
        #[arg(long)]
        make_sections: bool,
        #[command(flatten)]
        report: Json,
    },
    /// Bring in subscribers who agreed elsewhere, from a CSV file
    ///
    /// The first line names the columns; only an address column is needed. Lists of Mailchimp and listmonk are
    /// recognised. Those who left, or to whom mail came back, stay away. Known subscribers keep their own choices.
    /// Nobody is mailed. Bringing the same list in again changes nothing.
    #[command(after_help = LIST_EXAMPLE)]
    Subscribers(List),
    /// Bring in a list that Mailchimp wrote (its subscribed_….csv)
    #[command(after_help = LIST_EXAMPLE)]
    Mailchimp(List),
    /// Bring in a list that listmonk wrote (its subscribers.csv)
    #[command(after_help = LIST_EXAMPLE)]
    Listmonk(List),
}

const LIST_EXAMPLE: &str = "Example:\n  masthead import subscribers list.csv --source \"our old list\" \\\n    --method \"double opt-in\" --agreed 2024-05-31";

#[derive(Debug, Args)]
pub struct List {
    /// The file: UTF-8, UTF-16 or Windows-1252; commas, semicolons or tabs
    pub file: PathBuf,
    /// Where the list comes from; goes into the consent ledger
    #[arg(long)]
    pub source: String,
    /// How its people agreed: double opt-in, a paper form …; goes into the consent ledger
    #[arg(long)]
    pub method: String,
    /// The day they agreed, for lines that do not say it: 2024-05-31
    #[arg(long)]
    pub agreed: Option<String>,
    /// The newsletter they agreed to; left out: the first one
    #[arg(long)]
    pub newsletter: Option<String>,
    #[command(flatten)]
    pub report: Json,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The folder, empty or new
    pub path: PathBuf,
    #[command(flatten)]
    pub report: Json,
}

#[derive(Debug, Subcommand)]
pub enum Edition {
    /// Say how the newest editions stand
    #[command(after_help = "Example:\n  masthead edition status --json")]
    Status(Json),
    /// Show the letter as it would leave now
    #[command(after_help = "Example:\n  masthead edition preview --language fr")]
    Preview(Which),
    /// Let the edition leave at its readers' local hour
    #[command(after_help = "Example:\n  masthead edition approve --date 2026-11-24")]
    Approve(Which),
    /// Approve the edition and send it now, to everybody who has not had it
    #[command(after_help = "Example:\n  masthead edition send")]
    Send(Which),
    /// Stop what has not left yet
    #[command(after_help = "Example:\n  masthead edition hold --date 2026-11-24")]
    Hold(Which),
}

#[derive(Debug, Subcommand)]
pub enum Mail {
    /// Say how a bounce, complaint or automatic answer would be read, and what would follow
    ///
    /// Changes nothing. Whose it is must be proven by our bounce address, or by our own headers in the returned letter.
    #[command(
        after_help = "Example:\n  masthead mail explain bounce.eml --json\n  cat bounce.eml | masthead mail explain -"
    )]
    Explain {
        /// The message as it came, or - to read it from standard input
        file: PathBuf,
        #[command(flatten)]
        report: Json,
    },
    /// Letters of which nobody can know whether they arrived
    #[command(subcommand)]
    Uncertain(Uncertain),
    /// Addresses that get no more mail
    #[command(subcommand)]
    Suppressions(Suppressions),
}

#[derive(Debug, Subcommand)]
pub enum Uncertain {
    /// List those that nobody has decided about
    ///
    /// The relay broke off between the last word of the letter and its answer. Such letters are sent again by nobody but
    /// you, unless their newsletter promises never to lose one.
    #[command(after_help = "Example:\n  masthead mail uncertain list --date 2026-11-24 --json")]
    List {
        #[command(flatten)]
        of: OfEdition,
        #[command(flatten)]
        report: Json,
    },
    /// Send them again, with the same Message-ID
    ///
    /// Most mail programs show a second copy with the same Message-ID once.
    #[command(after_help = "Example:\n  masthead mail uncertain resend --date 2026-11-24\n  \
                            masthead mail uncertain resend --all")]
    Resend(Doubted),
    /// Leave them as they are; they stay uncertain in the books and are asked about no more
    #[command(after_help = "Example:\n  masthead mail uncertain leave 0b2k9m4x7q1r5")]
    Leave(Doubted),
}

/// The letters of one edition only.
#[derive(Debug, Args)]
pub struct OfEdition {
    /// Only letters of the edition of this day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub date: Option<Day>,
    /// The edition's newsletter; without it, the first one
    #[arg(long, value_name = "SLUG", requires = "date")]
    pub newsletter: Option<String>,
}

/// Which uncertain letters are decided about.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["ids", "date", "all"]))]
pub struct Doubted {
    /// Ids of letters, as the list shows them
    #[arg(value_name = "ID", value_parser = letter)]
    pub ids: Vec<DeliveryId>,
    #[command(flatten)]
    pub of: OfEdition,
    /// All that nobody has decided about
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub report: Json,
}

#[derive(Debug, Subcommand)]
pub enum Suppressions {
    /// List them, with the reason and since when
    ///
    /// Of an erased person only a fingerprint is left.
    #[command(after_help = "Example:\n  masthead mail suppressions list --json")]
    List(Json),
    /// Send nothing to an address any more
    #[command(after_help = "Example:\n  masthead mail suppressions add rose@example.ht --reason \"asked by phone\"")]
    Add(Suppressed),
    /// Write to an address again; what came back before counts no longer
    #[command(
        after_help = "Example:\n  masthead mail suppressions remove rose@example.ht --reason \"the mailbox is back\""
    )]
    Remove(Suppressed),
}

/// An address, and why.
#[derive(Debug, Args)]
pub struct Suppressed {
    /// The whole address
    pub address: String,
    /// Why, for whoever looks later
    #[arg(long, value_name = "WORDS")]
    pub reason: String,
    #[command(flatten)]
    pub report: Json,
}

/// Which edition is meant.
#[derive(Debug, Args)]
pub struct Which {
    /// The newsletter's slug; without it, the first one
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Option<String>,
    /// The edition's day; without it, today in the newsroom's zone
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub date: Option<Day>,
    /// One language; without it, all of them (for a preview, the paper's own)
    #[arg(long, value_name = "CODE", value_parser = language)]
    pub language: Option<Language>,
    #[command(flatten)]
    pub report: Json,
}

fn letter(text: &str) -> Result<DeliveryId, String> {
    text.parse().map_err(|()| "an id has 13 letters and digits, as “masthead mail uncertain list” shows it".into())
}

fn language(text: &str) -> Result<Language, String> {
    Language::parse(text).ok_or_else(|| "a language code looks like en, fr or ht".into())
}

fn zone(text: &str) -> Result<String, String> {
    Zone::parse(text).map(|_| text.to_owned()).ok_or_else(|| "a time zone looks like Africa/Nairobi".into())
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "a day looks like 2026-11-24".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_help_with_an_example() {
        fn check(command: &mut clap::Command, path: &str) {
            assert!(command.get_about().is_some(), "{path} says nothing");
            let leaf = command.get_subcommands().next().is_none();
            let help = command.render_long_help().to_string();
            assert!(!leaf || help.contains("Example:\n  masthead "), "{path} has no example");
            for inner in command.get_subcommands_mut().filter(|inner| inner.get_name() != "help") {
                let path = format!("{path} {}", inner.get_name());
                check(inner, &path);
            }
        }
        check(&mut Cli::command(), "masthead");
    }

    #[test]
    fn what_makes_no_sense_is_refused_before_anything_starts() {
        fn check(line: &str, fine: bool) {
            assert_eq!(Cli::try_parse_from(line.split(' ')).is_ok(), fine, "{line}");
        }
        check("masthead demo --json --data /tmp/x", true);
        check("masthead --data /tmp/x demo", true);
        check("masthead demo --listen 8080", false);
        check("masthead", false);
        check("masthead init --zone Africa/Nairobi --language sw", true);
        check("masthead init --zone Nairobi", false);
        check("masthead init --language swahili!", false);
        check("masthead edition send --date 2026-11-24", true);
        check("masthead edition send --date tomorrow", false);
        check("masthead staff add ben@example.ke --role editor", true);
        check("masthead staff add ben@example.ke --role boss", false);
        check("masthead import subscribers list.csv --source old --method form --json", true);
        check("masthead import mailchimp list.csv --source old --method form --agreed 2024-05-31", true);
        check("masthead import subscribers list.csv", false);
        check("masthead import subscribers", false);
        check("masthead mail explain - --json", true);
        check("masthead mail suppressions add rose@example.ht --reason asked", true);
        check("masthead mail suppressions add rose@example.ht", false);
        check("masthead mail uncertain list --json", true);
        check("masthead mail uncertain resend 0b2k9m4x7q1r5 0b2k9m4x7q1r6", true);
        check("masthead mail uncertain resend --date 2026-11-24 --newsletter daily", true);
        check("masthead mail uncertain leave --all", true);
        check("masthead mail uncertain leave", false);
        check("masthead mail uncertain leave --newsletter daily", false);
        check("masthead mail uncertain leave 0b2k9m4x7q1r5 --all", false);
        check("masthead mail uncertain leave twelve", false);
    }
}
