//! Prints a document for the web, with the classes of the look. No inline styles, no script.

use std::collections::HashSet;

use newsroom::document::{
    Alignment, AsideKind, Attribution, Block, BlockKind, Document, Embed, Figure, PullQuote, Quote, Span, Table,
    spans_text,
};

use crate::ink::{Inline, Labels, NoteLinks, Pictures, PrintedPicture, escape, mention_id, speaker_line};
use crate::page::Html;

/// What the printer needs beside the document.
pub struct WebPaper<'a> {
    pub labels: &'a Labels,
    pub pictures: &'a Pictures<'a>,
}

/// The body as HTML (WHATWG), to stand inside `<div class="body">`: every tag is closed, every id is used once.
///
/// Headings have ids `h-words`, tables `t1`, notes `n1`, their mentions `r1`, `r1-2`.
/// A picture that `pictures` does not know prints as its description.
pub fn print(document: &Document, paper: &WebPaper<'_>) -> Html {
    let inline = Inline {
        labels: paper.labels,
        pictures: paper.pictures,
        base: None,
        notes: NoteLinks::Linked,
        link_attributes: "",
    };
    let mut printer = Printer { paper, inline, out: String::new(), ids: HashSet::new(), tables: 0, boxes: 0 };
    printer.blocks(&document.blocks);
    printer.notes(document);
    Html::vouched(printer.out)
}

struct Printer<'a> {
    paper: &'a WebPaper<'a>,
    inline: Inline<'a>,
    out: String,
    ids: HashSet<String>,
    tables: u32,
    boxes: u32,
}

impl Printer<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(&block.kind);
        }
    }

    fn spans(&mut self, spans: &[Span]) {
        self.inline.spans(spans, &mut self.out);
    }

    fn element(&mut self, tag: &str, spans: &[Span]) {
        self.out.push_str(&format!("<{tag}>"));
        self.spans(spans);
        let name = tag.split(' ').next().unwrap_or(tag);
        self.out.push_str(&format!("</{name}>"));
    }

    fn block(&mut self, kind: &BlockKind) {
        match kind {
            BlockKind::Paragraph(text) => self.element("p", text),
            BlockKind::Heading { level, text } => {
                let id = self.new_id(&spans_text(text));
                self.element(&format!("h{level} id=\"{id}\""), text);
            }
            BlockKind::List { start, items } => self.list(*start, items),
            BlockKind::Quote(quote) => self.quote(quote),
            BlockKind::PullQuote(pull) => self.pull_quote(pull),
            BlockKind::Figure(figure) => self.figure(figure),
            BlockKind::Gallery { caption, figures } => self.gallery(caption, figures),
            BlockKind::Table(table) => self.table(table),
            BlockKind::Code { language, text } => {
                let class = language.as_ref().map(|l| format!(" class=\"language-{}\"", escape(l))).unwrap_or_default();
                self.out.push_str(&format!("<pre tabindex=\"0\"><code{class}>{}</code></pre>", escape(text)));
            }
            BlockKind::Rule => self.out.push_str("<hr>"),
            BlockKind::Embed(embed) => self.embed(embed),
            BlockKind::Aside { kind, title, blocks } => self.aside(*kind, title, blocks),
        }
        self.out.push('\n');
    }

    /// `h-` and the words, so that no heading takes an id of the page around it.
    fn new_id(&mut self, text: &str) -> String {
        let words: Vec<String> = text
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect();
        let mut id: String = format!("h-{}", words.join("-")).chars().take(60).collect();
        id = id.trim_end_matches('-').to_owned();
        let mut unique = id.clone();
        let mut count = 1;
        while !self.ids.insert(unique.clone()) {
            count += 1;
            unique = format!("{id}-{count}");
        }
        unique
    }

    fn list(&mut self, start: Option<u32>, items: &[Vec<Block>]) {
        match start {
            None => self.out.push_str("<ul>"),
            Some(1) => self.out.push_str("<ol>"),
            Some(n) => self.out.push_str(&format!("<ol start=\"{n}\">")),
        }
        for item in items {
            self.out.push_str("<li>");
            self.item(item);
            self.out.push_str("</li>");
        }
        self.out.push_str(if start.is_some() { "</ol>" } else { "</ul>" });
    }

    /// One paragraph alone needs no element of its own.
    fn item(&mut self, blocks: &[Block]) {
        match blocks {
            [Block { kind: BlockKind::Paragraph(text), .. }] => self.spans(text),
            [Block { kind: BlockKind::Paragraph(text), .. }, Block { kind: list @ BlockKind::List { .. }, .. }] => {
                self.spans(text);
                self.block(list);
            }
            blocks => self.blocks(blocks),
        }
    }

    fn quote(&mut self, quote: &Quote) {
        let class = match quote.attribution {
            Attribution::NotStated => "quote unsaid",
            Attribution::None | Attribution::Speaker { .. } => "quote",
        };
        self.out.push_str(&format!("<figure class=\"{class}\">\n<blockquote>\n"));
        self.blocks(&quote.blocks);
        self.out.push_str("</blockquote>\n");
        let line = escape(&speaker_line(&quote.attribution));
        match &quote.attribution {
            Attribution::None => {}
            Attribution::NotStated => {
                let words = escape(&self.paper.labels.speaker_not_stated);
                self.out.push_str(&format!("<figcaption><b>{words}</b></figcaption>\n"));
            }
            Attribution::Speaker { name, .. } => {
                let gap = if line.is_empty() { "" } else { " " };
                self.out.push_str(&format!("<figcaption><b>{}</b>{gap}{line}</figcaption>\n", escape(name)));
            }
        }
        self.out.push_str("</figure>");
    }

    fn pull_quote(&mut self, pull: &PullQuote) {
        self.out.push_str("<figure class=\"pull\"><blockquote>");
        self.element("p", &pull.text);
        self.out.push_str("</blockquote>");
        if let Some(by) = &pull.by {
            self.out.push_str(&format!("<figcaption><cite>{}</cite></figcaption>", escape(by)));
        }
        self.out.push_str("</figure>");
    }

    fn figure(&mut self, figure: &Figure) {
        self.out.push_str("<figure class=\"pic\">");
        match (self.paper.pictures)(&figure.source) {
            Some(picture) => self.picture(&picture, &figure.alt),
            None => self.out.push_str(&format!("<p class=\"meta\">{}</p>", escape(&figure.alt))),
        }
        if !figure.caption.is_empty() || figure.credit.is_some() {
            self.out.push_str("<figcaption>");
            self.spans(&figure.caption);
            if let Some(credit) = &figure.credit {
                let gap = if figure.caption.is_empty() { "" } else { " " };
                self.out.push_str(&format!("{gap}<span class=\"credit\">{}</span>", escape(credit)));
            }
            self.out.push_str("</figcaption>");
        }
        self.out.push_str("</figure>");
    }

    fn picture(&mut self, picture: &PrintedPicture, alt: &str) {
        // Phones have more pixels than a slow line has bytes: two thirds of the width is sharp enough.
        const SIZES: &str = "sizes=\"(min-width:48rem) 36rem, 62vw\"";
        let tint = picture.tint().map(|class| format!(" class=\"{class}\"")).unwrap_or_default();
        let with_webp = !picture.webp_srcset.is_empty();
        if with_webp {
            let srcset = escape(&picture.webp_srcset);
            self.out.push_str(&format!("<picture><source type=\"image/webp\" srcset=\"{srcset}\" {SIZES}>"));
        }
        self.out.push_str(&format!("<img src=\"{}\"", self.inline.href(&picture.src)));
        if !picture.jpeg_srcset.is_empty() {
            self.out.push_str(&format!(" srcset=\"{}\" {SIZES}", escape(&picture.jpeg_srcset)));
        }
        self.out.push_str(&format!(
            "{tint} width=\"{}\" height=\"{}\" alt=\"{}\" loading=\"lazy\">",
            picture.width,
            picture.height,
            escape(alt)
        ));
        if with_webp {
            self.out.push_str("</picture>");
        }
    }

    fn gallery(&mut self, caption: &[Span], figures: &[Figure]) {
        if !caption.is_empty() {
            self.out.push_str("<figure>");
        }
        self.out.push_str("<ul class=\"gallery\">\n");
        for figure in figures {
            self.out.push_str("<li>");
            self.figure(figure);
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ul>");
        if !caption.is_empty() {
            self.element("figcaption", caption);
            self.out.push_str("</figure>");
        }
    }

    fn table(&mut self, table: &Table) {
        self.tables += 1;
        let id = format!("t{}", self.tables);
        let name = if table.caption.is_empty() {
            format!("aria-label=\"{}\"", escape(&self.paper.labels.table))
        } else {
            format!("aria-labelledby=\"{id}\"")
        };
        self.out.push_str(&format!("<div class=\"tab\" role=\"region\" {name} tabindex=\"0\">\n<table>\n"));
        if !table.caption.is_empty() {
            self.element(&format!("caption id=\"{id}\""), &table.caption);
            self.out.push('\n');
        }
        self.out.push_str("<thead><tr>");
        for (at, cell) in table.head.iter().enumerate() {
            self.element(&format!("th scope=\"col\"{}", aligned(table, at)), cell);
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.out.push_str("<tr>");
            for (at, cell) in row.iter().enumerate() {
                let tag = if at == 0 && row.len() > 1 && !spans_text(cell).trim().is_empty() {
                    "th scope=\"row\""
                } else {
                    "td"
                };
                self.element(&format!("{tag}{}", aligned(table, at)), cell);
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody>\n</table>\n</div>");
    }

    fn embed(&mut self, embed: &Embed) {
        let (url, title) = (self.inline.href(&embed.url), escape(&embed.title));
        let host = self.paper.labels.embed_host(&embed.url);
        let host = host.map(|host| format!(" <span class=\"meta\">{}</span>", escape(&host))).unwrap_or_default();
        self.out.push_str(&format!("<p class=\"embed\"><a href=\"{url}\" rel=\"noreferrer\">{title}</a>{host}</p>"));
    }

    fn aside(&mut self, kind: AsideKind, title: &str, blocks: &[Block]) {
        let class = match kind {
            AsideKind::Explainer => "box",
            AsideKind::HowWeKnow => "know",
        };
        let title = self.paper.labels.aside_title(kind, title);
        if title.is_empty() {
            self.out.push_str(&format!("<aside class=\"{class}\">\n"));
        } else {
            self.boxes += 1;
            let id = format!("b{}", self.boxes);
            let title = escape(title);
            self.out.push_str(&format!(
                "<aside class=\"{class}\" aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}</h2>\n"
            ));
        }
        self.blocks(blocks);
        self.out.push_str("</aside>");
    }

    fn notes(&mut self, document: &Document) {
        if document.notes.is_empty() {
            return;
        }
        self.out.push_str("<ol class=\"foots\">\n");
        for (at, note) in document.notes.iter().enumerate() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            self.out.push_str(&format!("<li id=\"n{}\">", at.saturating_add(1)));
            self.item(&note.blocks);
            let back = escape(&self.paper.labels.back);
            for mention in 1..=note.mentions.min(100) {
                let count = if mention > 1 { format!(" {mention}") } else { String::new() };
                self.out.push_str(&format!(" <a href=\"#{}\">{back}{count}</a>", mention_id(at, mention)));
            }
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ol>\n");
    }
}

fn aligned(table: &Table, column: usize) -> &'static str {
    match table.columns.get(column) {
        Some(Alignment::Center) => " class=\"center\"",
        Some(Alignment::End) => " class=\"end\"",
        Some(Alignment::None | Alignment::Start) | None => "",
    }
}
