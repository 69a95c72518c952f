//! The plain text of a letter.

use super::fill::Filling;
use super::markup::{Block, Span};

pub(super) fn text(blocks: &[Block], filling: &Filling) -> String {
    let mut text = String::new();
    for block in blocks {
        let words = match block {
            Block::Heading(spans) => {
                let line = words(spans, filling).replace('\n', " ");
                let under = "=".repeat(line.chars().count().clamp(1, 72));
                format!("{line}\n{under}")
            }
            Block::Paragraph(spans) => words(spans, filling),
            Block::List { numbered, items } => {
                let item = |(at, spans): (usize, &Vec<Span>)| {
                    let mark = if *numbered { format!("{}. ", at + 1) } else { "- ".to_owned() };
                    format!("{mark}{}", words(spans, filling))
                };
                items.iter().enumerate().map(item).collect::<Vec<_>>().join("\n")
            }
            Block::Button { label, target } => {
                let label = words(label, filling);
                filling
                    .address(target)
                    .map_or_else(|| label.clone(), |address| format!("{label}:\n{address}"))
            }
            Block::Rule => "----".to_owned(),
            // A picture says nothing here; the link that it holds stands in the letter.
            Block::Qr => filling.value("enrolment.link").to_owned(),
            Block::Message => continue,
        };
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&words_end(&words));
    }
    text
}

/// One line break at the end, and no line that a mail server could take for its end.
fn words_end(words: &str) -> String {
    format!("{}\n", words.trim_end())
}

fn words(spans: &[Span], filling: &Filling) -> String {
    let mut text = String::new();
    for (at, span) in spans.iter().enumerate() {
        let words = filling.words(&span.what);
        text.push_str(words);
        let ends = spans.get(at + 1).is_none_or(|next| next.link != span.link);
        if let Some(address) = span.link.as_ref().filter(|_| ends).and_then(|target| filling.address(target))
            && address != words
        {
            text.push_str(&format!(" <{address}>"));
        }
    }
    text
}
