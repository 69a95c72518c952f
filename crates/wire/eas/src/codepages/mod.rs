//! Names of WBXML tokens: which number means which element on which code page (MS-ASWBXML 2.1.2.1).
//!
//! Code refers to elements by the constants of [`token`], people read them through [`name`]. The room knows
//! nothing about documents; a token that no version of the protocol defines simply has no name.

/// Makes the constants and the name table from the one list in `table.rs`.
macro_rules! code_pages {
    ($($page:literal $namespace:literal $module:ident { $($number:literal $constant:ident $name:literal;)* })*) => {
        /// A constant per element, grouped by code page.
        pub mod token {
            $(
                #[doc = concat!("Code page ", $page, ", `", $namespace, "`.")]
                pub mod $module {
                    use crate::wbxml::Tag;
                    $(
                        #[doc = concat!("`", $namespace, ":", $name, "`")]
                        pub const $constant: Tag = Tag::new($page, $number);
                    )*
                }
            )*
        }

        /// Namespace and tokens of every page, in page order.
        pub(super) static TABLE: [(&str, &[(u8, &str)]); super::PAGES] =
            [$(($namespace, &[$(($number, $name)),*])),*];
    };
}

mod table;

use crate::wbxml::Tag;
pub use table::token;

/// Number of code pages, 0 to 25.
pub const PAGES: usize = 26;

/// Names by page and token, spread out at compile time so that a look-up is two index operations.
static NAMES: [[&str; 64]; PAGES] = spread();

#[expect(clippy::large_stack_arrays, reason = "only the compiler runs this")]
const fn spread() -> [[&'static str; 64]; PAGES] {
    let mut names = [[""; 64]; PAGES];
    let mut page = 0;
    while page < PAGES {
        let tokens = table::TABLE[page].1;
        let mut at = 0;
        while at < tokens.len() {
            names[page][tokens[at].0 as usize] = tokens[at].1;
            at += 1;
        }
        page += 1;
    }
    names
}

/// The element's name without its namespace, or `None` if no protocol version defines the token.
///
/// ```
/// use wire_eas::codepages::{name, token::provision};
/// assert_eq!(name(provision::POLICY_KEY), Some("PolicyKey"));
/// ```
pub fn name(tag: Tag) -> Option<&'static str> {
    NAMES.get(usize::from(tag.page))?.get(usize::from(tag.token)).copied().filter(|name| !name.is_empty())
}

/// The namespace of a code page (`"AirSync"`, `"Provision"`…), or `None` beyond page 25.
pub fn namespace(page: u8) -> Option<&'static str> {
    table::TABLE.get(usize::from(page)).map(|(namespace, _)| *namespace)
}

/// Every known element in page and token order.
pub fn all() -> impl Iterator<Item = (Tag, &'static str)> {
    (0u8..).zip(&table::TABLE).flat_map(|(page, (_, tokens))| {
        tokens.iter().map(move |(token, name)| (Tag::new(page, *token), *name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Independent table: merged from six public ones and Microsoft's pages.
    const REFERENCE: &str = include_str!("../../testdata/codepages.tsv");

    #[test]
    fn every_row_of_the_reference_table_has_its_name_and_no_other_token_has_one() {
        let mut rows = 0;
        for line in REFERENCE.lines().skip(1) {
            let column: Vec<_> = line.split('\t').collect();
            let page = column[0].parse().unwrap();
            let token = u8::from_str_radix(column[2].trim_start_matches("0x"), 16).unwrap();
            assert_eq!(namespace(page), Some(column[1]), "{line}");
            assert_eq!(name(Tag::new(page, token)), Some(column[3]), "{line}");
            rows += 1;
        }
        assert_eq!(rows, 654);
        let named = (0..=255)
            .flat_map(|page| (0..=255).map(move |token| Tag::new(page, token)))
            .filter(|tag| name(*tag).is_some())
            .count();
        assert_eq!(named, 654);
        assert_eq!(all().count(), 654);
    }
}
