//! What stands around every page.

use askama::Template;

use crate::assets;
use crate::frame::Cx;
use crate::words::Tongue;

/// The frame of a page.
pub struct Layout {
    /// The reader's language.
    pub t: Tongue,
    /// Title of the window.
    pub title: String,
    /// Name of the organization; empty while it is not known.
    pub organization: String,
    /// Token of the forms; empty for who is not signed in.
    pub csrf: String,
    /// Where we are, for the navigation: `devices`, `enroll`, `account`.
    pub here: &'static str,
    /// What has just been done, or why it was not.
    pub note: Option<(&'static str, String)>,
    /// Whether another device can be enrolled from here.
    pub enrols: bool,
    /// Whether terms of use are to be accepted.
    pub terms_due: bool,
}

impl Layout {
    /// For a signed-in user.
    pub fn of(cx: &Cx, here: &'static str, title: String) -> Self {
        Self {
            t: cx.t,
            title,
            organization: cx.organization.name.clone(),
            csrf: cx.csrf().to_owned(),
            here,
            note: cx.done.map(|key| ("ok", cx.t.say(key))),
            enrols: cx.may(catalog::SelfService::Enrol),
            terms_due: engine::terms::is_due(&cx.engine, &cx.user),
        }
    }
    /// For who is not signed in.
    pub fn outside(t: Tongue, title: String, organization: String) -> Self {
        Self {
            t,
            title,
            organization,
            csrf: String::new(),
            here: "",
            note: None,
            enrols: false,
            terms_due: false,
        }
    }
    /// Says what was not done.
    #[must_use]
    pub fn refused(mut self, words: String) -> Self {
        self.note = Some(("bad", words));
        self
    }
    /// An icon of the sprite: always decoration, the word beside it says the same.
    #[expect(clippy::unused_self, reason = "templates call what their values have")]
    pub fn icon(&self, id: &str) -> String {
        let sprite = assets::url("icons.svg");
        format!("<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{sprite}#{id}\"/></svg>")
    }
    /// The languages to switch to.
    pub fn tongues(&self) -> impl Iterator<Item = Tongue> + use<> {
        let here = self.t;
        Tongue::ALL.into_iter().filter(move |tongue| *tongue != here)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    l: Layout,
    text: String,
    home: bool,
}

/// A page that says what went wrong, and leads back.
pub fn error_page(t: Tongue, home: bool, text: &str) -> String {
    let l = Layout::outside(t, t.say("error-title"), String::new());
    ErrorPage { l, text: text.to_owned(), home }.to_string()
}
