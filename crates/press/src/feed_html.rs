//! Prints a document for feed readers: plain HTML without classes, every address whole.

use newsroom::document::{
    Alignment, Attribution, Block, BlockKind, Document, Embed, Figure, PullQuote, Quote, Span, Table,
};

use crate::ink::{Inline, Labels, NoteLinks, Pictures, comma, escape, speaker_line};

/// What the printer needs beside the document.
pub struct FeedPaper<'a> {
    pub labels: &'a Labels,
    pub pictures: &'a Pictures<'a>,
    /// Address of the article: relative addresses are made whole from it.
    pub base: &'a str,
}

/// The body as HTML for RSS `content:encoded`, Atom `content type=html` and JSON Feed `content_html`.
/// No classes, styles, ids or scripts; pictures that are not to be had print as their description.
pub fn print(document: &Document, paper: &FeedPaper<'_>) -> String {
    let inline = Inline {
        labels: paper.labels,
        pictures: paper.pictures,
        base: Some(paper.base),
        notes: NoteLinks::Bare,
        link_attributes: "",
    };
    let mut printer = Printer { paper, inline, out: String::new() };
    printer.blocks(&document.blocks);
    if !document.notes.is_empty() {
        printer.out.push_str("<ol>\n");
        for note in &document.notes {
            printer.out.push_str("<li>");
            printer.item(&note.blocks);
            printer.out.push_str("</li>\n");
        }
        printer.out.push_str("</ol>\n");
    }
    printer.out
}

struct Printer<'a> {
    paper: &'a FeedPaper<'a>,
    inline: Inline<'a>,
    out: String,
}

impl Printer<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(&block.kind);
        }
    }

    fn element(&mut self, tag: &str, spans: &[Span]) {
        self.out.push_str(&format!("<{tag}>"));
        self.inline.spans(spans, &mut self.out);
        let name = tag.split(' ').next().unwrap_or(tag);
        self.out.push_str(&format!("</{name}>"));
    }

    fn block(&mut self, kind: &BlockKind) {
        match kind {
            BlockKind::Paragraph(text) => self.element("p", text),
            BlockKind::Heading { level, text } => self.element(&format!("h{level}"), text),
            BlockKind::List { start, items } => self.list(*start, items),
            BlockKind::Quote(quote) => self.quote(quote),
            BlockKind::PullQuote(PullQuote { text, by }) => {
                self.out.push_str("<blockquote>");
                self.element("p", text);
                if let Some(by) = by {
                    self.out.push_str(&format!("<p>— {}</p>", escape(by)));
                }
                self.out.push_str("</blockquote>");
            }
            BlockKind::Figure(figure) => self.figure(figure),
            BlockKind::Gallery { caption, figures } => {
                for figure in figures {
                    self.figure(figure);
                    self.out.push('\n');
                }
                if !caption.is_empty() {
                    self.element("p", caption);
                }
            }
            BlockKind::Table(table) => self.table(table),
            BlockKind::Code { language: _, text } => {
                self.out.push_str(&format!("<pre><code>{}</code></pre>", escape(text)));
            }
            BlockKind::Rule => self.out.push_str("<hr>"),
            BlockKind::Embed(Embed { url, title }) => {
                let url = self.inline.href(url);
                self.out.push_str(&format!("<p><a href=\"{url}\">{}</a></p>", escape(title)));
            }
            BlockKind::Aside { kind, title, blocks } => {
                let title = self.paper.labels.aside_title(*kind, title);
                self.out.push_str("<aside>\n");
                if !title.is_empty() {
                    self.out.push_str(&format!("<h3>{}</h3>\n", escape(title)));
                }
                self.blocks(blocks);
                self.out.push_str("</aside>");
            }
        }
        self.out.push('\n');
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

    fn item(&mut self, blocks: &[Block]) {
        match blocks {
            [Block { kind: BlockKind::Paragraph(text), .. }] => self.inline.spans(text, &mut self.out),
            blocks => self.blocks(blocks),
        }
    }

    fn quote(&mut self, quote: &Quote) {
        self.out.push_str("<blockquote>\n");
        self.blocks(&quote.blocks);
        match &quote.attribution {
            Attribution::None => {}
            Attribution::NotStated => {
                self.out.push_str(&format!("<p>— {}</p>\n", escape(&self.paper.labels.speaker_not_stated)));
            }
            Attribution::Speaker { name, .. } => {
                let rest = speaker_line(&quote.attribution);
                let comma = if rest.is_empty() { "" } else { comma(name) };
                self.out.push_str(&format!("<p>— <b>{}</b>{comma}{}</p>\n", escape(name), escape(&rest)));
            }
        }
        self.out.push_str("</blockquote>");
    }

    fn figure(&mut self, figure: &Figure) {
        self.out.push_str("<figure>");
        let alt = escape(&figure.alt);
        match (self.paper.pictures)(&figure.source) {
            Some(picture) => {
                let src = self.inline.href(&picture.src);
                let (width, height) = (picture.width, picture.height);
                self.out.push_str(&format!("<img src=\"{src}\" width=\"{width}\" height=\"{height}\" alt=\"{alt}\">"));
            }
            None => self.out.push_str(&format!("<p>{alt}</p>")),
        }
        if !figure.caption.is_empty() || figure.credit.is_some() {
            self.out.push_str("<figcaption>");
            self.inline.spans(&figure.caption, &mut self.out);
            if let Some(credit) = &figure.credit {
                let gap = if figure.caption.is_empty() { "" } else { " " };
                self.out.push_str(&format!("{gap}{}", escape(credit)));
            }
            self.out.push_str("</figcaption>");
        }
        self.out.push_str("</figure>");
    }

    fn table(&mut self, table: &Table) {
        self.out.push_str("<table>\n");
        if !table.caption.is_empty() {
            self.element("caption", &table.caption);
            self.out.push('\n');
        }
        self.out.push_str("<thead><tr>");
        for (at, cell) in table.head.iter().enumerate() {
            self.element(&format!("th{}", aligned(table, at)), cell);
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.out.push_str("<tr>");
            for (at, cell) in row.iter().enumerate() {
                self.element(&format!("td{}", aligned(table, at)), cell);
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody>\n</table>");
    }
}

/// The old attribute: feed readers strip styles, most keep this.
fn aligned(table: &Table, column: usize) -> &'static str {
    match table.columns.get(column) {
        Some(Alignment::Center) => " align=\"center\"",
        Some(Alignment::End) => " align=\"right\"",
        Some(Alignment::None | Alignment::Start) | None => "",
    }
}
