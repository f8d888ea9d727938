//! Letters: the edition in four languages, and the short ones.

use super::*;
use crate::message::*;
use crate::theme::{PressError, Theme};

pub fn head(language: &str) -> Letterhead {
    let home = if language == "en" {
        "https://courier.example/".into()
    } else {
        format!("https://courier.example/{language}/")
    };
    Letterhead {
        name: if language == "ar" { "بريد لون".into() } else { "The Lune Courier".into() },
        language: language.into(),
        dir: Words::of(language).dir(),
        home_href: home,
        domain: "courier.example".into(),
        postal_address: "The Lune Courier, 4 Rope Walk, Port Lune 1100".into(),
        privacy_href: Some("https://courier.example/privacy".into()),
        colours: None,
    }
}

pub fn item(section: &str, headline: &str, slug: &str, blurb: &str, byline: &str, minutes: u32) -> Item {
    Item {
        headline: headline.into(),
        href: format!("https://courier.example/{slug}"),
        blurb: blurb.into(),
        section: section.into(),
        byline: byline.into(),
        minutes,
        ..Item::default()
    }
}

fn tongue(language: &str, label: &str) -> Option<Tongue> {
    Some(Tongue { language: language.into(), dir: Dir::of(language), label: label.into() })
}

fn picture(alt: &str, caption: &str) -> Option<LetterPicture> {
    Some(LetterPicture {
        src: "https://courier.example/media/lead-1120.jpg".into(),
        alt: alt.into(),
        caption: caption.into(),
    })
}

pub fn daily() -> DailyEdition {
    DailyEdition {
        letterhead: head("en"),
        newsletter: "The Morning Courier".into(),
        place: "Port Lune".into(),
        date: Words::of("en").day_long(&at(12, 0, 0)),
        subject: "The night ferry stops. Who crosses now?".into(),
        preheader: "A second engine failed within sight of the quay. Also: what cement costs since the road closed, and a band that only plays on boats.".into(),
        greeting: Some("Good morning.".into()),
        note: vec!["The night ferry has stopped, and with it the way to work of 340 people. Our lead says what is known about the engine and what the company has not answered. Further down: a school that sold its bell, and why the roof now tells the time.".into()],
        lead: Some(Item {
            picture: picture("Drawing: houses on a hillside above a bay, power lines in front", "The north side at dawn. Drawing: Noor Abeba"),
            ..item("Sea", "Night ferries stop after a second engine fails within sight of the quay", "sea/night-ferries-stop", "Nobody was hurt. The company says it may run a replacement from Friday; the harbour master has seen no papers for it. For those who cross at night there is a bus of three hours.", "Ines Okwu and Bastien Loram", 4)
        }),
        items: vec![
            item("Money", "The price of a sack of cement has doubled since the road closed", "money/cement-doubles", "Builders on the north side now buy by the bucket. The importer speaks of a bottleneck, the customs office of a paperwork error.", "Ruth Adjei", 3),
            Item { update: true, ..item("Region", "Marisol counts its voters again, street by street", "region/marisol-counts", "A clerk found 212 names on two lists. The deadline for objections is Tuesday.", "Tomas Bellamy", 4) },
            Item { tongue: tongue("fr", "In French"), ..item("Region", "À Petit Gué, le pont n’appartient à personne", "fr/region/pont", "Trois ministères l’ont peint. Aucun ne l’a dans ses livres.", "Odile Sainvil", 5) },
            Item { tongue: tongue("ar", "In Arabic"), ..item("Schools", "مدرسة بلا جرس", "ar/schools/bell", "باعوه ليدفعوا ثمن السقف، والسقف الآن هو الساعة.", "سلمى حدّاد", 3) },
        ],
        sections: vec![LetterSection {
            name: "Health".into(),
            items: vec![
                item("Health", "Two clinics share one cold room", "health/one-cold-room", "A lorry drives between them at four in the morning.", "", 6),
                item("Health", "What the midwives wrote down in the year of the drought", "health/midwives-wrote", "Four notebooks, 310 births, and a column headed “water”.", "", 9),
            ],
        }],
        sponsor: Some(Sponsor { name: "the Rope Walk Seed Library".into(), text: "Beans and grain, lent by post to anyone who grows and sends some back.".into(), link_text: "The spring list".into(), href: "https://seeds.example/spring".into() }),
        corrections: vec![CorrectionItem { text: "Yesterday’s edition said that the ferry carries 430 people each night. It carries about 340.".into(), href: "https://courier.example/sea/night-ferries-stop#corrections".into() }],
        corrections_href: "https://courier.example/corrections".into(),
        sign_off: SignOff { words: None, editor: Some("Adaeze Marchetti".into()), role: Some("Editor, The Morning Courier".into()), next: Some("tomorrow, Friday, at 07:00 your time".into()), replies: true },
        web_href: "https://courier.example/newsletter/morning/2026-03-12".into(),
        file_href: Some("https://courier.example/newsletter/morning/2026-03-12/file".into()),
        subscribe_href: "https://courier.example/subscribe".into(),
    }
}

/// Short, put together without an editor, no picture.
pub fn daily_fr() -> DailyEdition {
    DailyEdition {
        letterhead: head("fr"),
        newsletter: "Le Courrier du matin".into(),
        date: Words::of("fr").day_long(&at(12, 0, 0)),
        subject: "Le bac de nuit s’arrête".into(),
        preheader: "Un deuxième moteur a lâché en vue du quai. Et aussi : ce que coûte le ciment depuis que la route est fermée.".into(),
        greeting: None,
        note: vec![],
        lead: Some(item("Mer", "Les bacs de nuit s’arrêtent après la panne d’un deuxième moteur en vue du quai", "fr/mer/bacs-de-nuit", "Personne n’est blessé. La compagnie dit qu’elle pourrait affréter un remplaçant dès vendredi ; le capitaine du port n’a vu aucun papier.", "Ines Okwu", 4)),
        items: vec![item("Argent", "Le sac de ciment a doublé depuis que la route est fermée", "fr/argent/ciment", "Au nord, on achète désormais au seau.", "Ruth Adjei", 3)],
        sections: vec![],
        sponsor: None,
        corrections: vec![],
        sign_off: SignOff { next: Some("demain, vendredi".into()), ..SignOff::default() },
        file_href: None,
        ..daily()
    }
}

pub fn daily_ht() -> DailyEdition {
    DailyEdition {
        letterhead: head("ht"),
        newsletter: "Kourye Maten".into(),
        date: Words::of("ht").day_long(&at(12, 0, 0)),
        subject: "Bato lannwit la kanpe. Kiyès ki ka travèse?".into(),
        preheader: "Yon dezyèm motè kase devan waf la. Epi tou: konbyen siman koute depi wout la fèmen.".into(),
        greeting: Some("Bonjou.".into()),
        note: vec!["Bato lannwit la kanpe, epi 340 moun pa gen mwayen al travay. Men sa nou konnen sou motè a, ak sa konpayi an poko reponn.".into()],
        lead: Some(Item {
            picture: picture("Desen: kay sou yon mòn anlè yon bè, ak fil kouran devan", "Bò nò a nan granmaten. Desen: Noor Abeba"),
            ..item("Lanmè", "Bato lannwit yo kanpe apre yon dezyèm motè kase tou pre waf la", "ht/lanme/bato-lannwit", "Pèsonn pa blese. Konpayi an di li ka mete yon lòt bato depi vandredi; kapitèn pò a pa wè okenn papye.", "Ines Okwu", 4)
        }),
        items: vec![
            item("Lajan", "Pri yon sak siman double depi wout la fèmen", "ht/lajan/siman", "Bò nò a, moun k ap bati yo achte l pa bokit.", "Ruth Adjei", 3),
            Item { tongue: tongue("fr", "An franse"), ..item("Rejyon", "À Petit Gué, le pont n’appartient à personne", "fr/region/pont", "Trois ministères l’ont peint. Aucun ne l’a dans ses livres.", "Odile Sainvil", 5) },
        ],
        sections: vec![],
        sponsor: None,
        corrections: vec![CorrectionItem { text: "Edisyon yè a te di bato a pote 430 moun chak swa. Se anviwon 340.".into(), href: "https://courier.example/ht/lanme/bato-lannwit#corrections".into() }],
        sign_off: SignOff { editor: Some("Mirlande Josaphat".into()), role: Some("Redaktè, Kourye Maten".into()), next: Some("demen, vandredi, a 7:00".into()), words: None, replies: true },
        ..daily()
    }
}

pub fn daily_ar() -> DailyEdition {
    DailyEdition {
        letterhead: head("ar"),
        newsletter: "بريد الصباح".into(),
        place: "بورت لون".into(),
        date: Words::of("ar").day_long(&at(12, 0, 0)),
        subject: "توقّفت عبّارة الليل. من يعبر الآن؟".into(),
        preheader: "تعطّل محرّك ثانٍ على مرأى من الرصيف. وأيضًا: كم صار ثمن الإسمنت منذ أُغلق الطريق، وفرقة لا تعزف إلا على القوارب.".into(),
        greeting: Some("صباح الخير.".into()),
        note: vec!["توقّفت عبّارة الليل، ومعها طريق 340 شخصًا إلى العمل. يقول خبرنا الأول ما عُرف عن المحرّك، وما لم تجب عنه الشركة بعد.".into()],
        lead: Some(Item {
            picture: picture("رسم: بيوت على سفح فوق خليج، وأمامها أسلاك كهرباء", "الضفة الشمالية عند الفجر. رسم: نور أبيبا"),
            ..item("البحر", "توقّف عبّارات الليل بعد تعطّل محرّك ثانٍ على مرأى من الرصيف", "ar/sea/night-ferries", "لم يُصب أحد. وتقول الشركة إنها قد تسيّر بديلًا من الجمعة، ولم يرَ رئيس الميناء أي أوراق بعد.", "إيناس أوكوو", 2)
        }),
        items: vec![
            item("المال", "تضاعف ثمن كيس الإسمنت منذ أُغلق الطريق", "ar/money/cement", "صار البناؤون في الشمال يشترونه بالدلو.", "روث أدجي", 3),
            Item { tongue: tongue("en", "بالإنجليزية"), ..item("الموسيقى", "The band that only plays on boats", "music/band-on-boats", "It began with a broken jetty and a borrowed accordion.", "مينا لوران", 7) },
            Item { update: true, ..item("الإقليم", "ماريسول تعدّ ناخبيها من جديد، شارعًا شارعًا", "ar/region/marisol", "وجد موظف 212 اسمًا في قائمتين.", "", 11) },
        ],
        sections: vec![LetterSection { name: "الصحة".into(), items: vec![item("الصحة", "عيادتان تتقاسمان غرفة تبريد واحدة", "ar/health/cold", "وشاحنة تسير بينهما في الرابعة صباحًا.", "", 6)] }],
        sponsor: None,
        corrections: vec![CorrectionItem { text: "قال عدد أمس إن العبّارة تقلّ 430 شخصًا كل ليلة. والصواب نحو 340.".into(), href: "https://courier.example/ar/sea/night-ferries#corrections".into() }],
        sign_off: SignOff { editor: Some("سلمى حدّاد".into()), role: Some("محرّرة بريد الصباح".into()), next: Some("غدًا الجمعة، الساعة 07:00 بتوقيتك".into()), words: None, replies: true },
        ..daily()
    }
}

pub fn personal(language: &str) -> Personal {
    let key = "https://courier.example/preferences/q7Km2XvTn4Rb8NcEw5Hy9L";
    let (since, choices) = match language {
        "fr" => ("3 mars 2025", "Mer, Santé ; en français ; chaque jour à 07:00, heure de Port-au-Prince"),
        "ht" => ("3 mas 2025", "Lanmè, Sante; an kreyòl; chak jou a 7:00, lè Pòtoprens"),
        "ar" => ("3 مارس 2025", "البحر والصحة؛ بالعربية؛ كل يوم الساعة 07:00 بتوقيت القاهرة"),
        _ => ("3 March 2025", "Sea, Health & Schools; in English; every day at 07:00, Port-au-Prince time"),
    };
    Personal {
        since: since.into(),
        choices: choices.into(),
        preferences_href: key.into(),
        pause_href: format!("{key}#pause"),
        unsubscribe_href: "https://courier.example/unsubscribe/q7Km2XvTn4Rb8NcEw5Hy9L?n=1&w=2".into(),
    }
}

pub fn confirm(language: &str) -> crate::message::Confirm {
    let words = Words::of(language);
    crate::message::Confirm {
        letterhead: head(language),
        newsletter: "The Morning Courier".into(),
        asked_at: words.date_long(&at(12, 9, 14), "AST"),
        until: words.date_recent(&at(14, 9, 14), "AST"),
        offer: "One mail a day at 07:00, Port-au-Prince time, in English.".into(),
        confirm_href: "https://courier.example/subscribe/confirm/8hTq3ZpWm5xR7uKc2VbN4d".into(),
        erased_after_days: 7,
    }
}

pub fn welcome(language: &str) -> Welcome {
    let words = Words::of(language);
    let choice = |key: &str, text: &str| WelcomeChoice { label: words.say(key, &[]), text: text.into() };
    let names = |codes: &[&str]| words.list(&codes.iter().map(|code| words.language_name(code)).collect::<Vec<_>>());
    Welcome {
        letterhead: head(language),
        newsletter: "The Morning Courier".into(),
        first_edition: format!("{}, 07:00", words.day_of_week(&at(13, 7, 0))),
        choices: vec![
            choice("w_when", &format!("{}, 07:00, Port-au-Prince", words.say("every_day", &[]))),
            choice("w_sections", &words.say("all_sections", &[])),
            choice("w_languages", &names(&["en", "ht"])),
        ],
        sender_address: "morning@courier.example".into(),
        editor: Some("Adaeze Marchetti".into()),
        role: None,
        subscribed_at: words.date_long(&at(12, 9, 14), "AST"),
        confirmed_at: words.date_long(&at(12, 9, 31), "AST"),
        preferences_href: KEY.into(),
        unsubscribe_href: "https://courier.example/unsubscribe/q7Km2XvTn4Rb8NcEw5Hy9L".into(),
        replies: true,
    }
}

/// Somebody's preference centre.
const KEY: &str = "https://courier.example/preferences/q7Km2XvTn4Rb8NcEw5Hy9L";

pub fn sign_in(language: &str) -> SignIn {
    let words = Words::of(language);
    SignIn {
        letterhead: head(language),
        sign_in_href: "https://courier.example/newsroom/sign-in/5Rw9TnK2".into(),
        until: words.date_long(&at(12, 9, 24), "AST"),
        asked_by: words.date_long(&at(12, 9, 14), "AST"),
        newsroom: "courier.example/newsroom".into(),
        newsroom_href: "https://courier.example/newsroom".into(),
    }
}

pub fn code(language: &str, purpose: &str) -> PreferenceCode {
    let words = Words::of(language);
    PreferenceCode {
        letterhead: head(language),
        code: "482913".into(),
        purpose: words.say(purpose, &[]),
        until: words.date_long(&at(12, 9, 44), "AST"),
        asked_by: words.date_long(&at(12, 9, 14), "AST"),
    }
}

pub fn confirm_move(language: &str) -> ConfirmMove {
    let words = Words::of(language);
    ConfirmMove {
        letterhead: head(language),
        asked_at: words.date_long(&at(12, 9, 14), "AST"),
        until: words.date_recent(&at(14, 9, 14), "AST"),
        old_address: "k…@example.org".into(),
        confirm_href: "https://courier.example/subscribe/confirm/8hTq3ZpWm5xR7uKc2VbN4d".into(),
    }
}

pub fn moved(language: &str) -> Moved {
    Moved {
        letterhead: head(language),
        moved_at: Words::of(language).date_long(&at(12, 9, 31), "AST"),
        new_address: "k…@example.net".into(),
        preferences_href: KEY.into(),
    }
}

pub fn note(language: &str) -> StaffNote {
    StaffNote {
        letterhead: head(language),
        headline: "Night ferries stop after a second engine fails".into(),
        writer: "Inès Okwu".into(),
        at: Words::of(language).date_long(&at(12, 9, 14), "AST"),
        article_href: "https://courier.example/newsroom/articles/0000000000001".into(),
    }
}

pub fn breaking(language: &str) -> Breaking {
    let words = Words::of(language);
    let lines = |list: &[&str]| list.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let news = Breaking {
        letterhead: head(language),
        at: words.date_long(&at(12, 13, 40), "AST"),
        headline: "The north mole of Port Lune is closed after a wave took its light".into(),
        sentences: "At 12:55 a wave broke over the north mole and took the light at its end. The harbour master closed the mole and told boats under ten metres to stay out.".into(),
        href: "https://courier.example/sea/north-mole".into(),
        known: lines(&["Nobody was on the mole, the harbour master says.", "The pilot boat marks the entrance until dark, the harbour office says."]),
        reported: lines(&["Two boats may still be outside, a fisherman on the quay said."]),
        unknown: lines(&["Whether the foundation of the light stands.", "When the mole opens again."]),
        since: words.day(&at(3, 0, 0)),
        preferences_href: KEY.into(),
        unsubscribe_href: "https://courier.example/unsubscribe/q7Km2XvTn4Rb8NcEw5Hy9L".into(),
    };
    if language != "ar" {
        return news;
    }
    Breaking {
        headline: "إغلاق الرصيف الشمالي في بورت لون بعد موجة اقتلعت منارته".into(),
        sentences: "في الساعة 12:55 علت موجة الرصيف الشمالي واقتلعت المنارة من طرفه. أغلق رئيس الميناء الرصيف وطلب من القوارب الصغيرة البقاء في البحر.".into(),
        known: lines(&["لم يكن أحد على الرصيف، يقول رئيس الميناء.", "يدل قارب الإرشاد على المدخل حتى المساء، يقول مكتب الميناء."]),
        reported: lines(&["ربما بقي قاربان في الخارج، كما قال صياد على الرصيف."]),
        unknown: lines(&["هل بقي أساس المنارة.", "متى يُفتح الرصيف من جديد."]),
        ..news
    }
}

pub fn one_off(language: &str) -> OneOff {
    let words = Words::of(language);
    let body = if language == "ar" {
        "لن يصدر بريد الصباح يوم الاثنين: مطبعتنا تنتقل إلى [البيت الجديد](/about).\n\n## ما الذي يبقى\n\nعنواننا ورقم هاتفنا كما هما.\n"
    } else {
        "There is no Morning Courier on Monday: our desk moves to [its new house](/about), one street up from the *old* one.\n\n## What stays\n\n- the address for letters\n- the telephone of the desk\n\n> You will find us by the noise.\n> — Adaeze Marchetti, editor, on the stairs, Thursday\n"
    };
    OneOff {
        letterhead: head(language),
        newsletter: "The Morning Courier".into(),
        date: words.day_long(&at(12, 0, 0)),
        title: if language == "ar" {
            "لا بريد يوم الاثنين".into()
        } else {
            "No letter on Monday, because we move house".into()
        },
        preheader:
            "One day without us, and where to find us afterwards. On Tuesday everything comes as usual, at your hour."
                .into(),
        body: crate::markdown::parse(body).map(|parsed| parsed.document).unwrap_or_default(),
        editor: "Adaeze Marchetti".into(),
        since: words.day(&at(3, 0, 0)),
        preferences_href: KEY.into(),
        unsubscribe_href: "https://courier.example/unsubscribe/q7Km2XvTn4Rb8NcEw5Hy9L".into(),
    }
}

/// The letters whose papers are kept, with a name each, or why the theme cannot print them.
pub fn all(theme: &Theme) -> Vec<(&'static str, Result<Letter, PressError>)> {
    let edition = |edition: DailyEdition| {
        let shared = edition.print_shared(theme)?;
        Ok(shared.personal(&personal(&edition.letterhead.language)))
    };
    vec![
        ("letter-daily", edition(daily())),
        ("letter-daily-fr", edition(daily_fr())),
        ("letter-daily-ht", edition(daily_ht())),
        ("letter-daily-ar", edition(daily_ar())),
        ("letter-confirm", confirm("en").print(theme)),
        ("letter-confirm-ar", confirm("ar").print(theme)),
        ("letter-move", confirm_move("en").print(theme)),
        ("letter-moved", moved("en").print(theme)),
        ("letter-welcome", welcome("en").print(theme)),
        ("letter-sign-in", sign_in("en").print(theme)),
        ("letter-code", code("en", "k_export").print(theme)),
        ("letter-note", note("en").print(theme)),
        ("letter-breaking", breaking("en").print(theme)),
        ("letter-breaking-ar", breaking("ar").print(theme)),
        ("letter-one-off", one_off("en").print(theme)),
        ("letter-one-off-ar", one_off("ar").print(theme)),
    ]
}

/// Every letter in every language we speak.
pub fn everywhere(theme: &Theme) -> Vec<(String, Result<Letter, PressError>)> {
    let mut list = Vec::new();
    let daily = all(theme).into_iter().filter(|(name, _)| name.starts_with("letter-daily"));
    list.extend(daily.map(|(name, letter)| (name.trim_start_matches("letter-").to_owned(), letter)));
    for language in crate::words::LANGUAGES {
        let letters = [
            ("confirm", confirm(language).print(theme)),
            ("move", confirm_move(language).print(theme)),
            ("moved", moved(language).print(theme)),
            ("welcome", welcome(language).print(theme)),
            ("sign-in", sign_in(language).print(theme)),
            ("code", code(language, "k_export").print(theme)),
            ("code-erase", code(language, "k_erase").print(theme)),
            ("note", note(language).print(theme)),
            ("breaking", breaking(language).print(theme)),
            ("one-off", one_off(language).print(theme)),
        ];
        list.extend(letters.into_iter().map(|(name, letter)| (format!("{name}-{language}"), letter)));
    }
    list
}
