//! Prints what machines may do with the texts: robots.txt groups, TDMRep and RSL. Terms in, files out.

use newsroom::machines::AiTerms;
use serde_json::json;

use crate::xml::Xml;

/// Crawlers that gather texts to train on, by the names their makers publish.
const TRAINING: [&str; 11] = [
    "AI2Bot",
    "Applebot-Extended",
    "Bytespider",
    "CCBot",
    "ClaudeBot",
    "cohere-training-data-crawler",
    "Google-Extended",
    "GPTBot",
    "meta-externalagent",
    "PanguBot",
    "Timpibot",
];

/// Crawlers that gather texts to answer from, for an index or for one person.
const ANSWERING: [&str; 10] = [
    "Amazonbot",
    "ChatGPT-User",
    "Claude-SearchBot",
    "Claude-User",
    "DuckAssistBot",
    "meta-externalfetcher",
    "MistralAI-User",
    "OAI-SearchBot",
    "Perplexity-User",
    "PerplexityBot",
];

/// Groups of robots.txt (RFC 9309) for crawlers that are not welcome; empty where all are.
pub fn robots(terms: AiTerms) -> String {
    let unwelcome: Vec<&str> = match terms {
        AiTerms::Allowed => return String::new(),
        AiTerms::NoTraining => TRAINING.to_vec(),
        AiTerms::Refused => TRAINING.into_iter().chain(ANSWERING).collect(),
    };
    let names: String = unwelcome.iter().map(|name| format!("User-agent: {name}\n")).collect();
    format!("{names}Disallow: /\n\n")
}

/// `/.well-known/tdmrep.json` (TDM Reservation Protocol, W3C community group): whether mining is reserved, and where a
/// licence can be asked for.
pub fn mining(terms: AiTerms, policy: Option<&str>) -> String {
    let mut rule = json!({ "location": "/", "tdm-reservation": u8::from(terms.reserves()) });
    if let Some(policy) = policy.filter(|_| terms.reserves()) {
        rule["tdm-policy"] = json!(policy);
    }
    format!("{}\n", json!([rule]))
}

/// The licence file (RSL 1.0, rslstandard.org). Serve as `application/rsl+xml`.
pub fn rsl(terms: AiTerms, publisher: &str, contact: Option<&str>, policy: Option<&str>) -> String {
    let (permits, prohibits) = match terms {
        AiTerms::Allowed => ("all", None),
        AiTerms::NoTraining => ("search ai-index ai-input", Some("ai-train")),
        AiTerms::Refused => ("search", Some("ai-all")),
    };
    let mut xml = Xml::new();
    xml.open("rsl", &[("xmlns", "https://rslstandard.org/rsl")]);
    xml.open("content", &[("url", "/")]);
    xml.open("license", &[]);
    xml.text("permits", &[("type", "usage")], permits);
    if let Some(prohibits) = prohibits {
        xml.text("prohibits", &[("type", "usage")], prohibits);
    }
    xml.close();
    let contact = contact.map(|contact| ("contactEmail", contact));
    let kind = ("type", "organization");
    xml.text("copyright", &[Some(kind), contact].into_iter().flatten().collect::<Vec<_>>(), publisher);
    if let Some(policy) = policy {
        xml.text("terms", &[], policy);
    }
    xml.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_say_the_same_in_every_file() {
        for (terms, reserved, refuses_training, refuses_answers) in [
            (AiTerms::Allowed, 0, false, false),
            (AiTerms::NoTraining, 1, true, false),
            (AiTerms::Refused, 1, true, true),
        ] {
            let robots = robots(terms);
            assert_eq!(robots.contains("User-agent: GPTBot\n"), refuses_training, "{robots}");
            assert_eq!(robots.contains("User-agent: ChatGPT-User\n"), refuses_answers, "{robots}");
            assert!(!robots.contains("Googlebot") && !robots.contains("bingbot"), "search is never refused");
            let mining: serde_json::Value = serde_json::from_str(&super::mining(terms, Some("https://x/"))).unwrap();
            assert_eq!(mining[0]["tdm-reservation"], reserved);
            assert_eq!(mining[0].get("tdm-policy").is_some(), reserved == 1);
            let rsl = rsl(terms, "A & B", Some("desk@paper.example"), None);
            assert!(
                rsl.contains("A &amp; B</copyright>") && rsl.contains("contactEmail=\"desk@paper.example\""),
                "{rsl}"
            );
            assert_eq!(rsl.contains("ai-train</prohibits>") || rsl.contains("ai-all</prohibits>"), refuses_training);
        }
    }
}
