//! What is asked of a directory.

use crate::ber::{BOOLEAN, ENUMERATED, INTEGER, OCTETS, SEQUENCE, element, nested, number};
use crate::filter::Filter;

/// OID of StartTLS (RFC 4511 section 4.14).
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";
/// OID of paged results (RFC 2696).
pub(crate) const PAGED: &[u8] = b"1.2.840.113556.1.4.319";

/// How far below its base a search looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The base alone.
    Base,
    /// What is directly beneath it.
    OneLevel,
    /// It and everything beneath it.
    Subtree,
}

/// A search (RFC 4511 section 4.5.1). Aliases are never followed: they can lead in circles.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// Where it begins.
    pub base: &'a str,
    /// How far it goes.
    pub scope: Scope,
    /// What is looked for.
    pub filter: &'a Filter,
    /// Attributes to answer; `1.1` for none.
    pub attributes: &'a [&'a str],
    /// Most entries, 0 for no limit of ours.
    pub size_limit: u32,
    /// Most seconds, 0 for no limit of ours.
    pub time_limit: u32,
    /// Entries of a page and the cookie that leads to it; empty for the first one.
    pub page: Option<(u32, &'a [u8])>,
}

/// A request.
#[derive(Debug, Clone)]
pub enum Request<'a> {
    /// Simple bind with name and password. An empty password is an anonymous bind whatever the name (RFC 4513 section
    /// 5.1.2), which proves nothing.
    Bind {
        /// Name of the entry.
        name: &'a str,
        /// Its password.
        password: &'a str,
    },
    /// A search.
    Search(Search<'a>),
    /// From here on TLS.
    StartTls,
    /// Good-bye.
    Unbind,
}

impl Request<'_> {
    /// The message with its number, from 1.
    pub fn encode(&self, id: i32) -> Vec<u8> {
        let mut out = Vec::new();
        nested(&mut out, SEQUENCE, |message| {
            number(message, INTEGER, i64::from(id));
            match self {
                Self::Bind { name, password } => nested(message, 0x60, |bind| {
                    number(bind, INTEGER, 3);
                    element(bind, OCTETS, name.as_bytes());
                    element(bind, 0x80, password.as_bytes());
                }),
                Self::Search(search) => search.encode(message),
                Self::StartTls => nested(message, 0x77, |extended| element(extended, 0x80, START_TLS)),
                Self::Unbind => element(message, 0x42, &[]),
            }
        });
        out
    }
}

impl Search<'_> {
    fn encode(&self, message: &mut Vec<u8>) {
        nested(message, 0x63, |search| {
            element(search, OCTETS, self.base.as_bytes());
            let scope = match self.scope {
                Scope::Base => 0,
                Scope::OneLevel => 1,
                Scope::Subtree => 2,
            };
            number(search, ENUMERATED, scope);
            number(search, ENUMERATED, 0);
            number(search, INTEGER, i64::from(self.size_limit));
            number(search, INTEGER, i64::from(self.time_limit));
            element(search, BOOLEAN, &[0]);
            self.filter.encode(search);
            nested(search, SEQUENCE, |names| {
                for name in self.attributes {
                    element(names, OCTETS, name.as_bytes());
                }
            });
        });
        let Some((size, cookie)) = self.page else { return };
        nested(message, 0xa0, |controls| {
            nested(controls, SEQUENCE, |control| {
                element(control, OCTETS, PAGED);
                element(control, BOOLEAN, &[0xff]);
                nested(control, OCTETS, |value| {
                    nested(value, SEQUENCE, |page| {
                        number(page, INTEGER, i64::from(size));
                        element(page, OCTETS, cookie);
                    });
                });
            });
        });
    }
}
