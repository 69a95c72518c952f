//! Searching, page by page: what was found is handed on entry by entry and never held as a whole.

use std::time::Instant;

use wire_ldap::{Answer, Entry, Filter, Request, ResultCode, Scope, Search};

use super::connection::{Connection, Done};
use super::error::{LdapError, of_result};
use super::{LONGEST, MOST_ENTRIES};

/// What is looked for.
pub(super) struct Query<'a> {
    pub base: &'a str,
    pub scope: Scope,
    pub filter: &'a Filter,
    pub attributes: &'a [&'a str],
    /// Entries of a page; `None`: one request without pages.
    pub page: Option<u32>,
    /// Entries at most; what is beyond is cut off if `cut`, else an error.
    pub most: usize,
    pub cut: bool,
}

impl<'a> Query<'a> {
    /// An entry of this name.
    pub fn entry(base: &'a str, filter: &'a Filter, attributes: &'a [&'a str]) -> Self {
        Self { base, scope: Scope::Base, filter, attributes, page: None, most: 1, cut: false }
    }
    /// Everything beneath a name.
    pub fn beneath(base: &'a str, filter: &'a Filter, attributes: &'a [&'a str], page: u32) -> Self {
        let scope = Scope::Subtree;
        Self { base, scope, filter, attributes, page: Some(page), most: MOST_ENTRIES, cut: false }
    }
}

/// Hands each entry to `each`; answers whether something was cut off.
pub(super) async fn search(
    connection: &mut Connection,
    query: &Query<'_>,
    mut each: impl FnMut(Entry) -> Result<(), LdapError> + Send,
) -> Result<bool, LdapError> {
    let began = Instant::now();
    let (mut cookie, mut count, mut references) = (Vec::new(), 0_usize, 0_usize);
    loop {
        let search = Search {
            base: query.base,
            scope: query.scope,
            filter: query.filter,
            attributes: query.attributes,
            size_limit: 0,
            time_limit: LONGEST.as_secs() as u32,
            page: query.page.map(|size| (size, cookie.as_slice())),
        };
        let id = connection.ask(&Request::Search(search)).await?;
        let done = loop {
            if began.elapsed() > LONGEST {
                connection.broken = true;
                return Err(LdapError::Late);
            }
            match connection.hear(id).await? {
                Answer::Entry(entry) => {
                    count += 1;
                    if count > query.most {
                        // The rest is not read; this connection is of no further use.
                        connection.broken = true;
                        return if query.cut { Ok(true) } else { Err(LdapError::TooMany(query.most)) };
                    }
                    each(entry)?;
                }
                Answer::Reference => {
                    references += 1;
                    if references > MOST_ENTRIES {
                        return Err(LdapError::TooMany(MOST_ENTRIES));
                    }
                }
                Answer::Done { code, matched, words, cookie } => break Done { code, matched, words, cookie },
                Answer::Unasked => return Err(LdapError::Nonsense("it says what nobody asked".into())),
            }
        };
        match done.code {
            ResultCode::SUCCESS => {}
            ResultCode::SIZE_LIMIT if query.cut => return Ok(true),
            ResultCode::SIZE_LIMIT => return Err(LdapError::TooMany(count)),
            code => return Err(of_result(code, query.base, &done.matched, &done.words)),
        }
        match done.cookie.filter(|next| query.page.is_some() && !next.is_empty()) {
            // A server that answers the same empty page for ever.
            Some(next) if next == cookie && count == 0 => {
                return Err(LdapError::Nonsense("its pages never end".into()));
            }
            Some(next) => cookie = next,
            None => return Ok(false),
        }
    }
}
