//! The markup: blocks with an empty line between them, and a few marks within a line.
//!
//! `# Heading`, `- item`, `1. item`, `---`, `{enrolment.qr}` and `{message}` on lines of their own, `**strong**`,
//! `*emphasis*`, `[label](https://…)`, a button `[[label]](https://…)`, and `\` before a mark that is meant as such.

use catalog::{MESSAGE_PLACEHOLDER, QR_PLACEHOLDER};

/// A part of a text that stands by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Heading(Vec<Span>),
    Paragraph(Vec<Span>),
    List { numbered: bool, items: Vec<Vec<Span>> },
    Button { label: Vec<Span>, target: Target },
    Rule,
    Qr,
    Message,
}

/// A run of letters that look the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub what: What,
    pub strong: bool,
    pub emphasis: bool,
    pub link: Option<Target>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Text(String),
    /// A placeholder, by its name.
    Value(String),
    Break,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Address(String),
    Value(String),
}

/// Whether a letter may lead there: `https`, `http`, `mailto` or `tel`, without anything that ends an attribute.
pub fn is_safe_link(address: &str) -> bool {
    let schemes = ["https://", "http://", "mailto:", "tel:"];
    let lower = address.to_ascii_lowercase();
    address.len() <= 2_000
        && schemes.iter().any(|scheme| lower.len() > scheme.len() && lower.starts_with(scheme))
        && address.chars().all(|c| !c.is_control() && !c.is_whitespace() && !"\"'<>`\\{}".contains(c))
}

pub(super) fn parse(text: &str) -> Vec<Block> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut blocks = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        if line.trim().is_empty() {
            blocks_of(&std::mem::take(&mut lines), &mut blocks);
        } else {
            lines.push(line.trim());
        }
    }
    blocks
}

/// The blocks of lines without an empty one between them.
fn blocks_of(lines: &[&str], blocks: &mut Vec<Block>) {
    let mut paragraph: Vec<&str> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let block = single(line);
        let item = item(line);
        if block.is_some() || item.is_some() {
            flush(&mut paragraph, blocks);
        }
        if let Some(block) = block {
            blocks.push(block);
        } else if let Some((numbered, text)) = item {
            match blocks.last_mut() {
                Some(Block::List { numbered: same, items }) if *same == numbered && at > 0 => {
                    items.push(spans(text));
                }
                _ => blocks.push(Block::List { numbered, items: vec![spans(text)] }),
            }
        } else {
            paragraph.push(line);
        }
    }
    flush(&mut paragraph, blocks);
}

fn flush(paragraph: &mut Vec<&str>, blocks: &mut Vec<Block>) {
    if !paragraph.is_empty() {
        blocks.push(Block::Paragraph(spans(&paragraph.join("\n"))));
        paragraph.clear();
    }
}

/// A block that is one line.
fn single(line: &str) -> Option<Block> {
    if line.len() >= 3 && line.bytes().all(|b| b == b'-') {
        return Some(Block::Rule);
    }
    if let Some(name) = line.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        match name {
            QR_PLACEHOLDER => return Some(Block::Qr),
            MESSAGE_PLACEHOLDER => return Some(Block::Message),
            _ => {}
        }
    }
    if let Some(text) = line.strip_prefix("# ").or_else(|| line.strip_prefix("## ")) {
        return Some(Block::Heading(spans(text.trim())));
    }
    let (label, target) = line.strip_prefix("[[")?.strip_suffix(')')?.split_once("]](")?;
    Some(Block::Button { label: spans(label), target: self::target(target)? })
}

/// An item of a list: whether it is numbered, and its text.
fn item(line: &str) -> Option<(bool, &str)> {
    if let Some(text) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((false, text.trim()));
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let text = line[digits..].strip_prefix(". ").filter(|_| (1..=3).contains(&digits))?;
    Some((true, text.trim()))
}

fn target(text: &str) -> Option<Target> {
    let text = text.trim();
    if let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return Some(Target::Value(name.to_owned()));
    }
    is_safe_link(text).then(|| Target::Address(text.to_owned()))
}

/// Reads the marks within lines.
fn spans(text: &str) -> Vec<Span> {
    let mut reader = Reader { spans: Vec::new(), text: String::new(), strong: false, emphasis: false };
    reader.read(text, None);
    reader.flush(None);
    reader.spans
}

struct Reader {
    spans: Vec<Span>,
    text: String,
    strong: bool,
    emphasis: bool,
}

impl Reader {
    fn push(&mut self, what: What, link: Option<&Target>) {
        let (strong, emphasis) = (self.strong, self.emphasis);
        self.spans.push(Span { what, strong, emphasis, link: link.cloned() });
    }

    fn flush(&mut self, link: Option<&Target>) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.push(What::Text(text), link);
        }
    }

    fn read(&mut self, text: &str, link: Option<&Target>) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let after = &rest[c.len_utf8()..];
            match c {
                '\\' if after.starts_with(|c: char| c.is_ascii_punctuation()) => {
                    self.text.push_str(&after[..1]);
                    rest = &after[1..];
                    continue;
                }
                '\n' => {
                    self.flush(link);
                    self.push(What::Break, link);
                }
                '{' => {
                    if let Some((name, after)) = after.split_once('}').filter(|(name, _)| is_name(name)) {
                        self.flush(link);
                        self.push(What::Value(name.to_owned()), link);
                        rest = after;
                        continue;
                    }
                    self.text.push(c);
                }
                '*' if after.starts_with('*') && (self.strong || after[1..].contains("**")) => {
                    self.flush(link);
                    self.strong = !self.strong;
                    rest = &after[1..];
                    continue;
                }
                '*' if self.emphasis || opens(after) => {
                    self.flush(link);
                    self.emphasis = !self.emphasis;
                }
                '[' if link.is_none() => {
                    if let Some((label, target, after)) = link_of(after) {
                        self.flush(link);
                        self.read(label, Some(&target));
                        self.flush(Some(&target));
                        rest = after;
                        continue;
                    }
                    self.text.push(c);
                }
                _ => self.text.push(c),
            }
            rest = after;
        }
        self.flush(link);
    }
}

/// A star opens when a letter follows and another star closes.
fn opens(after: &str) -> bool {
    after.starts_with(|c: char| !c.is_whitespace() && c != '*') && after.contains('*')
}

/// Names are of these letters; anything else in braces is left as it is and refused by the check of templates.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().count() <= 100 && !name.contains(['{', '\n'])
}

/// Label, target, and what follows; `None` if it is no link.
fn link_of(after: &str) -> Option<(&str, Target, &str)> {
    let (label, rest) = after.split_once("](")?;
    let (address, rest) = rest.split_once(')')?;
    if label.contains('\n') {
        return None;
    }
    Some((label, target(address)?, rest))
}
