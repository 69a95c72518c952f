//! What takes the place of placeholders, and the letter that comes of it.

use std::collections::BTreeMap;

use super::markup::{Block, Target, What, is_safe_link, parse};
use super::{Template, html, plain};
use crate::mail::Line;

/// Values by placeholder. They are one line each, whatever was put in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filling {
    values: BTreeMap<String, String>,
    /// What an administrator wrote, in the markup.
    message: Option<(String, String)>,
}

/// Who reads a letter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reader<'a> {
    /// Name shown.
    pub name: &'a str,
    /// First name; empty: the name shown is used.
    pub first_name: &'a str,
    /// Last name.
    pub last_name: &'a str,
    /// Address.
    pub email: &'a str,
    /// Sign-in name.
    pub login: &'a str,
}

/// A letter, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its subject.
    pub subject: Line,
    /// Its plain text.
    pub text: String,
    /// The same as a page. It shows the QR code as `cid:` and [`Letter::QR`].
    pub html: String,
    /// What the QR code says, if there is one.
    pub qr: Option<String>,
}

impl Letter {
    /// Content id of the QR code.
    pub const QR: &'static str = "enrolment-qr";

    /// What stands in the page, with `picture` (markup) in the place of the QR code: to be shown inside another page.
    pub fn fragment(&self, picture: &str) -> String {
        let inner = self.html.split_once(html::BEGIN).map_or("", |(_, rest)| rest);
        let inner = inner.rsplit_once(html::END).map_or(inner, |(inner, _)| inner);
        inner.replace(&html::picture(), picture)
    }
}

/// Longest value, characters: a contact.
const VALUE_MAX: usize = 500;

/// What [`Line`] does, for values longer than a subject.
fn one_line(value: &str) -> String {
    let pieces: Vec<char> = value.chars().take(VALUE_MAX).collect();
    let lines = pieces.chunks(100).map(|piece| piece.iter().collect::<String>());
    let plain = |piece: String| {
        // The ends of a piece are not the ends of the value.
        let line = Line::from(format!("|{piece}|"));
        line.as_str().get(1..line.as_str().len() - 1).unwrap_or_default().to_owned()
    };
    lines.map(plain).collect::<String>().trim().to_owned()
}

impl Filling {
    /// Sets a value.
    pub fn set(&mut self, name: impl Into<String>, value: &str) {
        self.values.insert(name.into(), one_line(value));
    }

    /// Sets who reads it.
    pub fn set_reader(&mut self, reader: &Reader<'_>) {
        self.set("user.name", reader.name);
        self.set(
            "user.first_name",
            if reader.first_name.is_empty() { reader.name } else { reader.first_name },
        );
        self.set("user.last_name", reader.last_name);
        self.set("user.email", reader.email);
        self.set("user.login", reader.login);
    }

    /// Sets whose letter it is.
    pub fn set_organization(&mut self, name: &str, contact: &str) {
        self.set("organization.name", name);
        self.set("organization.contact", contact);
    }

    /// Sets where the server is reached: name and address.
    pub fn set_server(&mut self, name: &str, link: &str) {
        self.set("server.name", name);
        self.set("server.link", link);
    }

    /// Sets the enrolment code, the address with it, and when it ends.
    pub fn set_invitation(&mut self, link: &str, code: &str, expires: &str) {
        self.set("enrolment.link", link);
        self.set("enrolment.code", code);
        self.set("enrolment.expires", expires);
    }

    /// Sets what an administrator wrote: subject and text, in the markup, with placeholders of their own.
    pub fn set_message(&mut self, subject: &str, body: &str) {
        self.message = Some((subject.to_owned(), body.to_owned()));
    }

    pub(super) fn value(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// The address that a link leads to; `None` if it must not.
    pub(super) fn address<'a>(&'a self, target: &'a Target) -> Option<&'a str> {
        let address = match target {
            Target::Address(address) => address,
            Target::Value(name) => self.value(name),
        };
        is_safe_link(address).then_some(address)
    }

    /// The letter of a template in a language (its tag stands in the page).
    pub fn letter(&self, template: &Template, language: &str) -> Letter {
        let mut blocks = Vec::new();
        for block in parse(&template.body) {
            match (block, &self.message) {
                // A message cannot hold a message.
                (Block::Message, Some((_, body))) => {
                    blocks.extend(parse(body).into_iter().filter(|block| *block != Block::Message));
                }
                (Block::Message, None) => {}
                (block, _) => blocks.push(block),
            }
        }
        let link = self.value("enrolment.link");
        let qr = (blocks.contains(&Block::Qr) && !link.is_empty()).then(|| link.to_owned());
        if qr.is_none() {
            blocks.retain(|block| *block != Block::Qr);
        }
        let subject = self.subject(&template.subject);
        Letter {
            text: plain::text(&blocks, self),
            html: html::page(&blocks, self, subject.as_str(), language),
            subject,
            qr,
        }
    }

    fn subject(&self, template: &str) -> Line {
        let written = self.message.as_ref().map(|(subject, _)| self.filled(subject)).unwrap_or_default();
        let mut subject = String::new();
        for (at, piece) in template.split("{message}").enumerate() {
            if at > 0 {
                subject.push_str(&written);
            }
            subject.push_str(&self.filled(piece));
        }
        Line::from(subject)
    }

    /// A line with its placeholders filled; marks mean nothing in it.
    fn filled(&self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            let inner = rest[at + 1..].split_once('}').filter(|(name, _)| super::markup::is_name(name));
            if let Some((name, after)) = inner {
                filled.push_str(self.value(name));
                rest = after;
            } else {
                filled.push('{');
                rest = &rest[at + 1..];
            }
        }
        filled.push_str(rest);
        filled
    }

    pub(super) fn words<'a>(&'a self, what: &'a What) -> &'a str {
        match what {
            What::Text(text) => text,
            What::Value(name) => self.value(name),
            What::Break => "\n",
        }
    }
}
