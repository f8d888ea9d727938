//! The front page, and the card by which an article is shown on any list.

use serde::Serialize;

use super::{Dir, Html, Link, Meta, Picture, When};

/// Cards beside the lead, at most.
pub const SIDE_MAX: usize = 3;
/// Cards in the grid under the lead, at most.
pub const GRID_MAX: usize = 8;
/// With so few articles the lead is printed on instead of leaving a hole.
const FEW: usize = 4;
/// A headline longer than this is set one step smaller (characters).
const LONG: usize = 110;

/// An article on a list.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Card {
    pub headline: String,
    pub href: String,
    /// The section, without a link; None inside that section.
    pub kicker: Option<String>,
    pub standfirst: Option<String>,
    /// "Keziah Baraka, Nairobi".
    pub byline: Option<String>,
    pub when: Option<When>,
    /// "4 min read".
    pub reading: Option<String>,
    pub picture: Option<Picture>,
    /// Set where the article is in another language than the page.
    pub language: Option<String>,
    pub dir: Option<Dir>,
}

impl Card {
    /// Whether the headline needs the smaller size.
    pub fn is_long(&self) -> bool {
        is_long(&self.headline)
    }
}

/// Whether a headline needs the smaller size (more than 110 characters).
pub(crate) fn is_long(headline: &str) -> bool {
    headline.chars().count() > LONG
}

/// The first article of a front page or section.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Lead {
    pub card: Card,
    /// More about the same matter.
    pub also: Vec<Link>,
    /// Printed paragraphs of the beginning (only `<p>`), shown when there are few articles.
    pub opening_html: Option<Html>,
}

/// A section on the front page.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Block {
    pub name: String,
    pub href: String,
    pub card: Card,
    pub also: Vec<Link>,
}

/// The front page. `Front::arrange` deals the articles onto it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Front {
    pub meta: Meta,
    pub lead: Option<Lead>,
    pub side: Vec<Card>,
    pub grid: Vec<Card>,
    pub blocks: Vec<Block>,
    /// Few articles: the lead is printed on over two columns, and there is no picture.
    pub bare: bool,
}

impl Front {
    /// Deals articles, most important first: one lead, three beside it, eight below, the rest to the blocks.
    /// Four articles or fewer make a bare page whose lead is printed on.
    pub fn arrange(meta: Meta, lead: Option<Lead>, rest: Vec<Card>, blocks: Vec<Block>) -> Front {
        let bare = rest.len() < FEW && blocks.is_empty();
        let mut rest = rest.into_iter();
        let side: Vec<Card> = rest.by_ref().take(SIDE_MAX).collect();
        let side = if bare { plain(side) } else { beside(lead.as_ref(), side) };
        let grid = rest.take(GRID_MAX).collect();
        Front { meta, lead, side, grid, blocks, bare }
    }
}

/// The cards beside a lead: only the first speaks at length, and none shows a picture unless it stands alone beside
/// one. The column must outgrow the lead neither in height nor in voice.
pub fn beside(lead: Option<&Lead>, mut side: Vec<Card>) -> Vec<Card> {
    side.iter_mut().skip(1).for_each(|card| card.standfirst = None);
    let is_alone = side.len() == 1 && lead.is_some_and(|lead| lead.card.picture.is_some());
    if is_alone { side } else { plain(side) }
}

fn plain(mut side: Vec<Card>) -> Vec<Card> {
    side.iter_mut().for_each(|card| card.picture = None);
    side
}
