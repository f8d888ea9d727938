//! The same article, right to left.

use super::*;

pub fn site() -> Site {
    let names = ["الإقليم", "البحر", "المال", "الصحة", "المدارس", "الموسيقى"];
    let mut site = super::site("ar");
    for (section, name) in site.sections.iter_mut().zip(names) {
        section.name = name.into();
    }
    if let Some(signup) = &mut site.signup {
        signup.name = "بريد الصباح".into();
        signup.promise = "ما حدث، وما يعنيه لك، وما لم يُعرف بعد.".into();
        signup.frequency = "رسالة واحدة كل يوم مع فطورك.".into();
    }
    site.today.text = format!("{}، بورت لون", Words::of("ar").day_long(&at(12, 9, 20)));
    site.policies = vec![
        Link::new("من نحن", "/ar/about"),
        Link::new("كيف نعمل", "/ar/how"),
        Link::new("الخصوصية: لا تتبّع", "/ar/privacy"),
    ];
    site.publisher = "تصدر في بورت لون عن تعاونية القرّاء.".into();
    site
}

pub const BODY: &str = r#"<p>في الرابعة وعشر دقائق من صباح الخميس فقدت العبّارة «ألما لون» محرّكها الثاني على بعد مئتي متر من الرصيف. وظلّت تنجرف إحدى عشرة دقيقة حتى دفعها إلى مرساها قارب إرشاد لم يكن في نوبته.</p>
<p>هذا هو العطل الثاني خلال تسعة أيام في السفينة الوحيدة التي تبحر ليلًا. وتقول الشركة إنها <span class="hedge">قد</span> تسيّر بديلًا ابتداء من الجمعة، أما رئيس الميناء فيقول إنه لم يرَ أي أوراق بعد.</p>
<h2>إحدى عشرة دقيقة</h2>
<figure class="quote"><blockquote><p>«تدرّبنا على الحريق وعلى التصادم. لم يدرّبنا أحد على الانتظار، والانتظار هو ما فعله ثلاثمئة شخص، وأحسنوا فيه، من دون أي عون منّا.»</p></blockquote><figcaption><b>أوديت باهاتي</b> كبيرة المضيفين على متن ألما لون، على الرصيف، الخميس 12 مارس 2026</figcaption></figure>
<p>يعبر كل ليلة نحو 340 شخصًا للعمل في مخازن التبريد ومستشفيات الضفة الجنوبية. ولهم الآن حافلة تستغرق ثلاث ساعات.</p>
<figure class="quote unsaid"><blockquote><p>«كانت السفينة صالحة للإبحار.»</p></blockquote><figcaption><b>القائل غير مذكور</b> جواب مكتوب من الشركة لا يذكر قائلًا ولا تاريخًا. وقد سألنا.</figcaption></figure>"#;

pub fn article() -> Article {
    let words = Words::of("ar");
    let headline = "توقّف عبّارات الليل بعد تعطّل محرّك ثانٍ على مرأى من الرصيف";
    Article {
        meta: Meta { title: headline.into(), ..meta(headline, "/ar/sea/night-ferries") },
        headline: headline.into(),
        kicker: Some(Link::new("البحر", "/ar/sea")),
        standfirst: Some("لم يُصب أحد. وتقول الشركة إنها قد تسيّر بديلًا من الجمعة، ولم يوافق رئيس الميناء بعد.".into()),
        bylines: vec![
            Byline { name: "إيناس أوكوو".into(), href: Some("/ar/author/ines-okwu".into()), role: None },
            Byline { name: "سلمى حدّاد".into(), href: None, role: Some("ترجمة".into()) },
        ],
        place: Some("بورت لون".into()),
        initial: Some("إ".into()),
        published: when("ar", 12, 7, 30),
        updated: Some(When::new("2026-03-12T09:40-04:00", words.date_recent(&at(12, 9, 40), ""))),
        reading: Some(words.count("minutes_read", 3)),
        translated_from: Some(words.say("translated_from", &[("language", &words.language_name("en"))])),
        translations: vec![Translation {
            language: "en".into(),
            endonym: "English".into(),
            href: "/sea/night-ferries-stop".into(),
            dir: Dir::Ltr,
        }],
        picture: Some(Picture {
            caption: Some("ألما لون في مرساها صباح الخميس.".into()),
            ..picture("ferry", "عبّارة عند رصيف وبابها الأمامي مفتوح", "تصوير: نور أبيبا")
        }),
        body_html: Html::vouched(BODY),
        corrections: vec![CorrectionNote {
            when: When::new("2026-03-12", words.day_long(&at(12, 0, 0))),
            text: "ذكرت نسخة سابقة أن العبّارة تقلّ 430 شخصًا كل ليلة. والصواب نحو 340.".into(),
        }],
        changes: vec![
            Change {
                when: When::new("2026-03-12T09:40-04:00", words.date_line(&at(12, 9, 40))),
                text: "أُضيف ردّ رئيس الميناء".into(),
                label: None,
            },
            Change {
                when: When::new("2026-03-12T07:30-04:00", words.date_line(&at(12, 7, 30))),
                text: words.say("published", &[]),
                label: None,
            },
        ],
        share: vec![Link::new("واتساب", "https://wa.me/?text=x"), Link::new("تلغرام", "https://t.me/share/url?url=x")],
        text_href: Some("/ar/sea/night-ferries.txt".into()),
        text_label: words.say("text_only", &[("size", &words.size(5000))]),
        related: vec![Card {
            headline: "ماذا قيل للركّاب، ومتى".into(),
            href: "/ar/x".into(),
            when: Some(When::new("2026-03-12", words.day_short(&at(12, 0, 0)))),
            ..Card::default()
        }],
        url: "https://courier.example/ar/sea/night-ferries".into(),
        as_of: words.say("as_of", &[("when", &words.date_long(&at(12, 9, 40), "AST"))]),
        ..Article::default()
    }
}
