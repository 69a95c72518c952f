//! The status chip: always a word, an icon and a colour, and a way to learn why.
use std::fmt;

use askama::Template;

use super::{Html, Icon, Time, html::parts};

/// What a colour means, everywhere in the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As it should be.
    Ok,
    /// Needs attention, or will soon.
    Warn,
    /// Stopped, refused, dangerous.
    Bad,
    /// Neither good nor bad: waiting, unknown, in the past.
    #[default]
    Idle,
    /// Information, and the first colour of a chart.
    Info,
    /// For charts only.
    Plum,
    /// For charts only.
    Teal,
}

impl Tone {
    /// Name of the style class.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Idle => "idle",
            Self::Info => "info",
            Self::Plum => "plum",
            Self::Teal => "teal",
        }
    }

    /// The icon that goes with it where there is no better one.
    pub const fn icon(self) -> Icon {
        match self {
            Self::Ok => Icon::Ok,
            Self::Warn => Icon::Alert,
            Self::Bad => Icon::Stop,
            Self::Info | Self::Idle | Self::Plum | Self::Teal => Icon::Info,
        }
    }
}

impl fmt::Display for Tone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.class())
    }
}

/// The eight words for the state of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words explain themselves")]
pub enum Status {
    Compliant,
    Restricted,
    OutOfDate,
    Waiting,
    Blocked,
    Wiped,
    Retired,
    Unknown,
}

impl Status {
    /// All of them, in the order of charts and filters.
    pub const ALL: [Self; 8] = [
        Self::Compliant,
        Self::Restricted,
        Self::OutOfDate,
        Self::Waiting,
        Self::Blocked,
        Self::Wiped,
        Self::Retired,
        Self::Unknown,
    ];

    /// The word shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Compliant => "Compliant",
            Self::Restricted => "Restricted",
            Self::OutOfDate => "Out of date",
            Self::Waiting => "Waiting",
            Self::Blocked => "Blocked",
            Self::Wiped => "Wiped",
            Self::Retired => "Retired",
            Self::Unknown => "Unknown",
        }
    }

    /// The colour.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Compliant => Tone::Ok,
            Self::Restricted | Self::Blocked => Tone::Bad,
            Self::OutOfDate | Self::Waiting => Tone::Warn,
            Self::Wiped | Self::Retired | Self::Unknown => Tone::Idle,
        }
    }

    /// The icon.
    pub const fn icon(self) -> Icon {
        match self {
            Self::Compliant => Icon::Ok,
            Self::Restricted => Icon::ShieldOff,
            Self::OutOfDate => Icon::Outdated,
            Self::Waiting => Icon::Waiting,
            Self::Blocked => Icon::Ban,
            Self::Wiped => Icon::Wiped,
            Self::Retired => Icon::Retired,
            Self::Unknown => Icon::Unknown,
        }
    }

    /// The chip for it.
    pub fn chip(self) -> Chip {
        Chip { word: self.word().into(), tone: self.tone(), icon: Some(self.icon()), ..Chip::default() }
    }
}

/// The answer to "why?": shown when a chip is pressed.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/why.html")]
pub struct Why {
    /// Unique in the page. `why` where the answer is a page fragment fetched by a chip's `peek`.
    pub id: String,
    /// The state in a few words.
    pub title: String,
    /// Its colour.
    pub tone: Tone,
    /// Why it is so.
    pub reason: Html,
    /// Since when.
    pub since: Option<Time>,
    /// Which level, rule or person decided.
    pub decided_by: Option<Html>,
    /// What happens next, and when.
    pub next: Option<Html>,
    /// What would fix it.
    pub fix: Option<Html>,
    /// Whether it opens beside what was pressed (otherwise it stands in the page).
    pub floating: bool,
}

/// A state in one word.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/chip.html")]
pub struct Chip {
    /// The word.
    pub word: String,
    /// The colour.
    pub tone: Tone,
    /// The icon; the tone's own when absent.
    pub icon: Option<Icon>,
    /// The explanation, opened by pressing the chip.
    pub why: Option<Why>,
    /// Where the explanation can be fetched, for lists: the page there holds a [`Why`] with the id `why`.
    pub peek: Option<String>,
}

impl Chip {
    /// A chip with the tone's own icon.
    pub fn new(word: impl Into<String>, tone: Tone) -> Self {
        Self { word: word.into(), tone, ..Self::default() }
    }

    /// With an icon of its own.
    pub fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }

    /// With an explanation in the page; `id` is unique there.
    pub fn why(self, id: impl Into<String>, why: Why) -> Self {
        let title = if why.title.is_empty() { self.word.clone() } else { why.title.clone() };
        let why = Why { id: id.into(), title, tone: self.tone, floating: true, ..why };
        Self { why: Some(why), ..self }
    }

    /// With an explanation that is fetched when asked for.
    pub fn peek(self, href: impl Into<String>) -> Self {
        Self { peek: Some(href.into()), ..self }
    }

    fn drawn_icon(&self) -> Icon {
        self.icon.unwrap_or(self.tone.icon())
    }
}

impl askama::filters::HtmlSafe for Tone {}
parts!(Chip, Why);
