//! Templates of an organization's own, by kind and language.

use std::collections::BTreeMap;

use catalog::{CUSTOM_PLACEHOLDER, LETTER_PLACEHOLDERS, LetterKind, MESSAGE_PLACEHOLDER, letter_placeholder};
use serde::{Deserialize, Serialize};

use super::markup::{Block, Span, Target, What, parse};

/// Longest subject, characters.
pub const SUBJECT_MAX: usize = 150;
/// Longest text, characters.
pub const BODY_MAX: usize = 10_000;

/// Subject and text of a letter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The subject: one line, with placeholders.
    pub subject: String,
    /// The text, in the markup.
    pub body: String,
}

/// An organization's own templates; what is missing is the usual letter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Templates(pub BTreeMap<LetterKind, BTreeMap<String, Template>>);

impl Templates {
    /// The organization's own one.
    pub fn own(&self, kind: LetterKind, language: &str) -> Option<&Template> {
        self.0.get(&kind)?.get(language)
    }

    /// The one for a reader, with the language it is in: the reader's language, else the organization's, else English;
    /// in each the organization's own before the usual one.
    pub fn choose(&self, kind: LetterKind, reader: &str, organization: &str) -> (String, Template) {
        for language in [reader, organization, "en"] {
            if let Some(found) = self.in_language(kind, language) {
                return (language.to_owned(), found);
            }
        }
        ("en".to_owned(), Template::default())
    }

    /// The one in a language: the organization's own, else the usual one.
    pub fn in_language(&self, kind: LetterKind, language: &str) -> Option<Template> {
        self.own(kind, language).cloned().or_else(|| {
            let (subject, body) = kind.usual(language)?;
            Some(Template { subject: subject.to_owned(), body: body.to_owned() })
        })
    }

    /// Sets or (with `None`) takes away the organization's own one.
    pub fn set(&mut self, kind: LetterKind, language: &str, template: Option<Template>) {
        match template {
            Some(template) => drop(self.0.entry(kind).or_default().insert(language.to_owned(), template)),
            None => {
                if let Some(languages) = self.0.get_mut(&kind) {
                    languages.remove(language);
                }
            }
        }
        self.0.retain(|_, languages| !languages.is_empty());
    }
}

/// What is wrong with a template, as field (`subject`, `body`) and words. `columns` are the organization's own columns
/// for users; `message` is a text that an administrator writes, which stands inside a letter.
pub fn check(
    template: &Template,
    kind: LetterKind,
    message: bool,
    columns: &[&str],
) -> Vec<(&'static str, String)> {
    let mut wrong = Vec::new();
    let info = kind.info();
    for (field, text, most) in
        [("subject", &template.subject, SUBJECT_MAX), ("body", &template.body, BODY_MAX)]
    {
        if text.trim().is_empty() {
            wrong.push((field, "Write something.".to_owned()));
        } else if text.chars().count() > most {
            wrong.push((field, format!("Use at most {most} characters.")));
        }
    }
    if template.subject.chars().any(char::is_control) {
        wrong.push(("subject", "The subject is one line.".to_owned()));
    }
    let around = info.around && !message;
    for (field, name) in names(&template.subject).into_iter().map(|name| ("subject", name)) {
        wrong.extend(name_wrong(&name, info.invites, around, columns).map(|why| (field, why)));
        if letter_placeholder(&name).is_some_and(|p| p.is_block && p.name != MESSAGE_PLACEHOLDER) {
            wrong.push(("subject", format!("{{{name}}} is a picture and cannot stand in a subject.")));
        }
    }
    for name in names(&template.body) {
        wrong.extend(name_wrong(&name, info.invites, around, columns).map(|why| ("body", why)));
    }
    let blocks = parse(&template.body);
    if around && !blocks.contains(&Block::Message) {
        wrong.push(("body", "Put {message} on a line of its own: there stands what is written.".to_owned()));
    }
    wrong.extend(blocks.iter().filter_map(misplaced).map(|why| ("body", why)));
    if let Some(bad) = broken_link(&template.body) {
        wrong.push((
            "body",
            format!("{bad} is no link: it must begin with https://, http://, mailto: or tel:."),
        ));
    }
    wrong
}

/// Everything in braces, however it is meant.
fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let escaped = rest[..at].ends_with('\\');
        rest = &rest[at + 1..];
        if !escaped {
            let name = rest.split(['}', '\n', '{']).next().unwrap_or_default();
            names.push(if rest[name.len()..].starts_with('}') {
                name.to_owned()
            } else {
                format!("{name}…")
            });
        }
    }
    names
}

fn name_wrong(name: &str, invites: bool, around: bool, columns: &[&str]) -> Option<String> {
    let shown: String = name.chars().take(40).collect();
    if let Some(column) = name.strip_prefix(CUSTOM_PLACEHOLDER) {
        let known = columns.contains(&column);
        return (!known)
            .then(|| format!("{{{shown}}} is not known: there is no column “{column}” for users."));
    }
    let Some(placeholder) = letter_placeholder(name) else {
        let known: Vec<_> = LETTER_PLACEHOLDERS
            .iter()
            .filter(|p| (invites || !p.invites) && (around || p.name != MESSAGE_PLACEHOLDER))
            .map(|p| format!("{{{}}}", p.name))
            .collect();
        return Some(format!("{{{shown}}} is not known. Use {}, or \\{{ for a brace.", known.join(", ")));
    };
    if placeholder.invites && !invites {
        return Some(format!("{{{shown}}} has no value here: this letter carries no enrolment code."));
    }
    if placeholder.name == MESSAGE_PLACEHOLDER && !around {
        return Some(format!("{{{shown}}} has no value here."));
    }
    None
}

/// A picture or a message in the midst of words, or a link to something that is none.
fn misplaced(block: &Block) -> Option<String> {
    let in_words = |spans: &[Span]| {
        spans.iter().find_map(|span| {
            let value = match &span.what {
                What::Value(name) => letter_placeholder(name).filter(|p| p.is_block),
                _ => None,
            };
            value
                .map(|p| format!("Put {{{}}} on a line of its own.", p.name))
                .or_else(|| span.link.as_ref().and_then(target_wrong))
        })
    };
    match block {
        Block::Heading(spans) | Block::Paragraph(spans) => in_words(spans),
        Block::List { items, .. } => items.iter().find_map(|item| in_words(item)),
        Block::Button { label, target } => in_words(label).or_else(|| target_wrong(target)),
        Block::Rule | Block::Qr | Block::Message => None,
    }
}

fn target_wrong(target: &Target) -> Option<String> {
    match target {
        Target::Value(name) if letter_placeholder(name).is_none_or(|p| !p.is_link) => {
            Some(format!("{{{name}}} is no address that a link can lead to."))
        }
        _ => None,
    }
}

/// Something that looks like a link and is none.
fn broken_link(body: &str) -> Option<String> {
    let mut rest = body;
    while let Some(at) = rest.find("](") {
        let after = &rest[at + 2..];
        let address = after.split([')', '\n']).next().unwrap_or_default().trim();
        let is_value = address.starts_with('{') && address.ends_with('}');
        if !is_value && !super::is_safe_link(address) {
            return Some(address.chars().take(60).collect());
        }
        rest = after;
    }
    None
}
