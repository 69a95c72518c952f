//! The icons in use, one name each, drawn from the sprite `icons.svg`.
use std::fmt;

use crate::assets;

macro_rules! icons {
    ($($name:ident => $id:literal),+ $(,)?) => {
        /// An icon of the sprite. Always decoration: the word beside it says the same.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names say all there is to say")]
        pub enum Icon { $($name),+ }

        impl Icon {
            /// Every icon, for tests and the gallery.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Name of the symbol in the sprite.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }
        }
    };
}

icons! {
    Dashboard => "dashboard", Devices => "devices", Shield => "shield", Restrict => "restrict",
    Server => "server", Journal => "journal", Building => "building", Buildings => "buildings",
    Admins => "admins", Key => "key", Ise => "ise", Account => "account", Search => "search",
    Close => "close", ChevronDown => "chevron-down", ChevronRight => "chevron-right",
    ChevronLeft => "chevron-left", Selector => "selector", Check => "check", Ok => "ok", Alert => "alert",
    Info => "info", Clock => "clock", Waiting => "waiting", Stop => "stop", Ban => "ban", Wiped => "wiped",
    Retired => "retired", Unknown => "unknown", Refresh => "refresh", Download => "download",
    Filter => "filter", Columns => "columns", SortUp => "sort-up", SortDown => "sort-down", Plus => "plus",
    Dots => "dots", Menu => "menu", Sun => "sun", Moon => "moon", Desktop => "desktop", Phone => "phone",
    Tablet => "tablet", Laptop => "laptop", Android => "android", Apple => "apple", Windows => "windows",
    Mail => "mail", Wifi => "wifi", Lock => "lock", Trash => "trash", Message => "message", Copy => "copy",
    External => "external", SignOut => "sign-out", Undo => "undo", Edit => "edit", User => "user",
    Users => "users", ArrowRight => "arrow-right", ShieldOff => "shield-off", Certificate => "certificate",
    Link => "link", Eye => "eye", Outdated => "outdated",
}

impl fmt::Display for Icon {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            r#"<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>"#,
            assets::url("icons.svg"),
            self.id()
        )
    }
}

impl askama::filters::HtmlSafe for Icon {}

#[cfg(test)]
mod tests {
    use super::Icon;

    #[test]
    fn the_sprite_has_exactly_our_icons() {
        let sprite = include_str!("../../../look/assets/icons.svg");
        for icon in Icon::ALL {
            assert!(
                sprite.contains(&format!("<symbol id=\"{}\"", icon.id())),
                "{icon:?} is not in the sprite"
            );
        }
        assert_eq!(sprite.matches("<symbol ").count(), Icon::ALL.len());
    }
}
