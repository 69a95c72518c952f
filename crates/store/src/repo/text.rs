//! Text from outside on its way into a column. PostgreSQL cannot keep NUL, so it becomes the replacement
//! character on both engines; else a stray byte in a sign-in form would be a server error on one of them.

use crate::Value;

/// Cuts text to at most `bytes` bytes, at a character.
pub(super) fn bounded(text: &str, bytes: usize) -> Value {
    clean(&text[..text.floor_char_boundary(bytes)])
}

/// Text as a key or a look-up, compared in lower case.
pub(super) fn lower(text: &str) -> Value {
    clean(&text.to_lowercase())
}

fn clean(text: &str) -> Value {
    text.replace('\0', "\u{fffd}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_a_character_and_has_no_nul() {
        assert_eq!(bounded("aä", 2), "a".into());
        assert_eq!(bounded("aä", 3), "aä".into());
        assert_eq!(bounded("a\0b", 9), "a\u{fffd}b".into());
        assert_eq!(bounded("", 0), "".into());
    }

    #[test]
    fn keys_are_in_lower_case() {
        assert_eq!(lower("ÄNNE\0"), "änne\u{fffd}".into());
    }
}
