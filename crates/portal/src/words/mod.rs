//! The texts, one file a language (Fluent). What the catalogue names has English words there already; other languages
//! have them in a file of their own, under the catalogue's keys.

use std::borrow::Cow;
use std::sync::LazyLock;

use catalog::{CommandKind, Event, Platform, Remedy, RuleId, Target};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use http::{HeaderMap, header};
use unic_langid::LanguageIdentifier;

/// A language that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tongue {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Tongue {
    /// All, in the order of the switch.
    pub const ALL: [Tongue; 2] = [Tongue::En, Tongue::De];

    /// The tag (BCP 47).
    pub fn key(self) -> &'static str {
        match self {
            Tongue::En => "en",
            Tongue::De => "de",
        }
    }
    /// The language in its own words.
    pub fn label(self) -> &'static str {
        match self {
            Tongue::En => "English",
            Tongue::De => "Deutsch",
        }
    }
    /// The one of this tag, whatever its region.
    pub fn from_key(key: &str) -> Option<Self> {
        let bare = key.split('-').next()?.trim();
        Self::ALL.into_iter().find(|tongue| tongue.key().eq_ignore_ascii_case(bare))
    }
    /// The first language of `Accept-Language` that we speak, by weight (RFC 9110, 12.5.4); else English.
    pub fn accepted(headers: &HeaderMap) -> Self {
        let text = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let offers = text.split(',').take(20).filter_map(|offer| {
            let (tag, weight) = offer.split_once(';').unwrap_or((offer, ""));
            let weight: f32 = weight.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.parse().ok())?;
            Some((Self::from_key(tag)?, weight)).filter(|(_, weight)| *weight > 0.0)
        });
        // The first of those that weigh the same.
        offers
            .reduce(|best, next| if next.1 > best.1 { next } else { best })
            .map(|(tongue, _)| tongue)
            .unwrap_or_default()
    }

    /// A text.
    pub fn say(self, key: &str) -> String {
        self.fill(key, &FluentArgs::new())
    }
    /// A text with one value.
    pub fn with<'a>(self, key: &str, name: &'a str, value: impl Into<FluentValue<'a>>) -> String {
        let mut args = FluentArgs::new();
        args.set(name, value);
        self.fill(key, &args)
    }

    /// Whether there is such a text.
    pub fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    fn fill(self, key: &str, args: &FluentArgs<'_>) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned()
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        match self {
            Tongue::En => &ENGLISH,
            Tongue::De => &GERMAN,
        }
    }

    /// The catalogue's words: from the file if it has them, else the English ones.
    fn catalogue(self, key: &str, english: &'static str) -> Cow<'static, str> {
        if self.has(key) { Cow::Owned(self.say(key)) } else { Cow::Borrowed(english) }
    }
    /// What somebody can do so that a rule holds again.
    pub fn remedy(self, remedy: Remedy) -> Cow<'static, str> {
        self.catalogue(&remedy_key(remedy), remedy.info().text)
    }
    /// Why a rule closes something, said to the user.
    pub fn rule(self, rule: RuleId) -> String {
        self.say(&rule_key(rule))
    }
    /// What can be reached.
    pub fn target(self, target: Target) -> Cow<'static, str> {
        self.catalogue(&format!("target-{}", target.key()), target.info().label)
    }
    /// A command.
    pub fn command(self, kind: CommandKind) -> Cow<'static, str> {
        self.catalogue(&command_key(kind), kind.entry().label)
    }
    /// A platform.
    pub fn platform(self, platform: Platform) -> Cow<'static, str> {
        self.catalogue(&format!("platform-{}", platform.key()), platform.label())
    }
    /// An event of the journal, with marks such as `{name}` left in place.
    pub fn event(self, event: &'static Event) -> Cow<'static, str> {
        self.catalogue(&event_key(event), event.label)
    }
}

/// The key of a remedy's text.
pub fn remedy_key(remedy: Remedy) -> String {
    format!("remedy-{}", name_of(&remedy))
}
/// The key of a rule's text.
pub fn rule_key(rule: RuleId) -> String {
    format!("rule-{}", rule.key())
}
/// The key of a command's text.
pub fn command_key(kind: CommandKind) -> String {
    format!("command-{}", name_of(&kind))
}
/// The key of an event's text.
pub fn event_key(event: &Event) -> String {
    format!("event-{}", event.key.replace('.', "-"))
}

/// The stored name of a value of the catalogue.
fn name_of(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The files of each language.
pub const FILES: [(Tongue, &[&str]); 2] = [
    (Tongue::En, &[include_str!("../../texts/en.ftl")]),
    (Tongue::De, &[include_str!("../../texts/de.ftl"), include_str!("../../texts/de-catalogue.ftl")]),
];

static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| read(Tongue::En));
static GERMAN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| read(Tongue::De));

fn read(tongue: Tongue) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = tongue.key().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // No marks around values: they would be copied with names and addresses.
    bundle.set_use_isolating(false);
    let files = FILES.iter().filter(|(t, _)| *t == tongue).flat_map(|(_, files)| files.iter());
    for file in files {
        // What cannot be read of a file is left out; a test reads every file without a mistake.
        let resource = FluentResource::try_new((*file).to_owned()).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests;
