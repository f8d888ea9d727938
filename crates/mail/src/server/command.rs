//! Reads one command line. Pure.

/// A command of RFC 5321 §4.1 as far as this server knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Ehlo(String),
    Helo(String),
    /// LMTP's greeting (RFC 2033 §4.1).
    Lhlo(String),
    Mail {
        sender: String,
        size: Option<u64>,
    },
    Rcpt(String),
    Data,
    Rset,
    Noop,
    Quit,
    Vrfy,
    StartTls,
    /// Known word, wrong arguments: 501.
    Malformed,
    /// A parameter we did not offer: 555.
    UnknownParameter,
    /// Unknown word: 500.
    Unknown,
}

/// Reads a line without its CRLF. Addresses are taken as they are, without brackets and source routes.
pub(crate) fn parse(line: &str) -> Command {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let rest = rest.trim();
    let alone = |command| if rest.is_empty() { command } else { Command::Malformed };
    match word.to_ascii_uppercase().as_str() {
        "EHLO" if is_name(rest) => Command::Ehlo(rest.to_owned()),
        "HELO" if is_name(rest) => Command::Helo(rest.to_owned()),
        "LHLO" if is_name(rest) => Command::Lhlo(rest.to_owned()),
        "MAIL" => mail(rest),
        "RCPT" => rcpt(rest),
        "DATA" => alone(Command::Data),
        "RSET" => alone(Command::Rset),
        "QUIT" => alone(Command::Quit),
        "STARTTLS" => alone(Command::StartTls),
        "NOOP" => Command::Noop,
        "VRFY" if !rest.is_empty() => Command::Vrfy,
        "EHLO" | "HELO" | "LHLO" | "VRFY" => Command::Malformed,
        _ => Command::Unknown,
    }
}

fn mail(rest: &str) -> Command {
    let Some((sender, parameters)) = path(rest, "FROM:") else { return Command::Malformed };
    let mut size = None;
    for parameter in parameters.split_ascii_whitespace() {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (name.to_ascii_uppercase().as_str(), value.to_ascii_uppercase().as_str()) {
            ("SIZE", digits) => match digits.parse() {
                Ok(octets) => size = Some(octets),
                Err(_) => return Command::Malformed,
            },
            ("BODY", "7BIT" | "8BITMIME") | ("SMTPUTF8", "") => {}
            _ => return Command::UnknownParameter,
        }
    }
    Command::Mail { sender, size }
}

fn rcpt(rest: &str) -> Command {
    match path(rest, "TO:") {
        Some((recipient, _)) if recipient.is_empty() => Command::Malformed,
        Some((_, parameters)) if !parameters.trim().is_empty() => Command::UnknownParameter,
        Some((recipient, _)) => Command::Rcpt(recipient),
        None => Command::Malformed,
    }
}

/// `FROM:<a@b> X=Y` gives `a@b` and ` X=Y`. A space after the colon is forgiven, a missing bracket is not.
fn path<'l>(rest: &'l str, keyword: &str) -> Option<(String, &'l str)> {
    let head = rest.get(..keyword.len())?;
    let inner = rest[keyword.len()..].trim_start().strip_prefix('<')?;
    let (address, parameters) = inner.split_once('>')?;
    // RFC 5321 §4.1.1.3: a source route "@a,@b:" is accepted and ignored.
    let address = if address.starts_with('@') { address.split_once(':')?.1 } else { address };
    let plain = address.len() <= 320 && !address.chars().any(|c| c.is_control() || matches!(c, '<' | ' '));
    let fitting = parameters.is_empty() || parameters.starts_with(' ');
    (head.eq_ignore_ascii_case(keyword) && plain && fitting).then(|| (address.to_owned(), parameters))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 255 && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_taken_in_any_case_and_its_path_without_brackets() {
        fn check(line: &str, command: Command) {
            assert_eq!(parse(line), command, "{line}");
        }
        let mail = |sender: &str, size| Command::Mail { sender: sender.into(), size };
        check("ehlo relay.example", Command::Ehlo("relay.example".into()));
        check("HELO x", Command::Helo("x".into()));
        check("EHLO", Command::Malformed);
        check("LHLO relay.example", Command::Lhlo("relay.example".into()));
        check("mail from:<a@b.example>", mail("a@b.example", None));
        check("MAIL FROM:<> SIZE=12 BODY=8BITMIME SMTPUTF8", mail("", Some(12)));
        check("MAIL FROM: <a@b>", mail("a@b", None));
        check("MAIL FROM:<@x,@y:a@b>", mail("a@b", None));
        check("MAIL FROM:a@b", Command::Malformed);
        check("MAIL FROM:<a@b>SIZE=1", Command::Malformed);
        check("MAIL FROM:<a@b> SIZE=x", Command::Malformed);
        check("MAIL FROM:<a@b> BODY=BINARYMIME", Command::UnknownParameter);
        check("RCPT TO:<rose@example.ht>", Command::Rcpt("rose@example.ht".into()));
        check("RCPT TO:<>", Command::Malformed);
        check("RCPT TO:<a@b> NOTIFY=NEVER", Command::UnknownParameter);
        check("DATA", Command::Data);
        check("DATA now", Command::Malformed);
        check("VRFY rose", Command::Vrfy);
        check("NOOP anything", Command::Noop);
        check("GET / HTTP/1.1", Command::Unknown);
        check("", Command::Unknown);
        check("é", Command::Unknown);
        check("MAIL é", Command::Malformed);
    }
}
