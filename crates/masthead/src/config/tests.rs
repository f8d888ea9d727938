//! The rules of the settings, one name each.

use super::*;

struct Machine {
    folder: tempfile::TempDir,
    environment: Vec<(String, String)>,
}

impl Machine {
    fn new(toml: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE_NAME), toml).unwrap();
        Self { folder, environment: Vec::new() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    fn load(&self) -> Result<Config, Faults> {
        let data = self.folder.path().to_owned();
        Config::load(&Sources { data, file: None, environment: self.environment.clone() })
    }

    /// The faults without the folder's name.
    fn says(&self) -> String {
        let folder = format!("{}/", self.folder.path().display());
        self.load().map(|_| "fine".to_owned()).unwrap_or_else(|faults| faults.to_string()).replace(&folder, "")
    }
}

#[test]
fn without_a_file_every_setting_has_a_default() {
    let folder = tempfile::tempdir().unwrap();
    let sources = Sources { data: folder.path().into(), file: None, environment: vec![] };
    let config = Config::load(&sources).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.database, Database::Embedded);
    assert!(config.relays.is_empty() && config.remarks.is_empty());
    assert!(config.shown().iter().all(|shown| shown.from == "default"));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.toml");
    let sources = Sources { data: folder.path().into(), file: Some(file.clone()), environment: vec![] };
    let said = Config::load(&sources).unwrap_err().to_string();
    assert_eq!(said, format!("{}: cannot be read: there is no such file", file.display()));
}

#[test]
fn letters_may_go_without_a_relay_and_then_nothing_of_one_is_set() {
    let config = Machine::new("[[relay]]\nto = \"mx\"\n").load().unwrap();
    let plan = config.relays[0].plan("paper.example");
    assert!(plan.direct && plan.settings.port == 25 && plan.name == "direct", "{plan:?}");
    assert_eq!(plan.limits.domain_connections, Some(4));
    let faults = Machine::new("[[relay]]\nto = \"mx\"\nhost = \"smtp.example.org\"\n").load().unwrap_err();
    assert!(faults.to_string().contains("leave out “host”"), "{faults}");
    assert!(Machine::new("[[relay]]\nto = \"elsewhere\"\n").load().is_err());
}

#[test]
fn name_servers_are_taken_with_or_without_a_port() {
    let config = Machine::new("[dns]\nservers = [\"192.0.2.53\", \"[2001:db8::1]:5353\"]\n").load().unwrap();
    let shown: Vec<String> = config.name_servers.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["192.0.2.53:53", "[2001:db8::1]:5353"]);
    let faults = Machine::new("[dns]\nservers = [\"ns.example\"]\n").load().unwrap_err();
    assert!(faults.to_string().contains("no address of a name server"), "{faults}");
}

#[test]
fn a_whole_file_is_taken() {
    let toml = r#"
        listen = "0.0.0.0:80"
        public_url = "https://News.Example.org/"
        trusted_proxies = ["10.0.0.0/8", "::1"]
        outgoing.allow = ["10.0.3.7"]
        cache.label = "cache-tag"
        cache.purge = "https://cache.example/purge"
        cache.purge_secret = "Bearer hush"
        [database]
        url = "postgresql://paper:hush@db/paper?sslmode=require"
        [mail]
        from = "news@example.org"
        bounce_domain = "bounces.example.org"
        hold = true
        unsigned = true
        [log]
        format = "json"
        level = "info,mail=debug"
        [[relay]]
        host = "smtp.example.org"
        username = "paper"
        password = "hush"
        rate = 600
        [[relay]]
        name = "second"
        host = "127.0.0.1"
        tls = "none"
    "#;
    let config = Machine::new(toml).load().unwrap();
    assert_eq!(config.public_url, "https://news.example.org");
    assert_eq!(config.host(), "news.example.org");
    assert_eq!(config.relays.len(), 2);
    assert_eq!((config.relays[0].port, config.relays[0].tls), (587, RelayTls::Required));
    assert_eq!((config.relays[1].port, config.relays[1].name.as_str()), (25, "second"));
    assert!(config.letters.hold && config.log.format == LogFormat::Json);
    assert!(crate::open::mail_settings(&config).unsigned);
    let shown: String = config.shown().iter().map(|shown| format!("{}={}\n", shown.name, shown.value)).collect();
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("database.url=postgresql://••••••@db/paper\n"), "{shown}");
    assert!(shown.contains("outgoing.allow=10.0.3.7\n"), "{shown}");
    assert!(shown.contains("cache.label=cache-tag\ncache.purge=https://cache.example/purge\n"), "{shown}");
    let proof = config.front.caches().unwrap().purge.unwrap().proof.unwrap();
    assert_eq!((proof.0.as_str(), proof.1.to_str().unwrap()), ("authorization", "Bearer hush"));
    assert!(!format!("{config:?}").contains("hush"));
    let settings = config.relays[0].settings(config.host());
    assert_eq!(settings.credentials.unwrap().password.reveal(), "hush");
}

#[test]
fn a_setting_nobody_knows_is_refused_with_its_line_and_the_nearest_name() {
    fn check(toml: &str, says: &str) {
        assert_eq!(Machine::new(toml).says(), says);
    }
    check("\nlissten = \"x\"", "masthead.toml, line 2: there is no setting “lissten”. Did you mean “listen”?");
    check("[mial]\nfrom = \"x\"", "masthead.toml, line 1: there is no group “mial”. Did you mean “mail”?");
    check("[mail]\nfrm = \"x\"", "masthead.toml, line 2: there is no setting “frm” below [mail]. Did you mean “from”?");
    check(
        "[[relay]]\nhost = \"a.example\"\n\npasswort = \"x\"",
        "masthead.toml, line 4: there is no setting “passwort”. Did you mean “password”?",
    );
    check(
        "[log]\ncolour = true",
        "masthead.toml, line 2: there is no setting “colour” below [log]. There are: format, level.",
    );
    check("mail = true", "masthead.toml, line 1: “mail” is a group of settings: write [mail] above them.");
    check("data = \"x\"", "masthead.toml, line 1: the data folder is no setting of this file. Name it with --data.");
}

#[test]
fn a_value_of_the_wrong_shape_is_refused_with_what_was_wanted() {
    fn check(toml: &str, says: &str) {
        let said = Machine::new(toml).says();
        assert!(said.contains(says), "{toml}: {said}");
    }
    check("listen = 8080", "line 1: “listen” is a number, but must be a text in quotes.");
    check("listen = \"8080\"", "must be an address and a port such as 127.0.0.1:8080.");
    check("public_url = \"news.example.org\"", "must be the address readers use");
    check("public_url = \"https://example.org/news\"", "without a path");
    check("public_url = \"https://a:b@example.org\"", "must be the address readers use");
    check("trusted_proxies = [\"proxy\"]", "holds “proxy”");
    check("outgoing.allow = [\"cache.internal\"]", "holds “cache.internal”");
    check("trusted_proxies = \"10.0.0.1\"", "must be a list");
    check("[cache]\nlabel = \"tags\"", "is “tags”, but must be “surrogate-key” or “cache-tag”.");
    check("[cache]\nlabel = \"cache-tag\"\npurge = \"ftp://cache\"", "it begins with https:// or http://");
    check("[cache]\npurge = \"https://cache.example\"", "needs “cache.label”");
    check("[cache]\npurge_header = \"a b\"", "must be the name of a header");
    check("[database]\nurl = \"mysql://root:hush@db\"", "must begin with postgresql://");
    check("[storage]\nkind = \"s3\"", "is “s3”, but must be “disk”.");
    check("[mail]\nfrom = \"news\"", "must be a mail address");
    check("[mail]\nhold = \"yes\"", "must be true or false");
    check("[log]\nlevel = \"lou=d=er\"", "must be error, warn, info, debug or trace");
    check("[[relay]]\nhost = \"a.example:25\"", "must be a host name only");
    check("[[relay]]\nhost = \"a.example\"\nport = 0", "must be a whole number from 1 to 65535");
    check("[[relay]]\nhost = \"a.example\"\ntls = \"yes\"", "“required” or “if-offered” or “none” or “implicit”");
    check("listen = ", "this is not TOML");
    assert!(!Machine::new("[database]\nurl = \"mysql://root:hush@db\"").says().contains("hush"));
}

#[test]
fn a_relay_must_make_sense_as_a_whole() {
    fn check(toml: &str, says: &str) {
        let said = Machine::new(toml).says();
        assert!(said.contains(says), "{toml}: {said}");
    }
    check("[[relay]]\nport = 25", "line 1: this relay has no “host”");
    check("[[relay]]\nhost = \"a.example\"\nusername = \"me\"", "no “password” or “password_file”");
    check("[[relay]]\nhost = \"a.example\"\npassword = \"x\"", "a password but no “username”");
    let bare = "[[relay]]\nhost = \"a.example\"\ntls = \"none\"\nusername = \"me\"\npassword = \"x\"";
    check(bare, "without encryption");
    check(&bare.replace("a.example", "127.0.0.1"), "fine");
}

#[test]
fn the_environment_wins_over_the_file() {
    let machine = Machine::new("listen = \"127.0.0.1:1\"\n[[relay]]\nhost = \"a.example\"\npassword_file = \"gone\"")
        .with("MASTHEAD_LISTEN", "127.0.0.1:2")
        .with("MASTHEAD_RELAY_HOST", "b.example")
        .with("MASTHEAD_RELAY_USERNAME", "me")
        .with("MASTHEAD_RELAY_PASSWORD", "hush")
        .with("MASTHEAD_MAIL_HOLD", "true")
        .with("MASTHEAD_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2")
        .with("MASTHEAD_DATA", "elsewhere")
        .with("PATH", "/bin");
    let config = machine.load().unwrap();
    assert_eq!(config.listen.port(), 2);
    assert_eq!(config.relays[0].host, "b.example");
    assert_eq!(config.relays[0].password.as_ref().unwrap().reveal(), "hush");
    assert!(config.letters.hold && config.trusted_proxies.len() == 2);
    assert_eq!(config.shown()[0].from, "MASTHEAD_LISTEN");
}

#[test]
fn a_misspelt_variable_is_refused_and_a_stranger_is_remarked() {
    assert_eq!(
        Machine::new("").with("MASTHEAD_LISSEN", "x").says(),
        "MASTHEAD_LISSEN: there is no such setting. Did you mean MASTHEAD_LISTEN?"
    );
    let config = Machine::new("").with("MASTHEAD_SERVICE_PORT_HTTP", "80").load().unwrap();
    assert_eq!(config.remarks.len(), 1);
}

#[test]
fn a_secret_comes_by_value_or_by_file_but_not_by_both() {
    fn check(lines: &str, file: &str, says: &str) {
        let toml = format!("[[relay]]\nhost = \"a.example\"\nusername = \"me\"\n{lines}");
        let said = Machine::new(&toml).file("secret", file).says();
        assert_eq!(said, says, "{lines}");
    }
    check("password_file = \"secret\"", "hush\n", "fine");
    check(
        "password_file = \"secret\"",
        "\n",
        "masthead.toml, line 4: names the file secret, which is empty. Write the secret into it.",
    );
    check(
        "password_file = \"secret\"",
        "one\ntwo\n",
        "masthead.toml, line 4: names the file secret, which has more than one line. Keep only the secret in it.",
    );
    check("password_file = \"gone\"", "", "masthead.toml, line 4: names the file gone, but there is no such file.");
    check(
        "password = \"x\"\npassword_file = \"secret\"",
        "hush",
        "masthead.toml, line 5: “password_file” is given twice, also in masthead.toml, line 4: by value and by file. Keep one.",
    );
}

#[cfg(unix)]
#[test]
fn a_secret_everybody_may_read_is_remarked() {
    use std::os::unix::fs::PermissionsExt;
    let toml = "[[relay]]\nhost = \"a.example\"\nusername = \"me\"\npassword_file = \"secret\"";
    let machine = Machine::new(toml).file("secret", "hush");
    let path = machine.folder.path().join("secret");
    let remarks = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        machine.load().unwrap().remarks
    };
    assert!(remarks(0o644)[0].contains("every account"));
    assert!(remarks(0o600).is_empty());
}

#[test]
fn the_database_address_may_stand_in_a_file() {
    let toml = "[database]\nurl_file = \"db\"";
    let config = Machine::new(toml).file("db", "postgresql://db/paper\n").load().unwrap();
    assert_eq!(config.database, Database::Postgres(Secret::new("postgresql://db/paper")));
    assert!(Machine::new(toml).file("db", "mysql://hush").says().contains("must begin with postgresql://"));
}
