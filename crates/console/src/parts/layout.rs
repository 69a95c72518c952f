//! The frame around a page: rail, top bar, search overlay, toasts; and the page's own heading.
use askama::Template;

use super::{Button, Chip, Html, Icon, NavGroup, Note, Toast, html::parts};
use crate::assets;

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the operating system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Reads the value of the cookie `theme`; anything unknown means the system's.
    pub fn from_cookie(value: Option<&str>) -> Self {
        match value {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value of the cookie.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(super) const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light | Self::Dark => Some(self.name()),
        }
    }
}

/// One organization to switch to.
#[derive(Debug, Clone, Default)]
pub struct OrganizationChoice {
    /// Value posted when it is chosen.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Mail domain or slug.
    pub detail: String,
    /// Whether it is the present one.
    pub current: bool,
}

/// The organization one is in, and those one may switch to (system administrators only).
#[derive(Debug, Clone, Default)]
pub struct Organization {
    /// Display name; *System* outside any organization.
    pub name: String,
    /// Mail domain or slug.
    pub detail: String,
    /// Where to post the choice (`organization`).
    pub switch_action: String,
    /// The choices; empty for administrators of one organization.
    pub choices: Vec<OrganizationChoice>,
}

/// Who is signed in.
#[derive(Debug, Clone, Default)]
pub struct User {
    /// Display name.
    pub name: String,
    /// Sign-in name.
    pub account: String,
    /// Role, for the menu.
    pub role: String,
}

impl User {
    /// First letters of the first and last word of the name.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace().filter_map(|word| word.chars().next());
        let first = words.next();
        first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
    }
}

/// The frame.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Name of the page in the browser's tab.
    pub title: String,
    /// The rail, from [`super::navigation`].
    pub nav: Vec<NavGroup>,
    /// The organization.
    pub organization: Organization,
    /// The reader.
    pub user: User,
    /// Token for the forms of the frame.
    pub csrf: String,
    /// Light or dark.
    pub theme: Theme,
    /// What has just happened.
    pub toasts: Vec<Toast>,
    /// Says that a system administrator acts inside an organization that is not theirs.
    pub acting: Option<Html>,
    /// What waits for the reader's approval, on every page; nothing is drawn without it.
    pub held: Option<Html>,
}

#[derive(Template)]
#[template(path = "layout_open.html")]
struct Opening<'a> {
    layout: &'a Layout,
}

#[derive(Template)]
#[template(path = "layout_close.html")]
struct Closing<'a> {
    layout: &'a Layout,
}

impl Layout {
    /// Everything up to and including `<main>`. Templates of whole pages begin with it.
    pub fn opening(&self) -> Html {
        Html::trusted(Opening { layout: self }.to_string())
    }

    /// Everything from `</main>` on.
    pub fn closing(&self) -> Html {
        Html::trusted(Closing { layout: self }.to_string())
    }
}

/// A step of the way back.
#[derive(Debug, Clone, Default)]
pub struct Crumb {
    /// Name of the page.
    pub text: String,
    /// Its address.
    pub href: String,
}

/// Heading of a page: where one is, what it decides, what one can do.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/head.html")]
pub struct Head {
    /// The way back, outermost first.
    pub crumbs: Vec<Crumb>,
    /// The title.
    pub title: String,
    /// States of the thing shown.
    pub chips: Vec<Chip>,
    /// One sentence on what this page decides, or how the thing is.
    pub lead: Html,
    /// Actions, the primary one last. Menus fit as well.
    pub actions: Vec<Html>,
}

impl Head {
    /// A heading with one sentence.
    pub fn new(title: impl Into<String>, lead: impl Into<Html>) -> Self {
        Self { title: title.into(), lead: lead.into(), ..Self::default() }
    }

    /// With a step of the way back.
    pub fn under(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb { text: text.into(), href: href.into() });
        self
    }

    /// With a chip.
    pub fn chip(mut self, chip: Chip) -> Self {
        self.chips.push(chip);
        self
    }

    /// With a button.
    pub fn action(mut self, button: Button) -> Self {
        self.actions.push(button.into());
        self
    }
}

/// A whole page put together from parts.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "page.html")]
pub struct Page {
    /// The frame.
    pub layout: Layout,
    /// The heading.
    pub head: Head,
    /// Something to know before reading on.
    pub note: Option<Note>,
    /// The parts, one under the other.
    pub body: Vec<Html>,
}

parts!(Head);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_take_the_first_and_the_last_word() {
        let initials = |name: &str| User { name: name.into(), ..User::default() }.initials();
        assert_eq!(initials("Mara van der Kolk"), "MK");
        assert_eq!(initials("øystein"), "Ø");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn an_unknown_theme_means_the_systems() {
        assert_eq!(Theme::from_cookie(Some("dark")), Theme::Dark);
        assert_eq!(Theme::from_cookie(Some("\"><script>")), Theme::System);
    }
}
