//! Prints a document for mail programs: every style inline, tables for layout only where a table is meant.
//! Sizes and colours are a phone's, from the look of the letter; classes let a style block darken or enlarge them.

use newsroom::document::{
    Alignment, Attribution, Block, BlockKind, Document, Embed, Figure, PullQuote, Quote, Span, Table,
};

use crate::ink::{Inline, Labels, NoteLinks, Pictures, direction, escape, speaker_line};

/// What the printer needs beside the document.
pub struct MailPaper<'a> {
    pub labels: &'a Labels,
    pub pictures: &'a Pictures<'a>,
    /// Address of the article on the web: relative addresses are made whole from it.
    pub base: &'a str,
    /// BCP 47: decides direction, type and sizes.
    pub language: &'a str,
}

const INK: &str = "#14181a";
const SOFT: &str = "#545c60";
const RULE: &str = "#d3d8d7";
const TINT: &str = "#f2f4f2";
const ACCENT: &str = "#0a5866";

/// Fonts, sizes and sides for one direction.
struct Type {
    text: &'static str,
    label: &'static str,
    headings: [&'static str; 3],
    pull: &'static str,
    start: &'static str,
    end: &'static str,
    dir: &'static str,
}

const LTR: Type = Type {
    text: "17px/26px Georgia,serif",
    label: "14px/20px 'Segoe UI',Roboto,Helvetica,Arial,sans-serif",
    headings: ["21px/27px Georgia,serif", "19px/25px Georgia,serif", "17px/26px Georgia,serif"],
    pull: "bold 21px/27px Georgia,serif",
    start: "left",
    end: "right",
    dir: "ltr",
};

const RTL: Type = Type {
    text: "18px/32px 'Geeza Pro','Noto Naskh Arabic','Times New Roman',serif",
    label: "15px/24px 'Segoe UI',Tahoma,'Noto Sans Arabic',Arial,sans-serif",
    headings: [
        "22px/34px 'Geeza Pro','Noto Naskh Arabic','Times New Roman',serif",
        "20px/32px 'Geeza Pro','Noto Naskh Arabic','Times New Roman',serif",
        "18px/32px 'Geeza Pro','Noto Naskh Arabic','Times New Roman',serif",
    ],
    pull: "bold 22px/34px 'Geeza Pro','Noto Naskh Arabic','Times New Roman',serif",
    start: "right",
    end: "left",
    dir: "rtl",
};

/// The body as one `<div>` that carries language, direction and type, for a cell of the letter's table.
///
/// No style block, no script, no height on pictures, no border at a side. Addresses are whole; notes are numbers with
/// a list at the end.
pub fn print(document: &Document, paper: &MailPaper<'_>) -> String {
    let kind = if direction(paper.language) == "rtl" { &RTL } else { &LTR };
    let inline = Inline {
        labels: paper.labels,
        pictures: paper.pictures,
        base: Some(paper.base),
        notes: NoteLinks::Bare,
        link_attributes: " class=\"a\" style=\"color:#0a5866\"",
    };
    let mut printer = Printer { paper, kind, inline, out: String::new() };
    let Type { text, start, dir, .. } = kind;
    printer.out.push_str(&format!(
        "<div class=\"k\" lang=\"{}\" dir=\"{dir}\" style=\"font:{text};color:{INK};text-align:{start}\">\n",
        escape(paper.language)
    ));
    printer.blocks(&document.blocks);
    printer.notes(document);
    printer.out.push_str("</div>\n");
    printer.out
}

struct Printer<'a> {
    paper: &'a MailPaper<'a>,
    kind: &'static Type,
    inline: Inline<'a>,
    out: String,
}

impl Printer<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            self.block(&block.kind);
        }
    }

    fn element(&mut self, tag: &str, style: &str, spans: &[Span]) {
        self.out.push_str(&format!("<{tag} style=\"{style}\">"));
        self.inline.spans(spans, &mut self.out);
        let name = tag.split(' ').next().unwrap_or(tag);
        self.out.push_str(&format!("</{name}>"));
    }

    fn label(&mut self, html: &str, margin: &str) {
        let label = self.kind.label;
        self.out.push_str(&format!("<p class=\"m\" style=\"margin:{margin};font:{label};color:{SOFT}\">{html}</p>"));
    }

    fn block(&mut self, kind: &BlockKind) {
        match kind {
            BlockKind::Paragraph(text) => self.element("p", "margin:0 0 16px", text),
            BlockKind::Heading { level, text } => {
                let font = self.kind.headings[usize::from(level.clamp(&2, &4) - 2)];
                self.element(
                    &format!("h{level} class=\"k\""),
                    &format!("margin:28px 0 8px;font:bold {font};color:{INK}"),
                    text,
                );
            }
            BlockKind::List { start, items } => self.list(*start, items),
            BlockKind::Quote(quote) => self.quote(quote),
            BlockKind::PullQuote(pull) => self.pull_quote(pull),
            BlockKind::Figure(figure) => self.figure(figure),
            BlockKind::Gallery { caption, figures } => {
                for figure in figures {
                    self.figure(figure);
                    self.out.push('\n');
                }
                if !caption.is_empty() {
                    let font = self.kind.label;
                    self.element("p class=\"m\"", &format!("margin:0 0 20px;font:{font};color:{SOFT}"), caption);
                }
            }
            BlockKind::Table(table) => self.table(table),
            BlockKind::Code { language: _, text } => self.out.push_str(&format!(
                "<pre dir=\"ltr\" style=\"margin:0 0 16px;font:14px/20px Consolas,Menlo,monospace;white-space:pre-wrap;\
                 text-align:left\">{}</pre>",
                escape(text)
            )),
            BlockKind::Rule => self
                .out
                .push_str(&format!("<hr class=\"r\" style=\"margin:24px 0;border:0;border-top:1px solid {RULE}\">")),
            BlockKind::Embed(Embed { url, title }) => {
                let (url, title) = (self.inline.href(url), escape(title));
                self.out.push_str(&format!(
                    "<p style=\"margin:0 0 16px\"><a class=\"a\" href=\"{url}\" style=\"color:{ACCENT}\">{title}</a></p>"
                ));
            }
            BlockKind::Aside { kind, title, blocks } => self.aside(self.paper.labels.aside_title(*kind, title), blocks),
        }
        self.out.push('\n');
    }

    fn list(&mut self, start: Option<u32>, items: &[Vec<Block>]) {
        let padding = if self.kind.dir == "rtl" { "0 24px 0 0" } else { "0 0 0 24px" };
        let style = format!("style=\"margin:0 0 16px;padding:{padding}\"");
        match start {
            None => self.out.push_str(&format!("<ul {style}>")),
            Some(1) => self.out.push_str(&format!("<ol {style}>")),
            Some(n) => self.out.push_str(&format!("<ol start=\"{n}\" {style}>")),
        }
        for item in items {
            self.out.push_str("<li style=\"margin:0 0 4px\">");
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

    /// The line above tells how sure it is: solid with a speaker, dashed where none is stated.
    fn quote(&mut self, quote: &Quote) {
        let line = match quote.attribution {
            Attribution::NotStated => "dashed",
            Attribution::None | Attribution::Speaker { .. } => "solid",
        };
        self.out.push_str(&format!(
            "<blockquote class=\"s\" style=\"margin:8px 0 24px;padding:10px 0 0;border-top:3px {line} {INK}\">\n"
        ));
        self.blocks(&quote.blocks);
        match &quote.attribution {
            Attribution::None => {}
            Attribution::NotStated => {
                let words = escape(&self.paper.labels.speaker_not_stated);
                self.label(&format!("<b class=\"k\" style=\"color:{INK}\">{words}</b>"), "0");
            }
            Attribution::Speaker { name, .. } => {
                let rest = escape(&speaker_line(&quote.attribution));
                let gap = if rest.is_empty() { "" } else { "<br>" };
                let name = escape(name);
                self.label(&format!("<b class=\"k\" style=\"color:{INK}\">{name}</b>{gap}{rest}"), "0");
            }
        }
        self.out.push_str("</blockquote>");
    }

    fn pull_quote(&mut self, pull: &PullQuote) {
        let font = self.kind.pull;
        self.out.push_str(&format!(
            "<div class=\"s\" style=\"margin:8px 0 24px;padding:12px 0;border-top:1px solid {INK};\
             border-bottom:1px solid {INK}\">"
        ));
        self.element("p", &format!("margin:0;font:{font}"), &pull.text);
        if let Some(by) = &pull.by {
            self.label(&escape(by), "8px 0 0");
        }
        self.out.push_str("</div>");
    }

    fn figure(&mut self, figure: &Figure) {
        self.out.push_str("<div style=\"margin:0 0 24px\">");
        let alt = escape(&figure.alt);
        match (self.paper.pictures)(&figure.source) {
            Some(picture) => {
                let src = self.inline.href(&picture.src);
                let italic = if self.kind.dir == "rtl" { "" } else { "italic " };
                let text = self.kind.text;
                let width = picture.width.clamp(1, 560);
                self.out.push_str(&format!(
                    "<img class=\"t m\" src=\"{src}\" width=\"{width}\" alt=\"{alt}\" style=\"display:block;width:100%;\
                     max-width:{width}px;border:0;background-color:{TINT};font:{italic}{text};color:{SOFT}\">"
                ));
            }
            None => self.label(&alt, "0"),
        }
        if !figure.caption.is_empty() || figure.credit.is_some() {
            let mut line = String::new();
            self.inline.spans(&figure.caption, &mut line);
            if let Some(credit) = &figure.credit {
                let gap = if line.is_empty() { "" } else { " " };
                line.push_str(&format!("{gap}{}", escape(credit)));
            }
            self.label(&line, "8px 0 0");
        }
        self.out.push_str("</div>");
    }

    fn table(&mut self, table: &Table) {
        let Type { label, start, .. } = self.kind;
        if !table.caption.is_empty() {
            let font = self.kind.headings[2];
            self.element("p class=\"k\"", &format!("margin:0 0 4px;font:bold {font};color:{INK}"), &table.caption);
            self.out.push('\n');
        }
        self.out.push_str(&format!(
            "<table width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" dir=\"{}\" class=\"k\" \
             style=\"margin:0 0 24px;border-collapse:collapse;font:{label};color:{INK};text-align:{start}\">\n",
            self.kind.dir
        ));
        self.row(table, &table.head, "th class=\"s\" scope=\"col\"", INK);
        for row in &table.rows {
            self.row(table, row, "td class=\"r\"", RULE);
        }
        self.out.push_str("</table>");
    }

    fn row(&mut self, table: &Table, cells: &[Vec<Span>], tag: &str, line: &str) {
        self.out.push_str("<tr>");
        for (at, cell) in cells.iter().enumerate() {
            let side = match table.columns.get(at) {
                Some(Alignment::Center) => "center",
                Some(Alignment::End) => self.kind.end,
                Some(Alignment::None | Alignment::Start) | None => self.kind.start,
            };
            let padding = if self.kind.dir == "rtl" { "6px 0 6px 8px" } else { "6px 8px 6px 0" };
            let style = format!("padding:{padding};border-top:1px solid {line};vertical-align:top;text-align:{side}");
            self.element(&format!("{tag} align=\"{side}\""), &style, cell);
        }
        self.out.push_str("</tr>\n");
    }

    fn aside(&mut self, title: &str, blocks: &[Block]) {
        self.out.push_str(&format!(
            "<div class=\"s\" style=\"margin:8px 0 24px;padding:10px 0 0;border-top:3px solid {INK};\
             border-bottom:1px solid {INK}\">\n"
        ));
        if !title.is_empty() {
            let (font, title) = (self.kind.headings[1], escape(title));
            self.out.push_str(&format!(
                "<h2 class=\"k\" style=\"margin:0 0 8px;font:bold {font};color:{INK}\">{title}</h2>\n"
            ));
        }
        self.blocks(blocks);
        self.out.push_str("</div>");
    }

    fn notes(&mut self, document: &Document) {
        if document.notes.is_empty() {
            return;
        }
        self.out.push_str(&format!(
            "<div class=\"r\" style=\"margin:24px 0 0;padding:12px 0 0;border-top:1px solid {RULE}\">\n"
        ));
        let items: Vec<&[Block]> = document.notes.iter().map(|note| note.blocks.as_slice()).collect();
        for (at, blocks) in items.into_iter().enumerate() {
            self.out.push_str(&format!("<div style=\"margin:0 0 8px\"><b>{}.</b> ", at + 1));
            self.item(blocks);
            self.out.push_str("</div>\n");
        }
        self.out.push_str("</div>\n");
    }
}
