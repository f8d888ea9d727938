//! Pages to read: front, section, article, author, topic, archive, corrections, policy, errors.

use super::*;

struct Told(&'static str, &'static str, &'static str, &'static str, &'static str, u64);

const TOLD: [Told; 12] = [
    Told(
        "Sea",
        "Night ferries stop after a second engine fails within sight of the quay",
        "night-ferries-stop",
        "Nobody was hurt. The company says it may run a replacement from Friday; the harbour master has not agreed to it.",
        "Today 08:40",
        4,
    ),
    Told(
        "Money",
        "The price of a sack of cement has doubled since the road closed",
        "cement-doubles",
        "Builders on the north side now buy by the bucket. The importer speaks of a bottleneck, the customs office of a paperwork error.",
        "Today 07:15",
        3,
    ),
    Told(
        "Health",
        "Two clinics share one cold room, and a lorry that drives between them at four in the morning",
        "one-cold-room",
        "",
        "Today 06:30",
        6,
    ),
    Told(
        "Schools",
        "Lessons by radio reach 61 villages; eleven of them have no radio",
        "lessons-by-radio",
        "The ministry counts households with a set. Teachers count batteries.",
        "Wednesday",
        5,
    ),
    Told(
        "Region",
        "Marisol counts its voters again, street by street",
        "marisol-counts",
        "A clerk found 212 names on two lists. The deadline for objections is Tuesday.",
        "Wednesday",
        4,
    ),
    Told(
        "Music",
        "The band that only plays on boats",
        "band-on-boats",
        "It began with a broken jetty and a borrowed accordion.",
        "Wednesday",
        7,
    ),
    Told(
        "Sea",
        "Fishers and surveyors draw the same reef and get two maps",
        "two-maps",
        "The difference is forty metres, and a year’s catch.",
        "Tuesday",
        8,
    ),
    Told("Money", "Remittances arrive a day later, and nobody says why", "remittances-late", "", "Tuesday", 2),
    Told(
        "Health",
        "What the midwives wrote down in the year of the drought",
        "midwives-wrote",
        "Four notebooks, 310 births, and a column headed “water”.",
        "Monday",
        9,
    ),
    Told(
        "Schools",
        "A school without a bell",
        "without-a-bell",
        "They sold it to pay for a roof. Now the roof tells the time.",
        "Monday",
        3,
    ),
    Told(
        "Region",
        "Who owns the bridge at Petit Gué?",
        "bridge-owner",
        "Three ministries have painted it. None has it in its books.",
        "Monday",
        5,
    ),
    Told(
        "Music",
        "Old songs, new strings",
        "old-songs",
        "The last maker of the four-string banza has taken two apprentices.",
        "Sunday",
        4,
    ),
];

pub fn card(i: usize, with_picture: bool) -> Card {
    let Told(section, headline, slug, standfirst, day, minutes) = &TOLD[i % TOLD.len()];
    let picture = ["ferry", "sacks", "reef", "school"][i % 4];
    Card {
        headline: (*headline).into(),
        href: format!("/{}/{slug}", section.to_lowercase()),
        kicker: Some((*section).into()),
        standfirst: (!standfirst.is_empty()).then(|| (*standfirst).into()),
        byline: Some("Ines Okwu, Port Lune".into()),
        when: Some(When::new("2026-03-12", *day)),
        reading: Some(Words::of("en").count("minutes_read", *minutes)),
        picture: with_picture.then(|| picture_of(picture)),
        ..Card::default()
    }
}

fn picture_of(name: &str) -> Picture {
    Picture {
        caption: Some("The quay this morning.".into()),
        ..picture(name, "A ferry lies at a quay; its bow door is open", "Photo: Noor Abeba")
    }
}

pub fn lead(with_picture: bool) -> Lead {
    Lead {
        card: Card { when: Some(When::new("2026-03-12T09:05-04:00", "Updated 09:05")), ..card(0, with_picture) },
        also: vec![
            Link::new("What the passengers were told, and when", "/sea/what-passengers-were-told"),
            Link::new("The engine had been inspected in January", "/sea/engine-inspected"),
        ],
        opening_html: Some(Html::vouched(
            "<p>At ten past four on Thursday morning the <i>Alma Lune</i> lost her second engine two hundred metres from the quay. She drifted for eleven minutes. A pilot boat that was not on duty pushed her in.</p><p>It was the second failure in nine days on the only boat that sails at night. The company, Traversée Lune, says it may run a replacement from Friday. The harbour master says he has seen no papers for it.</p><p>Some 340 people cross each night to work in the cold stores and hospitals of the south side. For them there is, for now, a bus that takes three hours.</p>",
        )),
    }
}

pub fn front() -> Front {
    let mut side = vec![card(1, false), card(3, false), card(4, false)];
    side.push(card(5, true));
    side.extend([card(2, false), card(6, true), card(9, false)]);
    let block = |name: &str, i, picture| Block {
        name: name.into(),
        href: format!("/{}", name.to_lowercase()),
        card: Card { kicker: None, ..card(i, picture) },
        also: vec![
            Link::new("The savings club that lends only to those who say no first", "/money/savings-club"),
            Link::new("Coffee by the jar instead of the sack", "/money/coffee-by-the-jar"),
            Link::new("Mobile fees fall, though not for the smallest sums", "/money/mobile-fees"),
        ],
    };
    let blocks = vec![block("Money", 7, true), block("Region", 10, false)];
    Front::arrange(home_meta(), Some(lead(true)), side, blocks)
}

pub fn home_meta() -> Meta {
    Meta { title: "The Lune Courier".into(), ..meta("News from Port Lune and the islands", "/") }
}

/// A front page of so many articles.
pub fn front_of(articles: usize, pictures: bool) -> Front {
    if articles == 0 {
        return Front::arrange(home_meta(), None, vec![], vec![]);
    }
    let rest = (1..articles).map(|i| card(i, pictures && i % 3 == 0)).collect();
    Front::arrange(home_meta(), Some(lead(pictures)), rest, vec![])
}

pub fn front_of_thirty() -> Front {
    let mut front = front_of(12, true);
    if let Some(lead) = &mut front.lead {
        lead.card.headline = LONG_HEADLINE.into();
        lead.card.picture = None;
        lead.card.standfirst = None;
        lead.also.clear();
    }
    front.side[1].headline = LONG_WORD.into();
    front.grid[2].headline = LONG_HEADLINE.into();
    front.blocks = ["Region", "Money", "Health", "Schools", "Music"]
        .iter()
        .enumerate()
        .map(|(i, name)| Block {
            name: (*name).into(),
            href: "/region".into(),
            card: Card { kicker: None, ..card(i + 3, i % 2 == 0) },
            also: (0..3).map(|k| Link::new(TOLD[(i + k + 5) % 12].1, "/x")).collect(),
        })
        .collect();
    front
}

pub fn days() -> Vec<Day> {
    let day = |title: &str, date: &str, cards: Vec<Card>| Day {
        title: title.into(),
        datetime: date.into(),
        href: Some(format!("/archive/{}", date.replace('-', "/"))),
        cards,
    };
    let plain = |i, picture| Card { kicker: None, ..card(i, picture) };
    vec![
        day("Thursday 12 March", "2026-03-12", vec![plain(1, false), plain(2, false)]),
        day(
            "Wednesday 11 March",
            "2026-03-11",
            vec![plain(3, true), plain(4, false), Card { headline: LONG_HEADLINE.into(), ..plain(7, false) }],
        ),
        day(
            "Tuesday 10 March",
            "2026-03-10",
            vec![Card {
                language: Some("fr".into()),
                dir: Some(Dir::Ltr),
                headline: "À Petit Gué, le pont n’appartient à personne".into(),
                standfirst: Some("Trois ministères l’ont peint. Aucun ne l’a dans ses livres.".into()),
                ..plain(10, false)
            }],
        ),
    ]
}

pub fn section() -> Section {
    Section {
        meta: meta("Sea", "/sea"),
        name: "Sea".into(),
        description: Some("Boats, ports, fish, weather, and the people who live from them.".into()),
        feed_href: "/sea/feed.xml".into(),
        lead: Some(Lead { opening_html: None, ..lead(true) }),
        side: vec![Card { kicker: None, ..card(6, true) }],
        days: days(),
        older: Some(Link::new("Older: Monday 9 March", "/sea?before=2026-03-10")),
        newer: None,
        archive: Some(Link::new("All of Sea by date", "/archive/2026/03?section=sea")),
    }
}

pub const BODY: &str = r##"<p>At ten past four on Thursday morning the <em>Alma Lune</em> lost her second engine two hundred metres from the quay. She drifted for eleven minutes. A pilot boat that was not on duty pushed her in.</p>
<p>It was the second failure in nine days on the only boat that sails at night. The company, Traversée Lune, says it <span class="hedge">may</span> run a replacement from Friday. The harbour master says he has seen no papers for it.<sup><a id="r1" href="#n1" aria-label="Note 1">1</a></sup></p>
<h2>Eleven minutes</h2>
<p>Some 340 people cross each night to work in the cold stores and hospitals of the south side. Most were asleep. Those who were not describe a silence, then <a href="/sea/what-passengers-were-told">an announcement in a language that half of them do not speak</a>.</p>
<figure class="quote"><blockquote><p>“We train for fire and we train for collision. Nobody has ever trained us to wait, and waiting is what three hundred people did, very well, without any help from us.”</p></blockquote><figcaption><b>Odette Bahati</b> Chief steward of the Alma Lune, on the quay, Thursday 12 March 2026</figcaption></figure>
<p>The inspection report of January, which the Courier has read, lists the starboard engine as “to be watched”. It does not say by whom.</p>
<figure class="quote unsaid"><blockquote><p>“The vessel was fit to sail.”</p></blockquote><figcaption><b>Speaker not stated</b> A written answer from the company names neither speaker nor date. We have asked.</figcaption></figure>
<aside class="box"><h2>So far</h2><p class="note">The night ferry carries about 340 people. It failed on 3 and on 12 March. A replacement <span class="hedge">may</span> sail from Friday, the company says; the harbour master has not agreed.</p></aside>
<h2>Three hours by bus</h2>
<figure class="pull"><blockquote><p>“The road is there. It is the night that is long.”</p></blockquote><figcaption><cite>Samuel Achieng, nurse, at the bus stop in Basse-Lune</cite></figcaption></figure>
<p>Until the boat sails again there is a bus. It leaves at midnight and arrives at three, if the road at Petit Gué is dry.</p>
<div class="tab" role="region" aria-labelledby="t1" tabindex="0"><table><caption id="t1">The crossing, and what stands in for it</caption><thead><tr><th scope="col">Way</th><th scope="col">Leaves</th><th scope="col">Takes</th><th scope="col">Costs</th></tr></thead><tbody><tr><th scope="row">Night ferry</th><td>23:30, 04:00</td><td>40 minutes</td><td>120</td></tr><tr><th scope="row">Bus</th><td>00:00</td><td>3 hours, if dry</td><td>200, half refunded</td></tr><tr><th scope="row">Pilot boat</th><td>Not for passengers</td><td>25 minutes</td><td>Not stated</td></tr></tbody></table></div>
<ul><li>Tickets for the night boat are valid on the bus.</li><li>Hospital staff are taken first.</li></ul>
<ol class="foots"><li id="n1">As of Thursday, 09:00. We will say so here when he has. <a href="#r1">Back</a></li></ol>"##;

pub fn article() -> Article {
    let headline = "Night ferries stop after a second engine fails within sight of the quay";
    let url = "https://courier.example/sea/night-ferries-stop";
    Article {
        meta: Meta {
            title: headline.into(),
            description: "Nobody was hurt. The company may run a replacement from Friday; the harbour master has not agreed to it.".into(),
            alternates: vec![Alternate { language: "fr".into(), href: "https://courier.example/fr/mer/bacs-de-nuit".into() }],
            og: Some(OpenGraph {
                kind: "article".into(),
                title: headline.into(),
                description: "Nobody was hurt. The company may run a replacement from Friday.".into(),
                image: Some("https://courier.example/media/ferry-1200.jpg".into()),
                image_alt: Some("A ferry lies at a quay; its bow door is open".into()),
                image_width: Some(1200),
                image_height: Some(800),
            }),
            json_ld: Some(format!(r#"{{"@context":"https://schema.org","@type":"NewsArticle","headline":"{headline}","datePublished":"2026-03-12T06:40:00-04:00","dateModified":"2026-03-12T09:05:00-04:00","author":[{{"@type":"Person","name":"Ines Okwu"}}],"publisher":{{"@type":"NewsMediaOrganization","name":"The Lune Courier"}}}}"#)),
            ..meta(headline, "/sea/night-ferries-stop")
        },
        url: url.into(),
        kicker: Some(Link::new("Sea", "/sea")),
        headline: headline.into(),
        standfirst: Some("Nobody was hurt. The company says it may run a replacement from Friday; the harbour master has not agreed to it.".into()),
        bylines: vec![
            Byline { name: "Ines Okwu".into(), href: Some("/author/ines-okwu".into()), role: None },
            Byline { name: "Bastien Loram".into(), href: Some("/author/bastien-loram".into()), role: None },
            Byline { name: "Noor Abeba".into(), href: None, role: Some("photos by".into()) },
        ],
        place: Some("Port Lune".into()),
        initial: Some("I".into()),
        published: when("en", 12, 6, 40),
        updated: Some(When::new("2026-03-12T09:05-04:00", "Thursday 12\u{a0}March, 09:05 AST")),
        reading: Some(Words::of("en").count("minutes_read", 4)),
        translations: vec![
            Translation { language: "fr".into(), endonym: "Français".into(), href: "/fr/mer/bacs-de-nuit".into(), dir: Dir::Ltr },
            Translation { language: "ar".into(), endonym: "العربية".into(), href: "/ar/sea/night-ferries".into(), dir: Dir::Rtl },
        ],
        picture: Some(Picture { caption: Some("The Alma Lune at her berth on Thursday morning.".into()), ..picture("ferry", "A ferry lies at a quay; its bow door is open and two people look into the engine hatch.", "Photo: Noor Abeba") }),
        body_html: Html::vouched(BODY),
        corrections: vec![CorrectionNote {
            when: When::new("2026-03-12", "Thursday 12 March 2026"),
            text: "An earlier version said that the ferry carries 430 people each night. It carries about 340.".into(),
        }],
        changes: vec![
            Change { when: When::new("2026-03-12T09:05-04:00", "Thu 12 March, 09:05"), text: "The harbour master’s answer is added".into(), label: None },
            Change { when: When::new("2026-03-12T07:50-04:00", "Thu 12 March, 07:50"), text: "The number of passengers".into(), label: Some("Correction".into()) },
            Change { when: When::new("2026-03-12T06:40-04:00", "Thu 12 March, 06:40"), text: "Published".into(), label: None },
        ],
        topics: vec![Link::new("Night ferry", "/topic/night-ferry"), Link::new("Harbour board", "/topic/harbour-board")],
        share: vec![
            Link::new("WhatsApp", "https://wa.me/?text=Night%20ferries%20stop%20https%3A%2F%2Fcourier.example%2Fsea%2Fnight-ferries-stop"),
            Link::new("Telegram", "https://t.me/share/url?url=https%3A%2F%2Fcourier.example%2Fsea%2Fnight-ferries-stop"),
            Link::new("SMS", "sms:?body=https%3A%2F%2Fcourier.example%2Fsea%2Fnight-ferries-stop"),
            Link::new("Mail", "mailto:?subject=Night%20ferries%20stop&body=https%3A%2F%2Fcourier.example%2Fsea%2Fnight-ferries-stop"),
        ],
        text_href: Some("/sea/night-ferries-stop.txt".into()),
        text_label: "Text only, 5\u{a0}KB".into(),
        related: vec![card(6, false), card(3, false), card(10, false)],
        next_in_section: Some(card(6, false)),
        as_of: "as of Thursday 12 March 2026, 09:05 AST".into(),
        ..Article::default()
    }
}

/// No picture, no standfirst, no changes, a headline of 200 characters.
pub fn article_bare() -> Article {
    Article {
        meta: meta(LONG_HEADLINE, "/sea/long"),
        headline: LONG_HEADLINE.into(),
        kicker: Some(Link::new("Sea", "/sea")),
        bylines: vec![Byline { name: "The editors".into(), ..Byline::default() }],
        published: when("en", 12, 6, 40),
        body_html: Html::vouched("<p>One paragraph, and that is all there is to say so far.</p>"),
        notice: Some("This is an old article: it was published on 12 March 2026.".into()),
        url: "https://courier.example/sea/long".into(),
        ..Article::default()
    }
}

pub fn author() -> Author {
    Author {
        meta: meta("Ines Okwu", "/author/ines-okwu"),
        name: "Ines Okwu".into(),
        role: Some("Reporter, Sea".into()),
        about: vec!["Writes about ports and the people who work in them. Was a ship’s purser for nine years.".into()],
        initial: "I".into(),
        links: vec![Link::new("ines@courier.example", "mailto:ines@courier.example")],
        count: Some(Words::of("en").count("articles", 48)),
        feed_href: "/author/ines-okwu/feed.xml".into(),
        days: days(),
        older: Some(Link::new("Older", "/author/ines-okwu?page=2")),
        ..Author::default()
    }
}

pub fn topic() -> Topic {
    Topic {
        meta: meta("Night ferry", "/topic/night-ferry"),
        name: "Night ferry".into(),
        count: Some(Words::of("en").count("articles", 12)),
        feed_href: "/topic/night-ferry/feed.xml".into(),
        days: days(),
        ..Topic::default()
    }
}

pub fn archive_month() -> Archive {
    let words = Words::of("en");
    let cell = |day: i32| match day {
        1..=31 => CalendarDay {
            number: day.to_string(),
            href: (day <= 12 && day != 8).then(|| format!("/archive/2026/03/{day:02}")),
            count: (day <= 12 && day != 8).then(|| words.count("articles", (day as u64 * 7) % 19 + 1)),
            current: day == 12,
        },
        _ => CalendarDay::default(),
    };
    Archive {
        meta: meta("March 2026", "/archive/2026/03"),
        title: "March 2026".into(),
        calendar: Some(Calendar {
            caption: "Articles by day, March 2026".into(),
            weekdays: (1..=7)
                .map(|d| Weekday { short: words.weekday_short(d).into(), whole: words.weekday(d).into() })
                .collect(),
            weeks: (0..6).map(|week| (1..=7).map(|d| cell(week * 7 + d - 6)).collect()).collect(),
        }),
        earlier: Some(Link::new("February 2026", "/archive/2026/02")),
        up: vec![Link::new("Archive", "/archive"), Link::new("2026", "/archive/2026")],
        months: vec![Link::new("January 2026", "/archive/2026/01"), Link::new("December 2025", "/archive/2025/12")],
        ..Archive::default()
    }
}

pub fn archive_day() -> Archive {
    let mut days = days();
    days.truncate(1);
    days[0].title = words_articles(2);
    days[0].href = None;
    Archive {
        meta: meta("Thursday 12 March 2026", "/archive/2026/03/12"),
        title: "Thursday 12 March 2026".into(),
        days,
        up: vec![Link::new("2026", "/archive/2026"), Link::new("March 2026", "/archive/2026/03")],
        earlier: Some(Link::new("Wednesday 11 March", "/archive/2026/03/11")),
        ..Archive::default()
    }
}

fn words_articles(n: u64) -> String {
    Words::of("en").count("articles", n)
}

pub fn archive_empty() -> Archive {
    Archive {
        title: "Sunday 8 March 2026".into(),
        days: vec![],
        empty: Some(Words::of("en").say("day_empty", &[])),
        ..archive_day()
    }
}

/// Three versions and a correction of the article above.
pub fn changes() -> Changes {
    let words = Words::of("en");
    let piece = |what: &'static str, text: &str| PassagePiece { what, text: text.into() };
    let passage = |pieces: Vec<PassagePiece>| Passage { pieces, ..Passage::default() };
    let gap = |n: u64| Passage { gap: Some(words.count("paragraphs_same", n)), ..Passage::default() };
    let version = |id: &str, hour, line: &str| Version {
        id: id.into(),
        when: when("en", 12, hour, 5),
        line: line.into(),
        ..Version::default()
    };
    let third = Version {
        counts: Some(format!("{}, {}", words.count("words_added", 6), words.count("words_removed", 2))),
        passages: vec![
            gap(2),
            passage(vec![
                piece("same", "The company says it "),
                piece("gone", "will run"),
                piece("same", " "),
                piece("new", "may run"),
                piece("same", " a replacement from Friday."),
            ]),
            gap(4),
            passage(vec![piece("new", "The harbour master has seen no papers for it.")]),
        ],
        ..version("v3", 9, "What the company said about Friday is softened: it may, it does not promise")
    };
    let second = Version { remark: Some(words.say("changes_hidden", &[])), ..version("v2", 8, "A name is taken out") };
    Changes {
        meta: Meta { noindex: true, ..meta("What changed in this article", "/sea/night-ferries-stop/changes") },
        headline: "Night ferries stop after a second engine fails within sight of the quay".into(),
        href: "/sea/night-ferries-stop".into(),
        versions: vec![
            third,
            Version {
                label: Some("Correction".into()),
                ..version("c1", 8, "We said that the ferry carries 430 people. It carries 340.")
            },
            second,
            version("v1", 6, "Published"),
        ],
        newer: None,
        older: None,
    }
}

pub fn corrections() -> Corrections {
    let line = |day, label: &str, headline: &str, href: Option<&str>, text: &str| CorrectionLine {
        when: When::new(format!("2026-03-{day:02}"), Words::of("en").day_long(&at(day, 0, 0))),
        label: label.into(),
        headline: headline.into(),
        href: href.map(str::to_string),
        text: text.into(),
    };
    Corrections {
        meta: meta("Corrections", "/corrections"),
        lines: vec![
            line(
                12,
                "Correction",
                "Night ferries stop after a second engine fails",
                Some("/sea/night-ferries-stop"),
                "We said that the ferry carries 430 people each night. It carries about 340. Readers who got the error by mail were told.",
            ),
            line(
                9,
                "Withdrawn",
                "A letter that nobody wrote",
                None,
                "We could not find the person who was said to have written the letter, and we should have looked before, not after.",
            ),
        ],
        report: Some(Link::new("Report an error", "/contact")),
        ..Corrections::default()
    }
}

pub fn policy() -> Policy {
    Policy {
        meta: meta("How we work", "/how-we-work"),
        title: "How we work".into(),
        standfirst: Some("Who decides what is printed here, who pays for it, and what we do when we are wrong.".into()),
        body_html: Html::vouched(
            "<p>Two people read every article before it is published; neither of them wrote it.</p><h2>Who pays</h2><p>Readers do: 1,240 members of a co-operative, none of whom may hold more than one share.</p><h2>When we are wrong</h2><p>We say so above the text, in the list of <a href=\"/corrections\">corrections</a>, and in the next mail to everybody who got the error.</p>",
        ),
        updated: Some(When::new("2026-01-05", "5 January 2026")),
        also: vec![Link::new("Who we are", "/about"), Link::new("Privacy: no tracking", "/privacy")],
    }
}

pub fn gone() -> Gone {
    Gone {
        meta: Meta::unlisted("Withdrawn"),
        headline: Some("A letter that nobody wrote".into()),
        when: Some(When::new("2026-03-09", "Monday 9 March 2026")),
        reason: Some("We could not find the person who was said to have written the letter, and we should have looked before, not after.".into()),
    }
}
