//! The page of a letter: a closed set of elements, no background of its own, colours for light and dark.

use super::fill::{Filling, Letter};
use super::markup::{Block, Span, What};

/// Readers that follow the scheme get both; those that turn colours around find nothing white to leave standing.
const STYLE: &str = ":root{color-scheme:light dark;supported-color-schemes:light dark}\
    body{margin:0;padding:24px 16px;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\
    .letter{max-width:34em;margin:0 auto}\
    h1{font-size:22px;line-height:1.3;margin:0 0 16px}p,ul,ol{margin:0 0 16px}li{margin:4px 0}\
    hr{border:0;border-top:1px solid #8886;margin:24px 0}\
    a{color:#1d4ed8}.button a{display:inline-block;padding:11px 20px;border-radius:8px;\
    background:#1d4ed8;color:#fff;font-weight:600;text-decoration:none}\
    .qr img{display:block;border-radius:8px}\
    @media (prefers-color-scheme:dark){a{color:#93b4ff}.button a{background:#3b6cf0;color:#fff}}";

/// What stands before and behind what is written.
pub(super) const BEGIN: &str = "<div class=\"letter\">\n";
pub(super) const END: &str = "</div>\n</body>\n</html>\n";

/// The picture of the QR code.
pub(super) fn picture() -> String {
    format!("<img src=\"cid:{}\" width=\"232\" height=\"232\" alt=\"QR code\">", Letter::QR)
}

pub(super) fn page(blocks: &[Block], filling: &Filling, title: &str, language: &str) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{BEGIN}",
        escaped(language),
        escaped(title)
    );
    for block in blocks {
        block_of(block, filling, &mut html);
    }
    html.push_str(END);
    html
}

fn block_of(block: &Block, filling: &Filling, html: &mut String) {
    match block {
        Block::Heading(spans) => html.push_str(&format!("<h1>{}</h1>\n", inline(spans, filling))),
        Block::Paragraph(spans) => html.push_str(&format!("<p>{}</p>\n", inline(spans, filling))),
        Block::List { numbered, items } => {
            let element = if *numbered { "ol" } else { "ul" };
            html.push_str(&format!("<{element}>\n"));
            for item in items {
                html.push_str(&format!("<li>{}</li>\n", inline(item, filling)));
            }
            html.push_str(&format!("</{element}>\n"));
        }
        Block::Button { label, target } => {
            let label = inline(label, filling);
            match filling.address(target) {
                Some(address) => html.push_str(&format!(
                    "<p class=\"button\"><a href=\"{}\">{label}</a></p>\n",
                    escaped(address)
                )),
                None => html.push_str(&format!("<p>{label}</p>\n")),
            }
        }
        Block::Rule => html.push_str("<hr>\n"),
        Block::Qr => html.push_str(&format!("<p class=\"qr\">{}</p>\n", picture())),
        Block::Message => {}
    }
}

fn inline(spans: &[Span], filling: &Filling) -> String {
    let mut html = String::new();
    for (at, span) in spans.iter().enumerate() {
        let address = span.link.as_ref().and_then(|target| filling.address(target));
        let begins = at == 0 || spans[at - 1].link != span.link;
        let ends = spans.get(at + 1).is_none_or(|next| next.link != span.link);
        if let Some(address) = address.filter(|_| begins) {
            html.push_str(&format!("<a href=\"{}\">", escaped(address)));
        }
        let words = match &span.what {
            What::Break => "<br>\n".to_owned(),
            what => escaped(filling.words(what)),
        };
        let words = if span.emphasis { format!("<em>{words}</em>") } else { words };
        html.push_str(&if span.strong { format!("<strong>{words}</strong>") } else { words });
        if address.is_some() && ends {
            html.push_str("</a>");
        }
    }
    html
}

/// Text for between tags and in double quotes.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\t' => html.push(c),
            c if c.is_control() => html.push(' '),
            c => html.push(c),
        }
    }
    html
}
