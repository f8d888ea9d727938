//! Share pictures: light, the same every time, and every letter either drawn or not pretended.

use super::*;

fn share(headline: &str) -> SharePicture {
    SharePicture {
        headline: headline.into(),
        label: "International".into(),
        name: "Global Daily Update".into(),
        is_right_to_left: false,
        accent: crate::page::Colours::default().accent,
    }
}

/// Pixels that are neither paper nor band, left and right of the middle, below the label and above the rule.
fn ink(png: &[u8]) -> (usize, usize) {
    let picture = image::load_from_memory(png).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (WIDTH, HEIGHT));
    let dark = |x: u32, y: u32| u16::from(picture.get_pixel(x, y)[0]) < 128;
    let count = |from: u32, to: u32| (from..to).map(|x| (150..480).filter(|y| dark(x, *y)).count()).sum();
    (count(0, WIDTH / 2), count(WIDTH / 2, WIDTH))
}

/// With `MASTHEAD_SHARES_TO=folder` the pictures are written down, to be looked at.
fn keep(name: &str, png: &[u8]) {
    if let Ok(folder) = std::env::var("MASTHEAD_SHARES_TO") {
        std::fs::write(format!("{folder}/{name}.png"), png).unwrap();
    }
}

#[test]
fn a_headline_of_any_length_is_drawn_within_the_margins_and_below_300_kb() {
    let long = "Who will lead, and who will pay for, the mission in Haiti? ".repeat(6);
    let unbroken = "Donaudampfschifffahrtsgesellschaftskapitänswitwe".repeat(5);
    for (name, headline) in [
        ("short", "Ballots"),
        ("usual", "Who will lead and pay for the mission in Haiti?"),
        ("kreyol", "Kiyès k ap dirije misyon an ann Ayiti, e kiyès k ap peye pou li?"),
        ("french", "« L’œuvre » rouvre : à quoi s’attendre après l’été, où que l’on soit"),
        ("long", long.as_str()),
        ("unbroken", unbroken.as_str()),
    ] {
        let png = draw(&share(headline));
        keep(name, &png);
        assert!(png.len() < 150_000, "{name} weighs {}", png.len());
        assert!(ink(&png).0 > 500, "{name} is empty");
        let picture = image::load_from_memory(&png).unwrap().to_rgb8();
        for y in 20..HEIGHT {
            assert!(picture.get_pixel(WIDTH - 40, y)[0] > 200, "{name} runs over the margin at {y}");
        }
    }
    assert_eq!(draw(&share("Ballots")), draw(&share("Ballots")), "the same words, the same bytes");
}

#[test]
fn arabic_stands_on_the_right_joined_and_in_its_own_order() {
    let arabic = |headline: &str| {
        let share = SharePicture { is_right_to_left: true, label: "دولي".into(), ..share(headline) };
        draw(&share)
    };
    let png = arabic("من يقود البعثة في هايتي ومن يدفع ثمنها؟");
    keep("arabic", &png);
    let (left, right) = ink(&arabic("ثمنها"));
    assert!(right > left * 4, "{left} {right}");
    keep("arabic-mixed", &arabic("هايتي: 2500 شرطي من Kenya بحلول 2025"));
    // Joined letters are fewer and narrower than the same letters standing alone.
    let joined = letters::set("ببب", &Setting { size: 100.0, is_right_to_left: true }, 9_000.0);
    let alone = letters::set("ب\u{200c}ب\u{200c}ب", &Setting { size: 100.0, is_right_to_left: true }, 9_000.0);
    assert!(joined[0].width < alone[0].width * 0.9, "{} {}", joined[0].width, alone[0].width);
}

#[test]
fn letters_we_have_not_got_are_not_drawn_as_boxes() {
    assert!(!has_letters_for("海地") && !has_letters_for("Haiti 海地") && has_letters_for("Ayiti, Haïti & Kenya’s №"));
    let cjk = draw(&share("海地使命由谁领导"));
    keep("cjk", &cjk);
    let name_only = draw(&SharePicture { headline: String::new(), ..share("") });
    assert_eq!(cjk, name_only);
    assert!(ink(&cjk).0 > 500, "the name stands there instead");
    let turned = draw(&share("Who\u{202e} will\u{2068} pay?\u{ad}"));
    assert_eq!(turned, draw(&share("Who will pay?")), "signs that nobody sees turn nothing around");
    let nothing = SharePicture { name: "海地".into(), label: String::new(), ..share("海地") };
    assert_eq!(ink(&draw(&nothing)), (0, 0));
}

#[test]
fn a_motto_stands_at_the_foot_only_where_it_fits_on_its_line() {
    assert!(fits_the_foot("") && fits_the_foot("What the world did today, told slowly"));
    assert!(!fits_the_foot(&"What the world did today, told slowly. ".repeat(3)) && !fits_the_foot("每日新闻"));
    let card = |name: &str| draw(&SharePicture { name: name.into(), label: String::new(), ..share("The Morning") });
    keep("card", &card("What the world did today, told slowly"));
    keep("card-bare", &card(""));
    assert!(card("").len() < card("What the world did today, told slowly").len());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
    #[test]
    fn no_headline_makes_it_stumble(headline in "\\PC{0,120}", right in proptest::bool::ANY) {
        let png = draw(&SharePicture { is_right_to_left: right, ..share(&headline) });
        proptest::prop_assert!(png.len() < 150_000);
    }
}
